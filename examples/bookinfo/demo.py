#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Bookinfo on this machine: `meshctl serve`, a gateway, and the services, each at a loopback
address of its own so that the ports are the real ones.
Usage: demo.py --build BUILD [--port PORT] [--strict-mtls LIFETIME]"""

import argparse
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = HERE / "mesh-scenarios"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)

# name of the process: (program, version, address)
SERVICES = {
    "productpage-v1": ("productpage", "v1", "127.0.1.1"),
    "details-v1": ("details", "v1", "127.0.1.2"),
    "ratings-v1": ("ratings", "v1", "127.0.1.3"),
    "reviews-v1": ("reviews", "v1", "127.0.1.4"),
    "reviews-v1-b": ("reviews", "v1", "127.0.1.5"),
    "reviews-v2": ("reviews", "v2", "127.0.1.6"),
    "reviews-v3": ("reviews", "v3", "127.0.1.7"),
}


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A child whose output is kept, line by line. It does not outlive its owner, however that
    ends, and does not hear the owner's Ctrl-C."""

    def __init__(self, name, command, env=None, echo=False, cwd=None):
        self.name, self.lines, self.echo = name, [], echo
        self.child = subprocess.Popen(command, env={**os.environ, **(env or {})}, cwd=cwd,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, start_new_session=True,
                                      preexec_fn=die_with_parent)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.echo:
                print(f"[{self.name}] {line}", end="", flush=True)

    def output(self):
        return "\n".join(self.lines[-30:])

    def has_ended(self):
        return self.child.poll() is not None

    def await_line(self, text, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(text in line for line in list(self.lines)):
                return
            if self.has_ended():
                self.reader.join(1)
                break
            time.sleep(0.01)
        raise RuntimeError(f"{self.name} did not print {text!r} but:\n{self.output()}")

    def terminate(self):
        if not self.has_ended():
            self.child.terminate()

    def wait(self, seconds):
        """Its exit status; kills it when it has not ended by then."""
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self.reader.join(1)
        return self.child.returncode

    def kill(self):
        if not self.has_ended():
            self.child.kill()
        self.child.wait()


class Bookinfo:
    """All processes of the demo. Use it in a `with` statement: every child is gone afterwards.
    With `cert_lifetime` ("24h") every process gets certificates, by the control plane's socket."""

    def __init__(self, build, mesh=HERE / "mesh", ads_port=15010, gateway_port=8080, echo=False,
                 cert_lifetime=None):
        self.build = pathlib.Path(build).resolve()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bookinfo-"))
        self.mesh = self.directory / "mesh"
        shutil.copytree(mesh, self.mesh)
        self.ads, self.gateway_port, self.echo = f"127.0.0.1:{ads_port}", gateway_port, echo
        self.cert_lifetime = cert_lifetime
        self.root_file = self.directory / "root.pem"
        # The directory is its owner's alone, as sockets that issue certificates have to be.
        self.control_plane = (f"unix:{self.directory}/ads.sock" if cert_lifetime
                              else f"grpc://{self.ads}")
        self.processes = {}

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        serve = self.processes.pop("serve", None)
        self._end(list(self.processes.values()))  # with the control plane still there
        self._end([serve] if serve else [])
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def _end(processes):
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + 5
        for process in processes:
            process.wait(max(0.0, deadline - time.monotonic()))

    def meshctl(self):
        return str(self.build / "tools/meshctl/meshctl")

    def start_serve(self):
        where = ["--listen", self.ads]
        if self.cert_lifetime:
            where = ["--unix", self.control_plane.removeprefix("unix:"), "--ca-root",
                     str(self.root_file), "--cert-lifetime", self.cert_lifetime]
        process = self._start("serve", [self.meshctl(), "serve", str(self.mesh), *where])
        process.await_line("serving")
        return process

    def start_gateway(self):
        verbose = ["-v"] if self.cert_lifetime else []  # it says which certificates it has
        return self._start("gateway", [
            self.meshctl(), "gateway", "--control-plane", self.control_plane, "--listen",
            f"127.0.0.1:{self.gateway_port}=80", *verbose], {"SERVICE_ACCOUNT": "bookinfo-gateway"})

    def start_service(self, name, address=None, suffix=""):
        """Starts a service at its own address, or another instance of it elsewhere."""
        program, version, home = SERVICES[name]
        labels = f"app={program},version={version}"
        if self.cert_lifetime:  # what injectors of sidecars add
            labels += ",security.istio.io/tlsMode=istio"
        return self._start(
            name + suffix,
            [str(self.build / "examples/bookinfo" / program), "--version", version],
            {"MESHLIB_CONTROL_PLANE": self.control_plane, "MESHLIB_LABELS": labels,
             "POD_NAME": name + suffix, "INSTANCE_IP": address or home,
             "SERVICE_ACCOUNT": f"bookinfo-{program}"})

    def start(self, services=tuple(SERVICES)):
        self.start_serve()
        for name in services:
            self.start_service(name)
        self.start_gateway()

    def url(self, path="/productpage"):
        return f"http://127.0.0.1:{self.gateway_port}{path}"

    def get(self, path="/productpage", headers=None):
        """(status, text); 0 and the reason when there was no answer."""
        request = urllib.request.Request(self.url(path), headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def await_page(self, wanted, headers=None, seconds=60):
        """Waits until the page holds all of `wanted`; returns it."""
        deadline, page = time.monotonic() + seconds, (0, "")
        while time.monotonic() < deadline:
            self.check_alive()
            page = self.get(headers=headers)
            if page[0] == 200 and all(text in page[1] for text in wanted):
                return page[1]
            time.sleep(0.02)
        raise RuntimeError(f"the page lacks {[t for t in wanted if t not in page[1]]} after "
                           f"{seconds} s: {page[0]} {page[1][-600:]}")

    def check_alive(self):
        for process in list(self.processes.values()):
            if process.has_ended():
                process.reader.join(1)
                raise RuntimeError(f"{process.name} ended with {process.child.returncode}:\n"
                                   f"{process.output()}")

    def use(self, yaml, name="reviews-routes.yaml"):
        """Puts a file into the mesh's directory the way an editor writes: at once."""
        fresh = self.directory / (name + ".new")
        fresh.write_text(yaml)
        os.replace(fresh, self.mesh / name)

    def _start(self, name, command, env=None):
        process = Process(name, command, env, self.echo, self.directory)
        self.processes[name] = process
        return process


def what_to_try(demo):
    control_plane = f"--control-plane {demo.control_plane}"
    scenarios = SCENARIOS.relative_to(HERE.parent.parent)
    return f"""
Bookinfo is at {demo.url()}

Its YAML is in {demo.mesh} and is read again when it changes. In another terminal:
  cp {scenarios}/reviews-80-20.yaml {demo.mesh}/reviews-routes.yaml
  cp {scenarios}/reviews-jason-v2.yaml {demo.mesh}/reviews-routes.yaml     # sign in as jason
  cp {scenarios}/ratings-delay.yaml {demo.mesh}/ratings-routes.yaml
  {demo.meshctl()} explain http://reviews:9080/reviews/0 {control_plane}
  {demo.meshctl()} call http://reviews:9080/reviews/0 -n 1000 -c 8 {control_plane}
Ctrl-C ends it.
"""


def interrupt(*unused):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--strict-mtls", metavar="LIFETIME", help="mutual TLS everywhere, with "
                        "certificates that live that long (24h, 10s)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with Bookinfo(options.build, gateway_port=options.port, echo=True,
                      cert_lifetime=options.strict_mtls) as demo:
            try:
                if options.strict_mtls:
                    demo.use((SCENARIOS / "strict-mtls.yaml").read_text(), "security.yaml")
                demo.start()
                demo.await_page(['id="details"', "Reviewer1"])
                print(what_to_try(demo), flush=True)
                while True:
                    time.sleep(0.2)
                    demo.check_alive()
            finally:  # a second Ctrl-C must not leave children behind
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                print("ending ...", flush=True)
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        print(f"bookinfo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
