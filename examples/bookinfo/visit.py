#!/usr/bin/env python3
"""The scripted visit: real processes, real sockets, every promise of the demo looked at as a user
would. Prints PASS or FAIL a line and exits 0 or 1. Usage: visit.py --build BUILD [--only N,...]"""

import argparse
import collections
import http.client
import json
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import demo

ROOT = demo.HERE.parent.parent
SCENARIOS = demo.HERE / "mesh-scenarios"
VERSION = re.compile(r'id="reviews-version">reviews-(v\d)<')
CLIENTS = 16


class Load:
    """16 clients that read the page over and over. Use it in a `with` statement."""

    def __init__(self, port, complete=True):
        self.port, self.complete = port, complete
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.answers, self.failures = [], []  # (time, version), (time, reason)
        self.threads = [threading.Thread(target=self._read, daemon=True) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _read(self):
        connection = None
        while not self.stopping.is_set():
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port,
                                                                      timeout=15)
                connection.request("GET", "/productpage")
                response = connection.getresponse()
                page = response.read().decode()
                if response.will_close:
                    connection.close()
                    connection = None
                self._judge(response.status, page)
            except (OSError, http.client.HTTPException) as error:
                connection = None
                with self.lock:
                    self.failures.append((time.monotonic(), repr(error)))

    def _judge(self, status, page):
        version = VERSION.search(page)
        notes = re.findall(r'class="note">([^<]*)', page)
        with self.lock:
            if status != 200:
                self.failures.append((time.monotonic(), f"{status} {page[:200]}"))
            elif self.complete and (not version or notes):
                self.failures.append((time.monotonic(), f"incomplete page: {notes}"))
            else:
                self.answers.append((time.monotonic(), version and version.group(1)))

    def count(self):
        with self.lock:
            return len(self.answers)

    def run_for(self, requests, seconds=60):
        """Waits for that many more answers."""
        wanted, deadline = self.count() + requests, time.monotonic() + seconds
        while self.count() < wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{requests} requests took over {seconds} s")
            time.sleep(0.005)

    def since(self, start):
        with self.lock:
            return [version for at, version in self.answers if at >= start]

    def check_failures(self):
        if self.failures:
            kinds = collections.Counter(reason for _, reason in self.failures)
            raise RuntimeError(f"{len(self.failures)} of {len(self.answers)} requests failed: "
                               f"{kinds.most_common(3)}")
        return f"0 of {len(self.answers)} requests failed"


def scenario(name):
    return (SCENARIOS / name).read_text()


def wait_for(what, condition, seconds):
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.005)
    raise RuntimeError(f"{what}: not within {seconds} s")


def visit_page(options):
    with demo.Bookinfo(options.build) as bookinfo:
        bookinfo.use(scenario("reviews-jason-v2.yaml"))
        bookinfo.start()
        page = bookinfo.await_page(["Shakespeare", "123-1234567890", "Reviewer1", "reviews-v1"])
        jason = bookinfo.get(headers={"cookie": "bookinfo-user=jason"})[1]
        if "stars black" not in jason:
            raise RuntimeError("no stars: ratings did not take part")
        return f"details, reviews and ratings are on the page of {len(page)} bytes"


def visit_fixture(options):
    fixture = ROOT / "tests/manifest/testdata/productpage"
    with demo.Bookinfo(options.build, mesh=fixture) as bookinfo:
        bookinfo.start(["productpage-v1"])
        bookinfo.await_page(["The Comedy of Errors"])
        for path in ("/", "/other", "/api"):
            status, _ = bookinfo.get(path)
            if status != 404:
                raise RuntimeError(f"{path} gives {status}, not 404")
        return "the page at /productpage, 404 elsewhere"


def visit_weights(bookinfo):
    bookinfo.use(scenario("reviews-all-v1.yaml"))
    bookinfo.await_page(["reviews-v1"])
    with Load(bookinfo.gateway_port) as load:
        load.run_for(1000)
        before = set(load.since(time.monotonic() - 0.2))
        changed = time.monotonic()
        bookinfo.use(scenario("reviews-80-20.yaml"))
        live = wait_for("v2 after 80/20", lambda: "v2" in load.since(changed), 1)
        time.sleep(max(0.0, 0.3 - live))
        start = time.monotonic()
        load.run_for(10_000, 120)
        versions = load.since(start)[:10_000]
    failures = load.check_failures()
    share = 100 * versions.count("v1") / len(versions)
    if before - {"v1"} or not 78.5 <= share <= 81.5:
        raise RuntimeError(f"before {before}, after {share:.1f}% v1")
    return f"live in {live * 1000:.0f} ms, {share:.1f}% v1 of {len(versions)}, {failures}"


def visit_header(bookinfo):
    bookinfo.use(scenario("reviews-jason-v2.yaml"))
    jason = {"cookie": "bookinfo-user=jason"}
    wait_for("jason gets v2", lambda: "reviews-v2" in bookinfo.get(headers=jason)[1], 5)
    for _ in range(50):
        for headers, version in ((jason, "v2"), ({}, "v1"), ({"cookie": "bookinfo-user=eve"}, "v1")):
            if f"reviews-{version}" not in bookinfo.get(headers=headers)[1]:
                raise RuntimeError(f"{headers} does not get {version}")
    return "jason gets v2, everyone else v1"


def endpoints(bookinfo):
    answer = subprocess.run(
        [bookinfo.meshctl(), "explain", "http://reviews:9080/reviews/0", "--output", "json",
         "--control-plane", f"grpc://{bookinfo.ads}"], capture_output=True, text=True, check=False)
    return {e["address"] for e in json.loads(answer.stdout).get("endpoints", [])}


def visit_kill(bookinfo):
    bookinfo.use(scenario("reviews-timeout-retry.yaml"))
    bookinfo.await_page(["reviews-v1"])
    wait_for("both v1 endpoints", lambda: "127.0.1.5:9080" in endpoints(bookinfo), 5)
    with Load(bookinfo.gateway_port) as load:
        load.run_for(1000)
        bookinfo.processes["reviews-v1-b"].kill()
        gone = wait_for("the endpoint is gone",
                        lambda: "127.0.1.5:9080" not in endpoints(bookinfo), 1)
        load.run_for(1000)
    bookinfo.start_service("reviews-v1-b")
    return f"the endpoint was gone after {gone * 1000:.0f} ms, {load.check_failures()}"


def visit_control_plane(bookinfo):
    bookinfo.use(scenario("reviews-all-v1.yaml"))
    bookinfo.await_page(["reviews-v1"])
    with Load(bookinfo.gateway_port) as load:
        load.run_for(500)
        bookinfo.processes["serve"].kill()
        time.sleep(3)
        bookinfo.start_serve()
        restarted = time.monotonic()
        load.run_for(300)
        bookinfo.use(scenario("reviews-all-v3.yaml"))
        wait_for("v3 after the restart", lambda: "v3" in load.since(restarted), 2)
        flowing = time.monotonic() - restarted
        load.run_for(500)
    if flowing > 2:
        raise RuntimeError(f"updates flowed again after {flowing:.1f} s")
    return f"updates flowed again after {flowing * 1000:.0f} ms, {load.check_failures()}"


def visit_syntax_error(bookinfo):
    bookinfo.use(scenario("reviews-all-v3.yaml"))
    bookinfo.await_page(["reviews-v3"])
    serve = bookinfo.processes["serve"]
    seen = len(serve.lines)
    broken = scenario("reviews-all-v1.yaml").replace("  hosts:", "  hosts: [", 1)
    with Load(bookinfo.gateway_port) as load:
        bookinfo.use(broken)
        place = re.compile(r"reviews-routes\.yaml:\d+:\d+: ")
        wait_for("the place of the error", lambda: any(map(place.search, serve.lines[seen:])), 2)
        line = next(filter(place.search, serve.lines[seen:]))
        start = time.monotonic()
        load.run_for(500)
        if set(load.since(start)) != {"v3"}:
            raise RuntimeError("traffic changed")
        bookinfo.use(scenario("reviews-all-v1.yaml"))
        wait_for("the mended file", lambda: set(load.since(time.monotonic() - 0.1)) == {"v1"}, 3)
    return f"reported as \"{line[line.index('reviews-routes'):][:90]}\", {load.check_failures()}"


def visit_restarts(bookinfo):
    bookinfo.use(scenario("reviews-all-v3.yaml"))
    bookinfo.await_page(["stars red"])
    with Load(bookinfo.gateway_port) as load:
        load.run_for(300)
        for number, (name, service) in enumerate(demo.SERVICES.items(), 1):
            replacement = bookinfo.start_service(name, f"127.0.2.{number}", "-new")
            replacement.await_line("serving on")
            wait_for(f"{name} is replaced", lambda: registered(bookinfo, service, number), 5)
            status = bookinfo.processes[name].stop()
            if status != 0:
                raise RuntimeError(f"{name} ended with {status}: "
                                   f"{bookinfo.processes[name].output()[-500:]}")
            load.run_for(100)
    return f"{len(demo.SERVICES)} processes replaced, {load.check_failures()}"


def registered(bookinfo, service, number):
    answer = subprocess.run(
        [bookinfo.meshctl(), "explain", f"http://{service[0]}:9080/", "--output", "json",
         "--control-plane", f"grpc://{bookinfo.ads}"], capture_output=True, text=True, check=False)
    return f"127.0.2.{number}:9080" in answer.stdout or service[2].split("version=")[1] not in (
        "v3" if service[0] == "reviews" else "v1")


def visit_grpc(options):
    result = subprocess.run(["bash", str(ROOT / "tests/interop/grpc/run"), str(options.build)],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError((result.stdout + result.stderr)[-1500:])
    return result.stdout.strip().splitlines()[-1]


def report(number, title, visit, *arguments):
    try:
        print(f"PASS {number} {title}: {visit(*arguments)}", flush=True)
        return True
    except (RuntimeError, subprocess.SubprocessError, OSError, ValueError) as error:
        print(f"FAIL {number} {title}: {error}", flush=True)
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="1,2,3,4,5,6,7,8")
    options = parser.parse_args()
    options.build = options.build.resolve()
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(1))
    only = {int(n) for n in options.only.split(",")}
    passed = []
    if 1 in only:
        passed.append(report(1, "page through the gateway", visit_page, options))
        passed.append(report(1, "the fixture's manifests alone", visit_fixture, options))
    visits = [(2, "weights change under load", visit_weights), (3, "route by user", visit_header),
              (4, "kill -9 of a service", visit_kill),
              (5, "kill -9 of the control plane", visit_control_plane),
              (6, "a syntax error", visit_syntax_error), (7, "rolling restart", visit_restarts)]
    if only & {2, 3, 4, 5, 6, 7}:
        with demo.Bookinfo(options.build) as bookinfo:
            bookinfo.start()
            bookinfo.await_page(['id="details"', "Reviewer1"])
            for number, title, visit in visits:
                if number in only:
                    passed.append(report(number, title, visit, bookinfo))
    if 8 in only:
        passed.append(report(8, "stock gRPC client and server", visit_grpc, options))
    print(f"{sum(passed)} of {len(passed)} visits passed")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
