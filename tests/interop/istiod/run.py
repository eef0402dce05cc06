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
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews.example.com]
  ports: [{number: 9080, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [{address: 127.0.0.1}]
"""
URL = "http://reviews.example.com:9080/"


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
    """A process whose output is collected; it ends when its input does, or by stop()."""

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

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stdout.close()

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


class IstiodTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = ARGUMENTS.directory.resolve()
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        home.chmod(0o700)
        cls.home, cls.key, cls.port = home, os.urandom(32), free_port()
        (home / "token-key").write_bytes(cls.key)
        (home / "config").mkdir()
        (home / "config" / "reviews.yaml").write_text(SERVICE)
        cls.root = make_authority(home / "authority")
        cls.istiod = Program(
            [pathlib.Path(ARGUMENTS.istiod).resolve(), "-token-key", "token-key", "-config",
             "config", "-grpc", f"127.0.0.1:{free_port()}", "-secure-grpc",
             f"127.0.0.1:{cls.port}"],
            home, {"POD_NAMESPACE": "istio-system", "POD_NAME": "istiod-0", "HOME": str(home),
                   "CLUSTER_ID": "Kubernetes", "ROOT_CA_DIR": str(home / "authority"),
                   "PILOT_ENABLE_IP_AUTOALLOCATE": "false"})
        cls.wait_until_it_listens()

    @classmethod
    def wait_until_it_listens(cls):
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", cls.port)) == 0:
                    return
            if cls.istiod.process.poll() is not None:
                break
            time.sleep(0.1)
        cls.istiod.stop()
        raise AssertionError("istiod does not listen:\n" + cls.istiod.output[-6000:])

    @classmethod
    def tearDownClass(cls):
        cls.istiod.stop()

    def join(self, token, account="default/reviews", **environment):
        path = self.home / "token"
        path.write_text(token)
        path.chmod(0o600)
        namespace, service_account = account.split("/")
        peer = Program(
            [pathlib.Path(ARGUMENTS.peer).resolve(), URL], self.home,
            {"MESHLIB_CONTROL_PLANE": f"grpcs://127.0.0.1:{self.port}",
             "MESHLIB_SERVER_NAME": "istiod.istio-system.svc",
             "MESHLIB_ROOT_FILE": str(self.root), "MESHLIB_TOKEN_FILE": str(path),
             "POD_NAME": "reviews-v1", "POD_NAMESPACE": namespace,
             "SERVICE_ACCOUNT": service_account, "INSTANCE_IP": "127.0.0.1",
             "ISTIO_META_GENERATOR": "grpc", "ISTIO_META_CLUSTER_ID": "Kubernetes",
             **environment})
        self.addCleanup(peer.stop)
        return peer

    def test_a_workload_gets_certificate_and_configuration(self):
        peer = self.join(make_token(self.key, "default/reviews"))
        peer.wait_for("identity: spiffe://cluster.local/ns/default/sa/reviews until")
        peer.wait_for("outbound|9080||reviews.example.com")

    def test_short_certificates_are_renewed(self):
        peer = self.join(make_token(self.key, "default/reviews"),
                         MESHLIB_CERTIFICATE_LIFETIME="6s")
        peer.wait_for("identity: spiffe://cluster.local/ns/default/sa/reviews until", count=4)
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
        peer.wait_for("the certificate is for spiffe://cluster.local/ns/default/sa/ratings, this "
                      "workload is spiffe://cluster.local/ns/default/sa/reviews")

    def test_another_root_is_not_trusted(self):
        other = make_authority(self.home / "other")
        peer = self.join(make_token(self.key, "default/reviews"), MESHLIB_ROOT_FILE=str(other))
        peer.wait_for("there is no certificate yet")
        self.assertNotIn("until", peer.output)


if __name__ == "__main__":
    ARGUMENTS = ARGUMENTS.parse_args()
    sys.argv = sys.argv[:1]
    unittest.main()
