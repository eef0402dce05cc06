# SPDX-License-Identifier: Apache-2.0
"""What the visit looks at in a mesh with STRICT mutual TLS: who may call whom, what becomes of
those without a certificate of the mesh, and certificates that are replaced under load."""

import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import demo
from page_load import Load

REVIEWS = "http://reviews:9080/reviews/0"
PORT = 9080
GET = b"GET /reviews/0 HTTP/1.1\r\nhost: reviews:9080\r\n\r\n"
# Private keys: their PEM, the start of a P-256 one's DER (PKCS #8 and SEC 1), and that in base64.
KEYS = (b"PRIVATE KEY", b"MIGHAgEA", b"MHcCAQEE",
        bytes.fromhex("308187020100301306072a8648ce3d020106082a8648ce3d030107"),
        bytes.fromhex("30770201010420"))


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def call_as(bookinfo, account, url=REVIEWS, **environment):
    """(exit status, body, what was said) of `meshctl call` by a workload of that account."""
    result = subprocess.run(
        [bookinfo.meshctl(), "call", url, "--control-plane", bookinfo.control_plane],
        env={**os.environ, "SERVICE_ACCOUNT": account, **environment}, cwd=bookinfo.directory,
        capture_output=True, text=True, timeout=30, check=False)
    return result.returncode, result.stdout, result.stderr.strip()


class Foreign:
    """Another authority, and a certificate of it that claims to be productpage's; elsewhere than
    the mesh's folder. Use it in a `with` statement."""

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory(prefix="bookinfo-foreign-")
        where = pathlib.Path(self.home.name)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-keyout", where / "ca-key.pem", "-out",
                where / "root-cert.pem", "-days", 2, "-subj", "/O=Elsewhere")
        openssl("req", *key, "-keyout", where / "key.pem", "-out", where / "csr", "-subj", "/O=x")
        (where / "extensions").write_text(
            "subjectAltName=URI:spiffe://cluster.local/ns/default/sa/bookinfo-productpage\n"
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\n")
        openssl("x509", "-req", "-in", where / "csr", "-CA", where / "root-cert.pem", "-CAkey",
                where / "ca-key.pem", "-CAcreateserial", "-days", 1, "-extfile",
                where / "extensions", "-out", where / "cert-chain.pem")
        (where / "key.pem").chmod(0o600)
        self.where = where
        return self

    def __exit__(self, *unused):
        self.home.cleanup()

    def files(self):
        return self.where / "cert-chain.pem", self.where / "key.pem"


def raw_answer(address, certificate=None, plaintext=False):
    """What a server answers to somebody who trusts everything: bytes, or the reason of none."""
    try:
        with socket.create_connection((address, PORT), timeout=10) as connection:
            if plaintext:
                connection.sendall(GET)
                return connection.recv(4096) or "closed"
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if certificate:
                context.load_cert_chain(*certificate)
            with context.wrap_socket(connection) as secured:
                secured.sendall(GET)
                return secured.recv(4096) or "closed"
    except ssl.SSLError as error:
        return (error.reason or str(error)).lower().replace("_", " ")
    except OSError as error:
        return os.strerror(error.errno).lower() if error.errno else str(error)


def presented_certificate(bookinfo, address):
    """(SPIFFE ID, serial number) of the certificate that a server shows; the mesh's root has signed
    it, or else this raises."""
    context = ssl.create_default_context(cafile=bookinfo.root_file)
    context.check_hostname = False
    with socket.create_connection((address, PORT), timeout=10) as connection:
        with context.wrap_socket(connection) as secured:
            certificate = secured.getpeercert()
    ids = [value for kind, value in certificate["subjectAltName"] if kind == "URI"]
    return ids[0], certificate["serialNumber"]


def expect(what, holds, seen):
    if not holds:
        raise RuntimeError(f"{what}: {seen}")


def check_refused(what, answer, *reasons):
    expect(what, isinstance(answer, str) and any(r in answer for r in reasons), repr(answer))
    return f"{what}: {answer}"


def check_callers(bookinfo):
    for account in ("bookinfo-details", "bookinfo-reviews", "default"):
        status, body, said = call_as(bookinfo, account)
        expect(f"{account} may not call reviews",
               status == 1 and body == "RBAC: access denied" and "HTTP/1.1 403" in said,
               (status, body, said))
    status, body, said = call_as(bookinfo, "bookinfo-productpage")
    expect("productpage may call reviews", status == 0 and '"version":"v1"' in body, (body, said))
    return "productpage may call reviews, details and others get 403"


def check_servers(bookinfo):
    for program, _, address in demo.SERVICES.values():
        who, _ = presented_certificate(bookinfo, address)
        wanted = f"spiffe://cluster.local/ns/default/sa/bookinfo-{program}"
        expect(f"the certificate of {address}", who == wanted, who)
    return f"{len(demo.SERVICES)} servers show their own certificates"


def check_outsiders(bookinfo):
    """At every port, and as a client of the library."""
    with Foreign() as foreign:
        for _, _, address in demo.SERVICES.values():
            plain = check_refused("plaintext", raw_answer(address, plaintext=True), "closed",
                                  "reset by peer")
            none = check_refused("no certificate", raw_answer(address), "certificate required")
            alien = check_refused("another CA's", raw_answer(address, foreign.files()),
                                  "unknown ca")
        status, body, said = call_as(bookinfo, "bookinfo-productpage",
                                     MESHLIB_IDENTITY=f"files:{foreign.where}")
        expect("a workload with another CA's certificate", status == 1 and not body and
               "certificate" in said, (status, body, said))
        status, body, other = call_as(bookinfo, "bookinfo-productpage", MESHLIB_IDENTITY="none")
        expect("a workload without identity", status == 1 and not body and
               "no identity" in other, (status, body, other))
    reason = said[said.rfind("certificate is"):]
    return f"{plain}; {none}; {alien}, and its own Calls fail: \"{reason}\""


def check_no_keys(bookinfo):
    """Neither in the folder where everything runs, nor in what anything printed."""
    files = [path for path in bookinfo.directory.rglob("*") if path.is_file()]
    found = [str(path) for path in files if any(key in path.read_bytes() for key in KEYS)]
    for process in bookinfo.processes.values():
        text = "\n".join(process.lines).encode()
        found.extend(f"the output of {process.name}" for key in KEYS if key in text)
    expect("private keys", not found, found)
    return f"no key in {len(files)} files and the output of {len(bookinfo.processes)} processes"


def visit_mtls(bookinfo):
    bookinfo.await_page(['id="details"', "Reviewer1", "reviews-v1"])
    for name in demo.SERVICES:  # the page needs one of each only
        bookinfo.processes[name].await_line("serving on")
    return "; ".join((check_servers(bookinfo), check_callers(bookinfo), check_outsiders(bookinfo),
                      check_no_keys(bookinfo)))


def gateway_certificates(bookinfo):
    """How many certificates the gateway says that it got: it shows them to services alone."""
    said = "identity: spiffe://cluster.local/ns/default/sa/bookinfo-gateway until"
    return sum(said in line for line in list(bookinfo.processes["gateway"].lines))


class Certificates:
    """Watches which certificates the services show, and how many the gateway has had. Use it in a
    `with` statement."""

    def __init__(self, bookinfo):
        self.bookinfo, self.stopping, self.error = bookinfo, threading.Event(), None
        self.seen = {name: set() for name in demo.SERVICES}
        self.of_gateway = gateway_certificates(bookinfo)
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.stopping.set()
        self.thread.join()

    def _watch(self):
        while not self.stopping.wait(0.4):
            for name, (_, _, address) in demo.SERVICES.items():
                try:
                    self.seen[name].add(presented_certificate(self.bookinfo, address)[1])
                except (OSError, KeyError, IndexError) as error:
                    self.error = self.error or f"{name}: {error!r}"

    def rotations(self):
        of_services = {name: len(serials) - 1 for name, serials in self.seen.items()}
        return {**of_services, "gateway": gateway_certificates(self.bookinfo) - self.of_gateway}


def visit_rotation(bookinfo, seconds, at_least):
    """Under load, with a look at every server's certificate all the time."""
    bookinfo.await_page(["reviews-v1"])
    start = time.monotonic()
    with Certificates(bookinfo) as certificates, Load(bookinfo.gateway_port) as load:
        took, rotations = 0, certificates.rotations()
        # On a busy machine the watch misses some, so that it takes longer to see enough.
        while took < seconds or (min(rotations.values()) < at_least and took < 2 * seconds):
            time.sleep(0.5)
            bookinfo.check_alive()
            took, rotations = time.monotonic() - start, certificates.rotations()
    failures = load.check_failures()
    expect("the certificates that servers showed", certificates.error is None, certificates.error)
    expect(f"at least {at_least} rotations each", min(rotations.values()) >= at_least, rotations)
    return (f"{min(rotations.values())} to {max(rotations.values())} rotations of each of "
            f"{len(rotations) - 1} servers and the gateway in {took:.0f} s, {failures}; "
            f"{check_no_keys(bookinfo)}")
