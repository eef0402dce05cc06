# SPDX-License-Identifier: Apache-2.0
"""What is the same for every judgement by Envoy: generated tables are pushed to both sides, requests
are decided by both, and every kind of difference is printed once, minimized."""

import argparse
import collections
import json
import subprocess
import time

import compare
import minimize

MAX_REPORTS = 10
# What a table or request that minimizing has torn apart can lead to.
_TORN = (ValueError, KeyError, TypeError, IndexError, AttributeError)


class Judge:
    """The program under test, as a process that answers each line of JSON by one."""

    def __init__(self, *command):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, encoding="utf-8")

    def take(self, table_bytes):
        """None, or why the table is refused."""
        return self._ask({"table": table_bytes}).get("nack")

    def decide(self, request):
        return self._ask({"request": request})

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _ask(self, question):
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the judge ended with {self._process.wait()} at {question}")
        return json.loads(answer)


class Comparison:
    """Counts what was compared. Subclasses say what a table is, and what differs."""

    table_name = "table"

    def __init__(self, envoy, client, judge):
        self._envoy, self._client, self.judge = envoy, client, judge
        self.counts = collections.Counter()
        self._reported = set()

    def route_config(self, table):
        """The RouteConfiguration that is pushed for `table`."""
        return table

    def compare(self, table, request, answer):
        """Where our decision on `request` is not Envoy's `answer`: (name, theirs, ours) each."""
        raise NotImplementedError

    def judge_table(self, seed, table, requests):
        """`requests()` generates them, once the table has been accepted."""
        self.counts["tables"] += 1
        try:
            theirs, ours = self._push(table)
        except ValueError as error:
            raise RuntimeError(f"seed {seed} makes no RouteConfiguration: {error}") from error
        if (theirs is None) != (ours is None):
            self._report_verdict(seed, table)
        if theirs is not None:
            self.counts["nacks"] += 1
        if theirs is not None or ours is not None:
            return
        for request in requests():
            found = self._differences(table, request)
            if found:
                self._report_decision(seed, table, request, found)
                self._push(table)  # minimizing pushed others

    def _push(self, table):
        theirs, table_bytes = self._envoy.push(self.route_config(table))
        return theirs, self.judge.take(table_bytes)

    def _differences(self, table, request):
        """Nothing where Envoy refuses the request as such."""
        answer = self._client.ask(request)
        if compare.is_malformed(answer):
            self.counts["malformed"] += 1
            return []
        self.counts["requests"] += 1
        return self.compare(table, request, answer)

    def _is_new(self, kind):
        self.counts["different"] += 1
        if kind in self._reported or len(self._reported) >= MAX_REPORTS:
            return False
        self._reported.add(kind)
        return True

    def _report_verdict(self, seed, table):
        theirs, ours = self._push(table)
        if not self._is_new(("verdict", (theirs or ours or "")[-40:])):
            return

        def fails(smaller):
            try:
                verdicts = self._push(smaller)
            except _TORN:
                return False
            return (verdicts[0] is None) == (theirs is None) and \
                (verdicts[1] is None) == (ours is None)

        small = minimize.minimize(table, fails)
        theirs, ours = self._push(small)
        print(f"\nDIFFERENT VERDICTS (seed {seed})\n  {self.table_name} {json.dumps(small)}"
              f"\n  Envoy: {theirs or 'accepted'}\n  ours:  {ours or 'accepted'}", flush=True)

    def _report_decision(self, seed, table, request, found):
        what = found[0][0]
        if not self._is_new(("decision", what, request["variant"])):
            return

        def fails(case):
            try:
                if self._push(case["table"]) != (None, None):
                    return False
                return what in (one[0] for one in self._differences(case["table"], case["request"]))
            except _TORN:
                return False

        counts = self.counts.copy()
        small = minimize.minimize({"table": table, "request": request}, fails)
        self._push(small["table"])
        print(f"\nDIFFERENT DECISIONS (seed {seed})\n  {self.table_name} {json.dumps(small['table'])}"
              f"\n  request {json.dumps(small['request'])}", flush=True)
        for name, theirs, ours in self._differences(small["table"], small["request"]):
            print(f"  {name}: Envoy {theirs!r}, ours {ours!r}", flush=True)
        self.counts = counts


def arguments(description, tables, requests):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--envoy", required=True, help="the Envoy program")
    parser.add_argument("--ads", required=True, help="the oracle's control plane")
    parser.add_argument("--judge", required=True, help="the program under test")
    parser.add_argument("--directory", required=True, help="for what is made, and for logs")
    parser.add_argument("--seed", type=int, default=1, help="of the first table")
    parser.add_argument("--tables", type=int, default=tables)
    parser.add_argument("--requests", type=int, default=requests, help="of each table")
    return parser.parse_args()


def run(comparison, options, judge_seed, told):
    """Calls `judge_seed(seed)` for each, and tells the counts as `told` words them. The exit
    status."""
    start = time.monotonic()
    for seed in range(options.seed, options.seed + options.tables):
        judge_seed(seed)
    comparison.judge.close()
    # Counter has no item for what was never counted.
    print(told.format_map(comparison.counts) +
          f" {comparison.counts['different']} differences, {time.monotonic() - start:.0f} s")
    return 1 if comparison.counts["different"] else 0
