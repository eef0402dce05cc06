#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges meshlib's routing by a real Envoy: the same tables and requests must lead to the same
decisions, and the same tables must be refused. Prints every kind of difference once, minimized;
exits with 1 when there is any."""

import sys

import bootstrap
import compare
import generator
import judging
import oracle


class Routing(judging.Comparison):
    def compare(self, table, request, answer):
        asked = {**request, "settings": bootstrap.VARIANTS[request["variant"]]}
        return compare.differences(compare.decision_of(answer), self.judge.decide(asked))


def main():
    options = judging.arguments(__doc__, tables=400, requests=70)
    with oracle.Oracle(options.envoy, options.ads, options.directory) as envoy:
        envoy.push(generator.every_cluster())
        routing = Routing(envoy, oracle.Client(envoy.ports),
                          judging.Judge(options.judge, *generator.CLUSTERS))

        def judge_seed(seed):
            source = generator.Generator(seed)
            table = source.table()
            routing.judge_table(seed, table, lambda: source.requests(
                table, options.requests, list(bootstrap.VARIANTS)))

        return judging.run(routing, options, judge_seed,
                           "envoy: {tables} tables ({nacks} refused by Envoy), {requests} requests"
                           " ({malformed} more were malformed),")


if __name__ == "__main__":
    sys.exit(main())
