#!/usr/bin/env python3
"""Runs Bookinfo on this machine: `meshctl serve`, a gateway, and the services, each at a loopback
address of its own so that the ports are the real ones. Usage: demo.py --build BUILD [--port PORT]"""

import argparse
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

# name of the process: (program, arguments, labels, address)
SERVICES = {
    "productpage-v1": ("productpage", [], "app=productpage,version=v1", "127.0.1.1"),
    "details-v1": ("details", [], "app=details,version=v1", "127.0.1.2"),
    "ratings-v1": ("ratings", [], "app=ratings,version=v1", "127.0.1.3"),
    "reviews-v1": ("reviews", ["--version", "v1"], "app=reviews,version=v1", "127.0.1.4"),
    "reviews-v1-b": ("reviews", ["--version", "v1"], "app=reviews,version=v1", "127.0.1.5"),
    "reviews-v2": ("reviews", ["--version", "v2"], "app=reviews,version=v2", "127.0.1.6"),
    "reviews-v3": ("reviews", ["--version", "v3"], "app=reviews,version=v3", "127.0.1.7"),
}


class Process:
    """A child whose output is kept, line by line, and that ends with its owner."""

    def __init__(self, name, command, env=None, echo=False):
        self.name, self.lines, self.echo = name, [], echo
        self.child = subprocess.Popen(command, env={**os.environ, **(env or {})},
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      start_new_session=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.echo:
                print(f"[{self.name}] {line}", end="", flush=True)

    def output(self):
        return "\n".join(self.lines)

    def await_line(self, text, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(text in line for line in list(self.lines)):
                return
            if self.child.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError(f"{self.name}: no line with {text!r}; it printed:\n{self.output()}")

    def stop(self, seconds=15):
        """SIGTERM, and SIGKILL when that does not end it. Returns its exit status."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self.reader.join(1)
        return self.child.returncode

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()


class Bookinfo:
    """All processes of the demo. Use it in a `with` statement: every child is gone afterwards."""

    def __init__(self, build, mesh=HERE / "mesh", ads_port=15010, gateway_port=8080, echo=False):
        self.build = pathlib.Path(build).resolve()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bookinfo-"))
        self.mesh = self.directory / "mesh"
        shutil.copytree(mesh, self.mesh)
        self.ads, self.gateway_port, self.echo = f"127.0.0.1:{ads_port}", gateway_port, echo
        self.processes = {}

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        order = [n for n in self.processes if n not in ("serve", "gateway")] + ["gateway", "serve"]
        for name in order:
            if name in self.processes:
                self.processes[name].kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def meshctl(self):
        return str(self.build / "tools/meshctl/meshctl")

    def start_serve(self):
        process = self._start("serve", [self.meshctl(), "serve", str(self.mesh), "--listen",
                                        self.ads])
        process.await_line("serving")
        return process

    def start_gateway(self):
        return self._start("gateway", [
            self.meshctl(), "gateway", "--control-plane", f"grpc://{self.ads}", "--listen",
            f"127.0.0.1:{self.gateway_port}=80"])

    def start_service(self, name, address=None, suffix=""):
        program, arguments, labels, home = SERVICES[name]
        return self._start(name + suffix,
                           [str(self.build / "examples/bookinfo" / program), *arguments],
                           {"MESHLIB_CONTROL_PLANE": f"grpc://{self.ads}",
                            "MESHLIB_LABELS": labels, "POD_NAME": name + suffix,
                            "INSTANCE_IP": address or home})

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

    def await_page(self, wanted, path="/productpage", seconds=20):
        """Waits until the page holds all of `wanted`; returns it."""
        deadline, page = time.monotonic() + seconds, (0, "")
        while time.monotonic() < deadline:
            page = self.get(path)
            if page[0] == 200 and all(text in page[1] for text in wanted):
                return page[1]
            time.sleep(0.02)
        raise RuntimeError(f"{path} lacks {[t for t in wanted if t not in page[1]]} after "
                           f"{seconds} s: {page[0]} {page[1][-600:]}")

    def use(self, scenario, name="reviews-routes.yaml"):
        """Puts a scenario's file in place, the way an editor writes: at once."""
        fresh = self.mesh / (name + ".new")
        fresh.write_text(scenario)
        os.replace(fresh, self.mesh / name)

    def _start(self, name, command, env=None):
        process = Process(name, command, env, self.echo)
        self.processes[name] = process
        return process


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *unused: stop.set())
    with Bookinfo(options.build, gateway_port=options.port, echo=True) as demo:
        demo.start()
        demo.await_page(['id="details"', "Reviewer1"])
        print(f"""
Bookinfo is at {demo.url()}

Its YAML is in {demo.mesh} and is read again when you change it. Try, in another terminal:
  cp examples/bookinfo/mesh-scenarios/reviews-80-20.yaml {demo.mesh}/reviews-routes.yaml
  cp examples/bookinfo/mesh-scenarios/reviews-jason-v2.yaml {demo.mesh}/reviews-routes.yaml
     (sign in as jason)
  cp examples/bookinfo/mesh-scenarios/ratings-delay.yaml {demo.mesh}/ratings-routes.yaml
  {demo.meshctl()} explain http://reviews:9080/reviews/0 --control-plane grpc://{demo.ads}
  {demo.meshctl()} call http://reviews:9080/reviews/0 -n 1000 -c 8 --control-plane grpc://{demo.ads}
Ctrl-C ends it.
""", flush=True)
        while not stop.wait(0.2):
            for process in demo.processes.values():
                if process.child.poll() is not None:
                    print(f"{process.name} ended with {process.child.returncode}:\n"
                          f"{process.output()}", file=sys.stderr)
                    return 1
    print("all processes have ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
