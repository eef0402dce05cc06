#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A workload of ours and Istio's own control plane and certificate authority.

Usage: run.py --istiod istiod_server --peer istiod_peer --directory STATE
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ARGUMENTS = argparse.ArgumentParser()
ARGUMENTS.add_argument("--istiod", required=True)
ARGUMENTS.add_argument("--peer", required=True)
ARGUMENTS.add_argument("--directory", required=True, type=pathlib.Path)

SERVICE = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: %(name)s, namespace: default}
spec:
  hosts: [%(name)s.example.com]
  location: MESH_INTERNAL
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 9080}]
  resolution: STATIC
  endpoints: [{address: %(address)s, labels: {app: %(app)s}, serviceAccount: %(account)s}]
---
"""
# "mistaken" leads to the server of "guarded" and says that somebody else serves there. Its labels
# are the server's all the same: istiod takes those of a workload from any service at its address.
SERVICES = "".join(
    SERVICE % {"name": name, "address": address, "app": app, "account": account}
    for name, address, app, account in [("reviews", "127.0.0.1", "reviews", "reviews"),
                                        ("guarded", "127.0.71.1", "guarded", "guarded"),
                                        ("mistaken", "127.0.71.1", "guarded", "ratings")])
SECURITY = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mutual, namespace: default}
spec: {host: "*.example.com", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: default}
spec: {mtls: {mode: STRICT}}
"""
POLICY = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers, namespace: default}
spec:
  selector: {matchLabels: {app: guarded}}
  action: ALLOW
  rules: [{from: [{source: {principals: [%s]}}]}]
"""


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_token(key, account, audience="istio-ca", lifetime=3600):
    now = int(time.time())
    claims = {"iss": "kubernetes/serviceaccount", "aud": [audience], "iat": now,
              "exp": now + lifetime, "sub": "system:serviceaccount:" + account.replace("/", ":"),
              "kubernetes.io": {"namespace": account.split("/")[0],
                                "serviceaccount": {"name": account.split("/")[1]}}}
    text = encode(b'{"alg":"HS256"}') + "." + encode(json.dumps(claims).encode())
    return text + "." + encode(hmac.new(key, text.encode(), hashlib.sha256).digest())


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_authority(where):
    """A root and an intermediate, as a plug-in CA of Istio has them."""
    where.mkdir()
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", where / "root-key.pem", "-out",
            where / "root-cert.pem", "-days", 10, "-subj", "/O=Root", "-addext",
            "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", *key, "-keyout", where / "ca-key.pem", "-out", where / "ca.csr", "-subj",
            "/O=Intermediate")
    (where / "extensions").write_text("basicConstraints=critical,CA:true,pathlen:0\n"
                                      "keyUsage=critical,keyCertSign,cRLSign,digitalSignature\n"
                                      "subjectAltName=DNS:istiod.istio-system.svc\n")
    openssl("x509", "-req", "-in", where / "ca.csr", "-CA", where / "root-cert.pem", "-CAkey",
            where / "root-key.pem", "-CAcreateserial", "-days", 5, "-extfile",
            where / "extensions", "-out", where / "ca-cert.pem")
    (where / "cert-chain.pem").write_text((where / "ca-cert.pem").read_text() +
                                          (where / "root-cert.pem").read_text())
    return where / "root-cert.pem"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A process whose output is collected."""

    def __init__(self, command, directory, environment):
        self.output = ""
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            list(map(str, command)), cwd=directory, stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], **environment})
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.output += line
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, text, count=1, seconds=60):
        with self.changed:
            found = self.changed.wait_for(lambda: self.output.count(text) >= count, seconds)
        if not found:
            raise AssertionError(f"waited for {count} x {text!r} in:\n{self.output[-6000:]}")

    def write(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def lines(self, start):
        with self.changed:
            return [line for line in self.output.splitlines() if line.startswith(start)]

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


class Istiod(unittest.TestCase):
    """An istiod that runs while the tests of a class do."""

    trust_domain = "cluster.local"

    @classmethod
    def setUpClass(cls):
        home = ARGUMENTS.directory.resolve() / cls.__name__
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        home.chmod(0o700)
        cls.home, cls.key, cls.port = home, os.urandom(32), free_port()
        (home / "token-key").write_bytes(cls.key)
        (home / "config").mkdir()
        (home / "mesh.yaml").write_text("trustDomain: " + cls.trust_domain)
        cls.account = f"spiffe://{cls.trust_domain}/ns/default/sa/"
        cls.write("services.yaml", SERVICES)
        cls.write("security.yaml", SECURITY)
        cls.allow("friend")
        cls.root = make_authority(home / "authority")
        cls.start()

    @classmethod
    def start(cls):
        home = cls.home
        cls.istiod = Program(
            [pathlib.Path(ARGUMENTS.istiod).resolve(), "-token-key", "token-key", "-config",
             "config", "-mesh-config", "mesh.yaml", "-grpc", f"127.0.0.1:{free_port()}",
             "-secure-grpc", f"127.0.0.1:{cls.port}"],
            home, {"POD_NAMESPACE": "istio-system", "POD_NAME": "istiod-0", "HOME": str(home),
                   "CLUSTER_ID": "Kubernetes", "ROOT_CA_DIR": str(home / "authority"),
                   "PILOT_ENABLE_IP_AUTOALLOCATE": "false"})
        cls.wait_until_it_listens()

    @classmethod
    def wait_until_it_listens(cls):
        try:
            cls.istiod.wait_for("istiod listens")
        except AssertionError:
            cls.istiod.stop()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.istiod.stop()

    @classmethod
    def write(cls, name, text):
        new = cls.home / name
        new.write_text(text)
        new.rename(cls.home / "config" / name)

    @classmethod
    def allow(cls, *accounts):
        """Who may call "guarded"."""
        principals = [f"{cls.trust_domain}/ns/default/sa/{name}" for name in accounts]
        cls.write("policy.yaml", POLICY % ", ".join(principals))

    def join(self, token, account="default/reviews", **environment):
        descriptor, path = tempfile.mkstemp(dir=self.home)
        with os.fdopen(descriptor, "w") as file:
            file.write(token)
        namespace, service_account = account.split("/")
        peer = Program(
            [pathlib.Path(ARGUMENTS.peer).resolve()], self.home,
            {"MESHLIB_CONTROL_PLANE": f"grpcs://127.0.0.1:{self.port}",
             "MESHLIB_SERVER_NAME": "istiod.istio-system.svc",
             "MESHLIB_ROOT_FILE": str(self.root), "MESHLIB_TOKEN_FILE": path,
             "POD_NAME": service_account + "-v1", "POD_NAMESPACE": namespace,
             "SERVICE_ACCOUNT": service_account, "TRUST_DOMAIN": self.trust_domain,
             "INSTANCE_IP": "127.0.0.1", **environment})
        self.addCleanup(peer.stop)
        return peer

    def workload(self, account, **environment):
        return self.join(make_token(self.key, "default/" + account), "default/" + account,
                         **environment)

    def serve(self, **environment):
        server = self.workload("guarded", INSTANCE_IP="127.0.71.1", MESHLIB_LABELS="app=guarded",
                               **environment)
        server.write("serve 9080")
        server.wait_for("serve: 127.0.71.1:9080")
        server.wait_for("identity: " + self.account + "guarded until")
        return server

    def await_answer(self, client, text, url="http://guarded.example.com/", seconds=10):
        """Calls until that is the answer: configuration takes its time."""
        for _ in range(10 * seconds):
            count = len(client.lines("get: "))
            client.write("get " + url)
            client.wait_for("get: ", count + 1)
            answer = client.lines("get: ")[count]
            if text in answer:
                return
            time.sleep(0.1)
        raise AssertionError(f"waited for {text!r}, the last answer is {answer!r}:\n"
                             f"{client.output[-4000:]}")

    def call_and_be_refused(self):
        self.serve()
        friend, stranger = self.workload("friend"), self.workload("stranger")
        self.await_answer(friend, "get: 200 " + self.account + "friend")
        self.await_answer(stranger, "get: 403 RBAC: access denied")
        self.addCleanup(self.allow, "friend")
        self.allow("stranger")
        self.await_answer(stranger, "get: 200 " + self.account + "stranger")
        self.await_answer(friend, "get: 403 RBAC: access denied")


class IstiodTest(Istiod):
    def test_who_may_call_is_let_in_and_others_are_not(self):
        self.call_and_be_refused()

    def test_who_speaks_plaintext_is_not_served(self):
        self.serve()
        self.await_answer(self.workload("friend"), "get: 200")
        with socket.create_connection(("127.0.71.1", 9080), 10) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nhost: guarded.example.com\r\n\r\n")
            plain.settimeout(10)
            try:
                self.assertEqual(plain.recv(100), b"")
            except ConnectionResetError:
                pass

    def test_a_server_with_another_name_is_not_called(self):
        self.serve()
        friend = self.workload("friend")
        self.await_answer(friend, "get: 200")
        self.await_answer(friend, self.account + "ratings", "http://mistaken.example.com/")
        self.assertEqual([line for line in friend.lines("get: 200") if "ratings" in line], [])

    def test_calls_go_on_while_certificates_are_renewed(self):
        server = self.serve(MESHLIB_CERTIFICATE_LIFETIME="6s")
        friend = self.workload("friend", MESHLIB_CERTIFICATE_LIFETIME="6s")
        self.await_answer(friend, "get: 200")
        first = len(friend.lines("get: "))
        for renewals in range(2, 5):
            server.wait_for("identity: " + self.account + "guarded until", renewals)
            friend.write("get http://guarded.example.com/")
            friend.wait_for("get: ", first + renewals - 1)
        self.assertEqual(set(friend.lines("get: ")[first:]),
                         {"get: 200 " + self.account + "friend"})

    def test_calls_go_on_without_istiod_and_follow_the_next_one(self):
        self.serve()
        friend, stranger = self.workload("friend"), self.workload("stranger")
        self.await_answer(friend, "get: 200")
        self.await_answer(stranger, "get: 403")
        self.istiod.stop()
        self.await_answer(friend, "get: 200")
        self.await_answer(stranger, "get: 403")
        self.addCleanup(self.allow, "friend")
        self.allow("stranger")
        self.start()
        self.await_answer(stranger, "get: 200 " + self.account + "stranger", seconds=60)
        self.await_answer(friend, "get: 403")

    def test_a_workload_gets_certificate_and_configuration(self):
        peer = self.join(make_token(self.key, "default/reviews"))
        peer.wait_for("identity: " + self.account + "reviews until")
        peer.write("explain http://reviews.example.com/")
        peer.wait_for("outbound|80||reviews.example.com")

    def test_short_certificates_are_renewed(self):
        peer = self.join(make_token(self.key, "default/reviews"),
                         MESHLIB_CERTIFICATE_LIFETIME="6s")
        peer.wait_for("identity: " + self.account + "reviews until", count=4)
        self.assertNotIn("expired", peer.output)

    def test_a_token_for_somebody_else_is_refused(self):
        peer = self.join(make_token(self.key, "default/reviews", audience="vault"))
        peer.wait_for("identity: ")
        peer.wait_for("there is no certificate yet")
        self.assertNotIn("until", peer.output)

    def test_an_expired_token_is_not_even_sent(self):
        peer = self.join(make_token(self.key, "default/reviews", lifetime=-60))
        peer.wait_for("it expired 1m")

    def test_another_workloads_token_gives_neither(self):
        peer = self.join(make_token(self.key, "default/ratings"))
        peer.wait_for(f"the certificate is for {self.account}ratings, this workload is "
                      f"{self.account}reviews")

    def test_another_root_is_not_trusted(self):
        other = make_authority(self.home / "other")
        peer = self.join(make_token(self.key, "default/reviews"), MESHLIB_ROOT_FILE=str(other))
        peer.wait_for("there is no certificate yet")
        self.assertNotIn("until", peer.output)


class TrustDomainTest(Istiod):
    trust_domain = "td.example"

    def test_who_may_call_is_let_in_and_others_are_not(self):
        self.call_and_be_refused()

    def test_a_workload_of_another_trust_domain_uses_no_certificate(self):
        peer = self.workload("friend", TRUST_DOMAIN="cluster.local")
        peer.wait_for("the certificate is for " + self.account + "friend, this workload is "
                      "spiffe://cluster.local/ns/default/sa/friend")


if __name__ == "__main__":
    ARGUMENTS = ARGUMENTS.parse_args()
    sys.argv = sys.argv[:1]
    unittest.main()
