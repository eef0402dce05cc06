#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges meshlib's routing by a real Envoy: the same tables and requests must lead to the same
decisions, and the same tables must be refused. Prints every kind of difference once, minimized;
exits with 1 when there is any."""

import argparse
import json
import subprocess
import sys
import time

import bootstrap
import compare
import generator
import minimize
import oracle

MAX_REPORTS = 10


class Judge:
    """The program under test, as a process."""

    def __init__(self, program):
        self._process = subprocess.Popen([program, *generator.CLUSTERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, encoding="utf-8")

    def take(self, table_bytes):
        """None, or why the table is refused."""
        return self._ask({"table": table_bytes}).get("nack")

    def decide(self, request):
        settings = bootstrap.VARIANTS[request["variant"]]
        return self._ask({"request": {**request, "settings": settings}})

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def _ask(self, question):
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"route_judge ended with {self._process.wait()} at {question}")
        return json.loads(answer)


class Comparison:
    def __init__(self, envoy, judge):
        self._envoy = envoy
        self._client = oracle.Client(envoy.ports)
        self._judge = judge
        self.tables = self.nacks = self.requests = self.malformed = 0
        self.different = 0
        self._reported = set()

    def table(self, seed, requests):
        source = generator.Generator(seed)
        table = source.table()
        self.tables += 1
        try:
            theirs, ours = self._push(table)
        except ValueError as error:
            raise RuntimeError(f"seed {seed} makes no RouteConfiguration: {error}") from error
        if (theirs is None) != (ours is None):
            self._report_verdict(seed, table)
        if theirs is not None:
            self.nacks += 1
            return
        if ours is not None:
            return
        for request in source.requests(table, requests, list(bootstrap.VARIANTS)):
            found = self._differences(request)
            if found:
                self._report_decision(seed, table, request, found)
                self._push(table)  # minimizing pushed others

    def _push(self, table):
        theirs, table_bytes = self._envoy.push(table)
        return theirs, self._judge.take(table_bytes)

    def _differences(self, request):
        """Nothing where Envoy refuses the request as such."""
        answer = self._client.ask(request)
        if compare.is_malformed(answer):
            self.malformed += 1
            return []
        self.requests += 1
        return compare.differences(compare.decision_of(answer), self._judge.decide(request))

    def _is_new(self, kind):
        self.different += 1
        if kind in self._reported or len(self._reported) >= MAX_REPORTS:
            return False
        self._reported.add(kind)
        return True

    def _report_verdict(self, seed, table):
        theirs, ours = self._push(table)
        kind = ("verdict", (theirs or ours or "")[-40:])
        if not self._is_new(kind):
            return

        def fails(smaller):
            try:
                verdicts = self._push(smaller)
            except ValueError:
                return False
            return (verdicts[0] is None) == (theirs is None) and \
                (verdicts[1] is None) == (ours is None)

        small = minimize.minimize(table, fails)
        theirs, ours = self._push(small)
        print(f"\nDIFFERENT VERDICTS (seed {seed})\n  table {json.dumps(small)}"
              f"\n  Envoy: {theirs or 'accepted'}\n  ours:  {ours or 'accepted'}", flush=True)

    def _report_decision(self, seed, table, request, found):
        what = found[0][0]
        if not self._is_new(("decision", what)):
            return

        def fails(case):
            try:
                if self._push(case["table"]) != (None, None):
                    return False
                return what in (one[0] for one in self._differences(case["request"]))
            except (ValueError, KeyError, TypeError, IndexError):
                return False

        counts = self.requests, self.malformed
        small = minimize.minimize({"table": table, "request": request}, fails)
        self._push(small["table"])
        print(f"\nDIFFERENT DECISIONS (seed {seed})\n  table   {json.dumps(small['table'])}"
              f"\n  request {json.dumps(small['request'])}", flush=True)
        for name, theirs, ours in self._differences(small["request"]):
            print(f"  {name}: Envoy {theirs!r}, ours {ours!r}", flush=True)
        self.requests, self.malformed = counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--envoy", required=True, help="the Envoy program")
    parser.add_argument("--ads", required=True, help="the oracle's control plane")
    parser.add_argument("--judge", required=True, help="route_judge")
    parser.add_argument("--directory", required=True, help="for configuration and logs")
    parser.add_argument("--seed", type=int, default=1, help="of the first table")
    parser.add_argument("--tables", type=int, default=400)
    parser.add_argument("--requests", type=int, default=70, help="of each table")
    options = parser.parse_args()

    start = time.monotonic()
    with oracle.Oracle(options.envoy, options.ads, options.directory) as envoy:
        envoy.push(generator.every_cluster())
        judge = Judge(options.judge)
        comparison = Comparison(envoy, judge)
        for seed in range(options.seed, options.seed + options.tables):
            comparison.table(seed, options.requests)
        judge.close()
    c = comparison
    print(f"envoy: {c.tables} tables ({c.nacks} refused by Envoy), {c.requests} requests"
          f" ({c.malformed} more were malformed), {c.different} differences,"
          f" {time.monotonic() - start:.0f} s")
    return 1 if c.different else 0


if __name__ == "__main__":
    sys.exit(main())
