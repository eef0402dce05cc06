#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How workloads get certificates of `meshctl serve`. Usage: identity_story.py MESHCTL"""

import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

MESHCTL = sys.argv[1]
ID = "spiffe://cluster.local/ns/{}/sa/{}"

# How a P-256 private key looks in PEM, and in DER (RFC 5915, RFC 5208) as bytes and as base64.
DER = [bytes.fromhex("30770201010420"),
       bytes.fromhex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420")]
KEY_MARKS = [b"PRIVATE KEY", *DER, b"MHcCAQEEI", b"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQ"]


def inherited():
    """No more of the environment than programs, and sanitizers in them, need."""
    names = ("PATH", "TSAN_OPTIONS", "ASAN_OPTIONS", "UBSAN_OPTIONS")
    return {name: os.environ[name] for name in names if name in os.environ}


class Program:
    """A meshctl that runs until it is stopped. `output` is both of its streams."""

    def __init__(self, *arguments, directory, **environment):
        self.output = ""
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            [MESHCTL, *map(str, arguments)], cwd=directory, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            env={**inherited(), "TMPDIR": str(directory), **environment})
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.output += line
                self.changed.notify_all()

    def wait_for(self, text, count=1, seconds=60):
        with self.changed:
            found = self.changed.wait_for(lambda: self.output.count(text) >= count, seconds)
        if not found:
            raise AssertionError(f"waited for {count} x {text!r} in:\n{self.output}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stdout.close()


def token(account, key, *arguments):
    return subprocess.run([MESHCTL, "token", account, "--ca-key", str(key), *arguments],
                          capture_output=True, text=True, timeout=20, check=False)


class IdentityStory(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()  # mode 0700
        self.addCleanup(self.temporary.cleanup)
        self.home = pathlib.Path(self.temporary.name)
        (self.home / "mesh").mkdir()
        (self.home / "mesh" / "empty.yaml").write_text("")

    def start(self, *arguments, **environment):
        program = Program(*arguments, directory=self.home, **environment)
        self.addCleanup(program.stop)
        return program

    def serve(self, *arguments):
        server = self.start("serve", "mesh", "-v", *arguments)
        server.wait_for("serving mesh on")
        return server

    def serve_tls(self, *arguments):
        server = self.serve("--listen-tls", "127.0.0.1:0", "--ca-key", "ca.pem", "--ca-root",
                            "root.pem", *arguments)
        return server, server.output.split("grpcs://")[1].split()[0]

    # A member that does nothing but be one.
    def join(self, control_plane, *arguments, **environment):
        return self.start("gateway", "--listen", "127.0.0.1:0=80", "--control-plane",
                          control_plane, *arguments, **environment)

    def write_token(self, account, *arguments):
        issued = token(account, self.home / "ca.pem", *arguments)
        self.assertEqual(issued.returncode, 0, issued.stderr)
        path = self.home / "token"
        path.write_text(issued.stdout)
        path.chmod(0o600)

    def credentials(self):
        return {"MESHLIB_ROOT_FILE": str(self.home / "root.pem"),
                "MESHLIB_TOKEN_FILE": str(self.home / "token")}

    def test_a_unix_socket_issues_to_whom_its_callers_say_they_are(self):
        server = self.serve("--unix", "ads.sock")
        self.join("unix:" + str(self.home / "ads.sock"), POD_NAMESPACE="shop",
                  SERVICE_ACCOUNT="cart")
        server.wait_for("issued " + ID.format("shop", "cart"))

    def test_certificates_of_seconds_are_renewed_in_seconds(self):
        server = self.serve("--unix", "ads.sock", "--cert-lifetime", "2s")
        member = self.join("unix:" + str(self.home / "ads.sock"))
        server.wait_for("issued", count=4)
        self.assertNotIn("identity", member.output)

    def test_over_tls_a_token_says_who_it_is(self):
        server, address = self.serve_tls()
        self.write_token("shop/cart")
        self.join("grpcs://" + address, POD_NAMESPACE="shop", SERVICE_ACCOUNT="cart",
                  **self.credentials())
        server.wait_for("issued " + ID.format("shop", "cart"))

    def test_the_serving_certificate_is_renewed_without_a_restart(self):
        server, address = self.serve_tls("--cert-lifetime", "2s")
        self.write_token("shop/cart")
        self.join("grpcs://" + address, POD_NAMESPACE="shop", SERVICE_ACCOUNT="cart",
                  **self.credentials())
        host, port = address.rsplit(":", 1)
        shown, count = set(), 0
        while len(shown) < 3 and count < 20:  # a slow handshake may skip one
            count += 1
            server.wait_for("the serving certificate is valid until", count=count)
            shown.add(ssl.get_server_certificate((host, int(port))))
        self.assertEqual(len(shown), 3)
        server.wait_for("issued " + ID.format("shop", "cart"), count=4)

    def test_a_gateway_says_which_certificates_it_has(self):
        self.serve("--unix", "ads.sock", "--cert-lifetime", "2s")
        member = self.join("unix:" + str(self.home / "ads.sock"), "-v")
        member.wait_for("identity: " + ID.format("default", "default") + " until", count=3)

    def report(self, **environment):
        return subprocess.run(
            [MESHCTL, "report", "--control-plane", "unix:" + str(self.home / "ads.sock")],
            capture_output=True, text=True, timeout=30, check=False,
            env={**inherited(), **environment})

    def test_the_report_says_who_it_is_or_why_nobody(self):
        self.serve("--unix", "ads.sock")
        report = self.report(SERVICE_ACCOUNT="cart")
        self.assertEqual(report.returncode, 0, report.stderr)
        self.assertIn("identity: " + ID.format("default", "cart") + " until 2", report.stdout)
        report = self.report(MESHLIB_IDENTITY=f"files:{self.home}/mesh")
        self.assertEqual(report.returncode, 1, report.stdout)
        self.assertIn("identity: no certificate, failed once", report.stdout)
        self.assertIn("No such file", report.stdout)

    def test_another_account_than_the_tokens_is_denied_aloud(self):
        server, address = self.serve_tls()
        self.write_token("shop/cart")
        member = self.join("grpcs://" + address, POD_NAMESPACE="shop", SERVICE_ACCOUNT="root",
                           **self.credentials())
        member.wait_for("this workload is " + ID.format("shop", "root"))
        member.wait_for("its token is for shop/cart")
        self.assertNotIn("issued " + ID.format("shop", "root"), server.output)

    def test_bad_token_files_are_named_with_their_cause(self):
        _, address = self.serve_tls()
        path = self.home / "token"
        self.write_token("default/default")
        good = path.read_text()
        for text, mode, cause in [(None, 0, "No such file"), ("\n", 0o600, "it is empty"),
                                  (good, 0o644, "chmod 600"), ("a b", 0o600, "it is no token"),
                                  ("opaque", 0o600, "no JWT")]:
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text)
                path.chmod(mode)
            member = Program("gateway", "--listen", "127.0.0.1:0=80", "--control-plane",
                             "grpcs://" + address, directory=self.home, **self.credentials())
            try:
                member.wait_for(cause)
                self.assertNotIn(good.strip(), member.output)
            finally:
                member.stop()

    def test_a_directory_that_others_can_enter_gets_no_certificates(self):
        shared = self.home / "shared"
        shared.mkdir()
        shared.chmod(0o755)
        server = self.serve("--unix", shared / "ads.sock")
        self.assertIn("no certificates are issued there", server.output)

    def test_plaintext_tcp_issues_nothing(self):
        server = self.serve("--listen", "127.0.0.1:0")
        address = server.output.split(" on ")[1].split()[0]
        member = self.start("gateway", "--listen", "127.0.0.1:0=80", "--control-plane",
                            "grpc://" + address, MESHLIB_IDENTITY="grpcs://" + address,
                            MESHLIB_TOKEN_FILE="none", MESHLIB_ROOT_FILE="mesh/empty.yaml")
        member.wait_for("identity: ")
        self.assertNotIn("issued", server.output)

    def test_malformed_requests_for_tokens_are_refused(self):
        self.serve_tls()
        self.assertIn("NAMESPACE/SERVICEACCOUNT", token("cart", self.home / "ca.pem").stderr)
        self.assertIn("is not there", token("a/b", self.home / "none").stderr)
        self.assertIn("--lifetime", token("a/b", self.home / "ca.pem", "--lifetime", "x").stderr)
        self.assertNotEqual(token("a/b/c", self.home / "ca.pem").returncode, 0)
        (self.home / "ca.pem").chmod(0o644)
        self.assertIn("chmod 600", token("a/b", self.home / "ca.pem").stderr)

    def keys_in(self, programs):
        """The files, and outputs, in which a private key is seen."""
        found = [p.name for p in self.home.rglob("*")
                 if p.is_file() and any(mark in p.read_bytes() for mark in KEY_MARKS)]
        return found + ["output" for p in programs
                        if any(mark in p.output.encode() for mark in KEY_MARKS)]

    def test_no_private_key_is_in_any_file_or_output(self):
        server = self.serve("--unix", "ads.sock", "--cert-lifetime", "2s", "--ca-root", "root.pem")
        member = self.join("unix:" + str(self.home / "ads.sock"), HOME=str(self.home))
        server.wait_for("issued", count=3)
        self.assertEqual(self.keys_in([server, member]), [])

    def test_the_key_of_the_authority_is_in_its_file_alone(self):
        server, address = self.serve_tls()
        self.write_token("default/default")
        member = self.join("grpcs://" + address, **self.credentials())
        server.wait_for("issued")
        self.assertEqual(self.keys_in([server, member]), ["ca.pem"])
        self.assertEqual((self.home / "ca.pem").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    unittest.main()
