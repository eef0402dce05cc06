#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripted visit: real processes, real sockets, every promise of the demo looked at as a user
would. Prints PASS or FAIL a line and exits 0 or 1.
Usage: visit.py --build BUILD [--only N,...] [--long]"""

import argparse
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

import demo
import visit_security
from page_load import Load

TRIES = 3  # of a visit that was too slow

ROOT = demo.HERE.parent.parent
FIXTURE = ROOT / "tests/manifest/testdata/productpage"
PLACE = re.compile(r"reviews-routes\.yaml:\d+:\d+: ")


def scenario(name):
    return (demo.SCENARIOS / f"{name}.yaml").read_text()


def all_to(version):
    return scenario("reviews-all-v1").replace("subset: v1", f"subset: {version}")


class TooSlow(RuntimeError):
    """A promise of time that was not kept, maybe because the machine was busy: the visit is made
    again."""


def wait_for(what, condition, seconds):
    """Returns how long it took."""
    start = time.monotonic()
    holds, took = condition(), time.monotonic() - start
    while not holds and took <= seconds:
        time.sleep(0.005)
        holds, took = condition(), time.monotonic() - start
    if not holds or took > seconds:
        raise TooSlow(f"{what}: {'only after' if holds else 'not within'} {took:.1f} s")
    return took


def milliseconds(seconds):
    return f"{seconds * 1000:.0f} ms"


def visit_page(options):
    with demo.Bookinfo(options.build) as bookinfo:
        bookinfo.use(scenario("reviews-jason-v2"))
        bookinfo.start()
        page = bookinfo.await_page(["Shakespeare", "123-1234567890", "Reviewer1", "reviews-v1"])
        bookinfo.await_page(["stars black", "ratings-v1"], {"cookie": "bookinfo-user=jason"})
        return f"details, reviews and ratings are on the page of {len(page)} bytes"


def visit_fixture(options):
    with demo.Bookinfo(options.build, mesh=FIXTURE) as bookinfo:
        bookinfo.start(["productpage-v1"])
        bookinfo.await_page(["The Comedy of Errors", "productpage-v1"])
        for path in ("/", "/other", "/product"):
            status, _ = bookinfo.get(path)
            if status != 404:
                raise RuntimeError(f"{path} gives {status}, not 404")
        return "the page at /productpage, 404 elsewhere"


def route_all(bookinfo, version):
    """All get v1 or v3 from here on, whatever the routes were before, and whether or not an answer
    of theirs can be the same."""
    for each in ("v3", "v1") if version == "v1" else ("v1", "v3"):
        bookinfo.use(all_to(each))
        bookinfo.await_page([f"reviews-{each}"])


def visit_weights(bookinfo):
    route_all(bookinfo, "v1")
    with Load(bookinfo.gateway_port) as load:
        load.run_for(1000)
        before = set(load.since(0))
        changed = time.monotonic()
        bookinfo.use(scenario("reviews-80-20"))
        live = wait_for("v2 after 80/20", lambda: "v2" in load.since(changed), 1)
        start = time.monotonic() + 0.1  # every client has let go of the old routes by then
        wait_for("10 000 requests", lambda: len(load.since(start)) >= 10_000, 300)
        versions = load.since(start)[:10_000]
    failures = load.check_failures()
    share = versions.count("v1") / 100
    if before != {"v1"} or not 78.5 <= share <= 81.5:
        raise RuntimeError(f"before {before}, after {share:.1f} % to v1")
    return f"live in {milliseconds(live)}, {share:.1f} % of 10 000 to v1, {failures}"


def visit_header(bookinfo):
    route_all(bookinfo, "v3")  # so that neither v1 nor v2 can be an answer of the routes before
    bookinfo.use(scenario("reviews-jason-v2"))
    jason, eve = ({"cookie": f"bookinfo-user={user}"} for user in ("jason", "eve"))
    bookinfo.await_page(["reviews-v2"], jason)
    bookinfo.await_page(["reviews-v1"])
    for _ in range(100):
        for headers, version in ((jason, "v2"), ({}, "v1"), (eve, "v1")):
            status, page = bookinfo.get(headers=headers)
            if f"reviews-{version}<" not in page:
                raise RuntimeError(f"{headers} does not get {version} but {status} {page[-300:]}")
    return "100 times each: jason gets v2, eve and everyone else v1"


class Onlooker:
    """A member of the mesh that is asked what it would do, as `meshctl explain` is. Use it in a
    `with` statement."""

    def __init__(self, bookinfo):
        self.child = subprocess.Popen(
            [bookinfo.meshctl(), "explain", "--batch", "-", "--control-plane",
             f"grpc://{bookinfo.ads}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=demo.die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.child.stdin.close()
        self.child.wait(10)

    def endpoints(self, service):
        """The addresses that a Call to the service may go to now."""
        self.child.stdin.write(json.dumps({"url": f"http://{service}:9080/"}) + "\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        try:
            return {e["address"] for e in json.loads(answer)["endpoints"]}
        except (ValueError, KeyError) as error:
            raise RuntimeError(f"meshctl explain answers {answer!r}") from error


def visit_kill(bookinfo):
    victim = f"{demo.SERVICES['reviews-v1-b'][2]}:9080"
    route_all(bookinfo, "v3")
    bookinfo.use(scenario("reviews-timeout-retry"))
    bookinfo.await_page(["reviews-v1"])
    with Onlooker(bookinfo) as onlooker, Load(bookinfo.gateway_port) as load:
        wait_for("both v1 endpoints", lambda: len(onlooker.endpoints("reviews")) == 2, 30)
        load.run_for(1000)
        killed = time.monotonic()
        bookinfo.processes["reviews-v1-b"].kill()
        try:
            wait_for("the endpoint is gone", lambda: victim not in onlooker.endpoints("reviews"), 1)
            gone = time.monotonic() - killed
            load.run_for(1000)
        finally:  # visits after this one need it
            bookinfo.start_service("reviews-v1-b")
        wait_for("the endpoint is back", lambda: victim in onlooker.endpoints("reviews"), 30)
    return f"the endpoint was gone after {milliseconds(gone)}, {load.check_failures()}"


def visit_control_plane(bookinfo):
    route_all(bookinfo, "v1")
    with Load(bookinfo.gateway_port) as load:
        load.run_for(500)
        bookinfo.processes["serve"].kill()
        time.sleep(3)
        restarted = time.monotonic()
        bookinfo.start_serve()
        bookinfo.use(all_to("v3"))
        wait_for("v3 after the restart", lambda: "v3" in load.since(restarted), 10)
        flowing = time.monotonic() - restarted
        load.run_for(1000)
    failures = load.check_failures()
    if flowing > 2:
        raise TooSlow(f"updates flowed again only after {flowing:.1f} s, {failures}")
    return f"updates flowed again after {milliseconds(flowing)}, {failures}"


def visit_syntax_error(bookinfo):
    route_all(bookinfo, "v3")
    serve = bookinfo.processes["serve"]
    seen = len(serve.lines)
    with Load(bookinfo.gateway_port) as load:
        bookinfo.use(all_to("v1").replace("  hosts:", "  hosts: [", 1))
        reported = wait_for("the place of the error",
                            lambda: any(map(PLACE.search, serve.lines[seen:])), 2)
        line = next(filter(PLACE.search, serve.lines[seen:]))
        start = time.monotonic()
        load.run_for(1000)
        if set(load.since(start)) != {"v3"}:
            raise RuntimeError(f"traffic changed: {set(load.since(start))}")
        changed = time.monotonic()
        bookinfo.use(all_to("v1"))
        mended = wait_for("the mended file", lambda: "v1" in load.since(changed), 2)
    return (f"after {milliseconds(reported)} \"{line[PLACE.search(line).start():][:80]}\", mended "
            f"in {milliseconds(mended)}, {load.check_failures()}")


def visit_restarts(bookinfo):
    """As a Deployment rolls: the new instance is ready before the old one gets its SIGTERM."""
    with Onlooker(bookinfo) as onlooker, Load(bookinfo.gateway_port) as load:
        for number, (name, (service, version, _)) in enumerate(demo.SERVICES.items(), 1):
            if service == "reviews":
                bookinfo.use(all_to(version))
                bookinfo.await_page([f"reviews-{version}"])
            address = f"127.0.2.{number}"
            bookinfo.start_service(name, address, "-new")
            wait_for(f"the new {name}",
                     lambda: f"{address}:9080" in onlooker.endpoints(service), 30)
            old = bookinfo.processes.pop(name)
            old.terminate()
            load.run_for(200)
            if old.wait(15) != 0:
                raise RuntimeError(f"{name} ended with {old.child.returncode}:\n{old.output()}")
        load.run_for(500)
    return f"{len(demo.SERVICES)} processes replaced, {load.check_failures()}"


def visit_grpc(options):
    meshctl = options.build / "tools/meshctl/meshctl"
    result = subprocess.run([sys.executable, str(ROOT / "tests/interop/grpc/run"), str(meshctl)],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError((result.stdout + result.stderr)[-1500:])
    return "; ".join(line.removeprefix("ok: ") for line in result.stdout.splitlines())


def report(number, title, visit, *arguments):
    tries = TRIES
    while True:
        start, tries = time.monotonic(), tries - 1
        try:
            print(f"PASS {number} {title}: {visit(*arguments)} [{time.monotonic() - start:.1f} s]",
                  flush=True)
            return True
        except (RuntimeError, subprocess.SubprocessError, OSError, ValueError) as error:
            again = isinstance(error, TooSlow) and tries > 0
            print(f"{'SLOW' if again else 'FAIL'} {number} {title}: {error}", flush=True)
            if not again:
                return False


VISITS = {
    2: ("weights change under load", visit_weights),
    3: ("route by user", visit_header),
    4: ("kill -9 of a service", visit_kill),
    5: ("kill -9 of the control plane", visit_control_plane),
    6: ("a syntax error", visit_syntax_error),
    7: ("rolling restart", visit_restarts),
}


def run_visits(options, numbers):
    """Those that share one set of processes."""
    with demo.Bookinfo(options.build) as bookinfo:
        bookinfo.start()
        bookinfo.await_page(['id="details"', "Reviewer1"])
        for number in numbers:
            title, visit = VISITS[number]
            passed = report(number, title, visit, bookinfo)
            if not passed and options.verbose:
                for process in bookinfo.processes.values():
                    print(f"--- {process.name}:\n{process.output()}")
            yield passed


def run_security_visits(options, numbers):
    """Those of a mesh with STRICT mutual TLS."""
    lifetime, seconds, at_least = (10, 120, 10) if options.long else (5, 25, 8)
    with demo.Bookinfo(options.build, cert_lifetime=f"{lifetime}s") as bookinfo:
        bookinfo.use(scenario("strict-mtls"), "security.yaml")
        bookinfo.start()
        if 9 in numbers:
            yield report(9, "STRICT mutual TLS and authorization", visit_security.visit_mtls,
                         bookinfo)
        if 10 in numbers:
            yield report(10, f"certificates of {lifetime} s under load",
                         visit_security.visit_rotation, bookinfo, seconds, at_least)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="1,2,3,4,5,6,7,8,9,10")
    parser.add_argument("--long", action="store_true", help="certificates rotate for two minutes")
    parser.add_argument("--verbose", action="store_true", help="print what the processes printed")
    options = parser.parse_args()
    options.build = options.build.resolve()
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(1))
    only = {int(n) for n in options.only.split(",")}
    passed = []
    if 1 in only:
        passed.append(report(1, "the page through the gateway", visit_page, options))
        passed.append(report(1, "the fixture's manifests alone", visit_fixture, options))
    for visits, run in ((set(VISITS), run_visits), ({9, 10}, run_security_visits)):
        numbers = sorted(visits & only)
        try:
            passed.extend(run(options, numbers) if numbers else ())
        except RuntimeError as error:
            print(f"FAIL the demo does not start: {error}", flush=True)
            passed.append(False)
    if 8 in only:
        passed.append(report(8, "stock gRPC client and server", visit_grpc, options))
    print(f"{sum(passed)} of {len(passed)} visits passed")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
