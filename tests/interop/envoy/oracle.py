# SPDX-License-Identifier: Apache-2.0
"""The oracle: a real Envoy and its control plane, as processes of this one."""

import base64
import http.client
import json
import pathlib
import socket
import subprocess
import time

import bootstrap

START_TIMEOUT = 60


class Oracle:
    """Starts both processes; ends them on leaving the `with` block. `directory` takes their
    configuration and logs; `variants` and `tls` are those of bootstrap()."""

    def __init__(self, envoy, ads, directory, variants=None, tls=None):
        self._variants, self._tls = variants or bootstrap.VARIANTS, tls
        self._directory = pathlib.Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self.ports = _free_ports(["ads", "push", "echo", "admin", *self._variants])
        self._processes = []
        try:
            self._start_ads(ads)
            self._start_envoy(envoy)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(timeout=60)

    def push(self, table):
        """Envoy's verdict on a RouteConfiguration in proto JSON: (nack or None, wire format in
        base64). ValueError: it is no RouteConfiguration at all."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["push"])
        connection.request("POST", "/push", json.dumps(table))
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.status == 400:
            raise ValueError(text.decode())
        if response.status != 200:
            raise RuntimeError(f"control plane: {response.status} {text.decode()}")
        answer = json.loads(text)
        return answer.get("nack"), answer["bytes"]

    def _start_ads(self, program):
        arguments = [f"--{flag}=127.0.0.1:{self.ports[port]}"
                     for flag, port in (("ads", "ads"), ("http", "push"), ("echo", "echo"))]
        log = open(self._directory / "ads.log", "w", encoding="utf-8")
        process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, stderr=log)
        self._processes.append(process)
        if process.stdout.readline().strip() != b"ready":
            raise RuntimeError(f"the control plane did not start: {log.name}")

    def _start_envoy(self, program):
        config = self._directory / "bootstrap.json"
        text = bootstrap.bootstrap(self.ports, self._variants, self._tls)
        config.write_text(json.dumps(text, indent=1), encoding="utf-8")
        log = open(self._directory / "envoy.log", "w", encoding="utf-8")
        self._processes.append(subprocess.Popen(
            [program, "-c", config, "--use-dynamic-base-id", "--concurrency", "1",
             "--log-level", "error"], stdout=log, stderr=log))
        deadline = time.monotonic() + START_TIMEOUT
        while not self._is_ready():
            if self._processes[-1].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Envoy did not start: {log.name}")
            time.sleep(0.05)
        # Listeners open with their first RouteConfiguration.
        self.push({"virtual_hosts": []})

    def _is_ready(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports["admin"])
            connection.request("GET", "/stats?filter=control_plane.connected_state")
            return b"connected_state: 1" in connection.getresponse().read()
        except OSError:
            return False


class Client:
    """A keep-alive connection to each listener. Not for several threads."""

    def __init__(self, ports):
        self._ports = ports
        self._connections = {}

    def ask(self, request):
        """Sends {"variant", "method", "path", "authority", "headers": [[name, value]...]}; returns
        {"status", "headers": [...], "arrived": [line...] or None}: `arrived` is the head that came
        out at the other side."""
        for attempt in range(2):
            connection = self._connect(request["variant"])
            try:
                return self._exchange(connection, request)
            except (ConnectionError, http.client.HTTPException):
                self._connections.pop(request["variant"]).close()
                if attempt == 1:
                    raise

    def close(self):
        for connection in self._connections.values():
            connection.close()

    def _connect(self, variant):
        connection = self._connections.get(variant)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._ports[variant], timeout=20)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[variant] = connection
        return connection

    @staticmethod
    def _exchange(connection, request):
        head = [f"{request['method']} {request['path']} HTTP/1.1",
                f"host: {request['authority']}",
                *(f"{name}: {value}" for name, value in request["headers"])]
        if request["method"] in ("POST", "PUT", "PATCH"):
            head.append("content-length: 0")
        connection.sock.sendall(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
        response = http.client.HTTPResponse(connection.sock, method=request["method"])
        response.begin()
        response.read()
        headers = [(name.lower(), value) for name, value in response.getheaders()]
        if response.will_close:
            connection.close()
            connection.connect()
        echo = response.getheader("x-echo")
        arrived = base64.b64decode(echo).decode("latin-1").splitlines() if echo else None
        return {"status": response.status, "headers": headers, "arrived": arrived}


def _free_ports(names):
    sockets = [socket.socket() for _ in names]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = dict(zip(names, (s.getsockname()[1] for s in sockets)))
    for s in sockets:
        s.close()
    return ports
