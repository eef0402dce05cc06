#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Envoy and meshlib as sidecars of one mesh: each calls the other by mutual TLS, and refuses
whoever has the wrong certificate, or none. A line for each case with the reason that was seen.

Usage: run.py --envoy ENVOY --meshctl meshctl --server mtls_server --directory STATE"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time

import envoy_sidecars as sidecars
from certificates import Authority, Credentials, spiffe

SERVERS = {"strict": "127.0.3.1", "permissive": "127.0.3.2"}  # ours
PORT = 9080

# Services that are Envoy's: (name, whether clients are told that it has mutual TLS).
ENVOY_SERVICES = {"strict": True, "permissive": True, "permissive-plain": False,
                  "strict-plain": False, "no-tls": True, "wrong-domain": True, "wrong-id": True,
                  "expired": True, "another-ca": True, "strict-simple": True,
                  "permissive-simple": True, "strict-wrong-domain": True, "strict-expired": True,
                  "strict-another-ca": True}
# Those that are the listener of another name, called otherwise.
ALIASES = {"permissive-plain": "permissive", "permissive-simple": "permissive",
           "strict-plain": "strict", "strict-simple": "strict", "strict-wrong-domain": "strict",
           "strict-expired": "strict", "strict-another-ca": "strict"}

POLICIES = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: permissive}
spec: {selector: {matchLabels: {app: permissive}}, mtls: {mode: PERMISSIVE}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers}
spec:
  selector: {matchLabels: {app: strict}}
  rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/envoy]}}]}]
"""


def service_yaml(name):
    return f"""---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{name: http, port: {PORT}}}]}}
"""


def entry_yaml(name, port, tls):
    account = ", serviceAccount: envoy" if tls else ""
    return f"""---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: {name}}}
spec:
  hosts: [{name}.test]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP, targetPort: {port}}}]
  endpoints: [{{address: 127.0.0.1{account}}}]
"""


def credulous_yaml(name, credentials=None):
    """Clients of it believe every server, and show the certificate that is given, or none."""
    tls = "mode: SIMPLE"
    if credentials:
        tls = (f"mode: MUTUAL, clientCertificate: {credentials.chain}, "
               f"privateKey: {credentials.key}")
    return f"""---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: {name}}}
spec: {{host: {name}.test, trafficPolicy: {{tls: {{{tls}, insecureSkipVerify: true}}}}}}
"""


def free_ports(names):
    with contextlib.ExitStack() as stack:
        sockets = {name: stack.enter_context(socket.socket()) for name in names}
        for one in sockets.values():
            one.bind(("127.0.0.1", 0))
        return {name: one.getsockname()[1] for name, one in sockets.items()}


class Program:
    """A process, whose output is kept. It ends when its input does, or by a signal."""

    def __init__(self, name, command, environment=None):
        self.name, self.lines = name, []
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env={"PATH": os.environ["PATH"], **(environment or {})})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def output(self):
        return "\n".join(self.lines[-40:])

    def wait_for(self, what, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: waited for {what}:\n{self.output()}")
            time.sleep(0.02)

    def wait_until_says(self, text):
        self.wait_for(repr(text), lambda: self.says(text))

    def says(self, text):
        return any(text in line for line in list(self.lines))

    def stop(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stdout.close()


class Mesh:
    """The authority and control plane, Envoy, and two servers of ours."""

    def __init__(self, options, stack):
        self.options, self.stack = options, stack
        self.home = options.directory.resolve()
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True, mode=0o700)
        self.home.chmod(0o700)
        self.ports = free_ports(["admin", "control", "outbound", *ENVOY_SERVICES])
        self.ports.update({name: self.ports[same] for name, same in ALIASES.items()})
        self.control_plane = f"unix:{self.home}/ads.sock"
        self._start_control_plane()
        self._make_certificates()
        self._start_envoy()
        self.servers = {}
        for name in SERVERS:
            self.start_server(name)

    def run(self, name, command, environment=None):
        program = Program(name, command, environment)
        self.stack.callback(program.stop)
        return program

    def _start_control_plane(self):
        mesh, key, root = (self.home / name for name in ("mesh", "ca.pem", "root.pem"))
        mesh.mkdir()
        entries = [entry_yaml(name, self.ports[name], tls) for name, tls in ENVOY_SERVICES.items()]
        rules = [credulous_yaml("strict-simple"), credulous_yaml("permissive-simple"), *(
            credulous_yaml(f"strict-{name}", Credentials(self.home / "certificates" / name))
            for name in ("wrong-domain", "expired", "another-ca"))]
        (mesh / "mesh.yaml").write_text("".join([
            POLICIES, *map(service_yaml, SERVERS), *entries, *rules]))
        address = f"127.0.0.1:{self.ports['control']}"
        serve = self.run("meshctl serve", [
            self.options.meshctl, "serve", mesh, "--unix", self.home / "ads.sock", "--listen-tls",
            address, "--ca-key", key, "--ca-root", root])
        serve.wait_until_says("serving")
        self.authority = Authority(self.options.meshctl, address, key, root,
                                   self.home / "certificates")

    def _make_certificates(self):
        forge, another = self.authority.forge, self.authority.another()
        self.certificates = {
            "right": self.authority.ask("envoy"),
            "wrong-domain": forge("wrong-domain", "envoy", domain="elsewhere.example"),
            "wrong-id": forge("wrong-id", "somebody"),
            "expired": forge("expired", "envoy", days=-1),
            "another-ca": forge("another-ca", "envoy", authority=another)}

    def _start_envoy(self):
        config = self.home / "bootstrap.json"
        config.write_text(json.dumps(self._bootstrap(), indent=1))
        envoy = self.run("Envoy", [self.options.envoy, "-c", config, "--use-dynamic-base-id",
                                   "--concurrency", "1", "--log-level", "error"])
        envoy.wait_for("/ready", lambda: self._fetch(self.ports["admin"], "/ready")[0] == 200)
        self.envoy = envoy

    def _bootstrap(self):
        ports, right, root = self.ports, self.certificates["right"], self.authority.root
        listeners = [sidecars.strict(name, ports[name], self.certificates[certificate], root,
                                     spiffe("client"))
                     for name, certificate in (("strict", "right"), ("wrong-domain",) * 2,
                                               ("wrong-id",) * 2, ("expired",) * 2,
                                               ("another-ca",) * 2)]
        listeners += [sidecars.permissive("permissive", ports["permissive"], right, root),
                      sidecars.plaintext("no-tls", ports["no-tls"])]
        clusters = [sidecars.cluster("nobody", None)]
        for server, address in SERVERS.items():
            sni = f"outbound_.{PORT}_._.{server}.default.svc.cluster.local"
            for name, certificate in {**self.certificates, "none": None}.items():
                clusters.append(sidecars.cluster(
                    f"{server}-{name}", (address, PORT),
                    (certificate, root, spiffe(server), sni)))
            clusters.append(sidecars.cluster(
                f"{server}-other-server", (address, PORT), (right, root, spiffe("other"), sni)))
            clusters.append(sidecars.cluster(f"{server}-plaintext", (address, PORT)))
        names = [one["name"] for one in clusters if one["name"] != "nobody"]
        listeners.append(sidecars.outbound(ports["outbound"], names))
        return sidecars.bootstrap(ports["admin"], listeners, clusters)

    def start_server(self, name):
        """In place of the one that may be there."""
        if name in self.servers:
            self.servers[name].stop()
        server = self.run(f"mtls_server {name}", [self.options.server, PORT], {
            "MESHLIB_CONTROL_PLANE": self.control_plane, "POD_NAME": name,
            "INSTANCE_IP": SERVERS[name], "SERVICE_ACCOUNT": name,
            "MESHLIB_LABELS": f"app={name}"})
        self.servers[name] = server
        # Without its certificate it would refuse, and say so.
        server.wait_until_says("identity: spiffe://")
        server.wait_for("a call of Envoy", lambda: self.envoy_calls(name, "right")[0] == 200)

    def refusal_of(self, name):
        """What our server says of a client that it refused."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for line in list(self.servers[name].lines):
                if " refused " in line:
                    return line
            time.sleep(0.02)
        return "the server tells of nobody"

    @staticmethod
    def _fetch(port, path):
        """(status, body) from this machine; 0 and the reason."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except OSError as error:
            return 0, str(error)

    def envoy_calls(self, server, client):
        return self._fetch(self.ports["outbound"], f"/{server}-{client}")

    def we_call(self, host, account="client", identity=None):
        """(whether there was a good answer, what was said)."""
        environment = {"PATH": os.environ["PATH"], "SERVICE_ACCOUNT": account}
        if identity:
            environment["MESHLIB_IDENTITY"] = identity
        result = subprocess.run(
            [self.options.meshctl, "call", f"http://{host}.test/", "--control-plane",
             self.control_plane], env=environment, capture_output=True, text=True, timeout=40,
            check=False)
        said = " ".join(result.stderr.split()) + " | " + result.stdout.strip()
        return result.returncode == 0, said


class Cases:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, seen, wanted):
        """`wanted` are all to be in what was seen: "this", "this or that"."""
        missing = [text for text in wanted if not any(one in seen for one in text.split(" or "))]
        self.passed += not missing
        self.failed += bool(missing)
        tail = f"   (lacks {missing})" if missing else ""
        print(f"{'FAIL' if missing else 'PASS'} {what}: {seen}{tail}", flush=True)


def files(mesh, name):
    return f"files:{mesh.certificates[name].where}"


def call_envoy(mesh, cases):
    """Ours is the client."""
    rows = [
        ("STRICT", "strict", {}, True, ["x-chain: strict", spiffe("client")]),
        ("PERMISSIVE, by mutual TLS", "permissive", {}, True,
         ["x-chain: mutual TLS", spiffe("client")]),
        ("PERMISSIVE, in plaintext", "permissive-plain", {}, True, ["x-chain: plaintext"]),
        ("STRICT, as somebody else", "strict", {"account": "somebody"}, False,
         ["HTTP/1.1 403", "RBAC: access denied"]),
        ("STRICT, without a certificate", "strict-simple", {}, False, ["certificate_required"]),
        ("PERMISSIVE, by TLS that is not Istio's", "permissive-simple", {}, False,
         ["reset by peer or closed"]),
        ("STRICT, in plaintext", "strict-plain", {}, False, ["reset by peer or closed"]),
        ("STRICT, showing another trust domain's certificate", "strict-wrong-domain", {}, False,
         ["refused us: alert certificate_unknown"]),
        ("STRICT, showing an expired certificate", "strict-expired", {}, False,
         ["refused us: alert certificate_expired"]),
        ("STRICT, showing another authority's certificate", "strict-another-ca", {}, False,
         ["refused us: alert unknown_ca"]),
        ("STRICT, of another trust domain", "strict",
         {"identity": files(mesh, "wrong-domain")}, False,
         ["refused us: alert certificate_unknown"]),
        ("STRICT, of another authority", "strict", {"identity": files(mesh, "another-ca")}, False,
         ["not trusted"]),
        ("STRICT, with an expired certificate", "strict", {"identity": files(mesh, "expired")},
         False, ["expired"]),
        ("STRICT, without an identity", "strict", {"identity": "none"}, False,
         ["the workload has no identity"]),
        ("that has no TLS", "no-tls", {}, False, ["TLS"]),
        ("of another trust domain", "wrong-domain", {}, False, ["elsewhere.example"]),
        ("with another SPIFFE ID", "wrong-id", {}, False, [spiffe("somebody")]),
        ("with an expired certificate", "expired", {}, False, ["expired"]),
        ("of another authority", "another-ca", {}, False, ["not trusted"]),
    ]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = list(pool.map(lambda row: mesh.we_call(row[1], **row[2]), rows))
    for (what, _, _, answered, wanted), (good, said) in zip(rows, calls):
        outcome = "answered" if good else "refused"
        cases.check(f"we call Envoy, {what}", f"{outcome}: {said}",
                    ["answered: " if answered else "refused: ", *wanted])


def call_us(mesh, cases):
    """Envoy is the client."""
    envoy = spiffe("envoy")
    rows = [
        ("STRICT", "strict", "right", 200, f"peer {envoy}"),
        ("PERMISSIVE, by mutual TLS", "permissive", "right", 200, f"peer {envoy}"),
        ("PERMISSIVE, in plaintext", "permissive", "plaintext", 200, "peer nobody"),
        ("STRICT, as somebody else", "strict", "wrong-id", 403, "RBAC: access denied"),
        ("STRICT, without a certificate", "strict", "none", 503, "no certificate"),
        ("STRICT, in plaintext", "strict", "plaintext", 503, "no filter chain"),
        ("STRICT, of another trust domain", "strict", "wrong-domain", 503, "elsewhere.example"),
        ("STRICT, with an expired certificate", "strict", "expired", 503, "expired"),
        ("STRICT, of another authority", "strict", "another-ca", 503, "not trusted"),
        ("STRICT, expecting another SPIFFE ID", "strict", "other-server", 503,
         "CERTIFICATE_VERIFY_FAILED"),
        ("PERMISSIVE, without a certificate", "permissive", "none", 503, "no certificate"),
        ("PERMISSIVE, with an expired certificate", "permissive", "expired", 503, "expired"),
    ]
    for what, server, client, status, wanted in rows:
        if status != 200:
            mesh.start_server(server)  # each process says only the first reason of a kind
        seen = " ".join(map(str, mesh.envoy_calls(server, client)))
        if status != 200:
            seen += " | " + mesh.refusal_of(server)
        cases.check(f"Envoy calls us, {what}", seen, [f"{status} ", wanted])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("envoy", "meshctl", "server", "directory"):
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path)
    options = parser.parse_args()
    start, cases = time.monotonic(), Cases()
    with contextlib.ExitStack() as stack:
        mesh = Mesh(options, stack)
        try:
            call_us(mesh, cases)
            call_envoy(mesh, cases)
        finally:
            if cases.failed or sys.exc_info()[0]:
                for program in (mesh.envoy, *mesh.servers.values()):
                    print(f"--- {program.name}:\n{program.output()}", flush=True)
    print(f"mtls: {cases.passed} passed, {cases.failed} failed, {time.monotonic() - start:.0f} s")
    return 1 if cases.failed or not cases.passed else 0


if __name__ == "__main__":
    sys.exit(main())
