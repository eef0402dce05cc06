# SPDX-License-Identifier: Apache-2.0
"""Certificates of the mesh's authority: right ones by Istio's service, as any agent asks for them,
and wrong ones, each of which is wrong in one way only, with the authority's key."""

import pathlib
import secrets
import subprocess

SERVICE = "istio.v1.auth.IstioCertificateService/CreateCertificate"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def spiffe(account, domain="cluster.local"):
    return f"spiffe://{domain}/ns/default/sa/{account}"


def _varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def _strings_of(message):
    """The strings of field 1, the only one of IstioCertificateResponse."""
    at, strings = 0, []
    while at < len(message):
        if message[at] != 0x0a:
            raise RuntimeError(f"not a certificate chain: {message[at:at + 40]!r}")
        size, shift, at = 0, 0, at + 1
        while True:
            size |= (message[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if message[at - 1] < 128:
                break
        strings.append(message[at:at + size].decode())
        at += size
    return strings


class Credentials:
    """A directory that `files:` reads, and Envoy."""

    def __init__(self, where):
        self.where = pathlib.Path(where)
        self.chain, self.key, self.root = (self.where / name for name in (
            "cert-chain.pem", "key.pem", "root-cert.pem"))


class Authority:
    """`meshctl serve` at `address`, with its --ca-key and --ca-root."""

    def __init__(self, meshctl, address, key, root, directory):
        self.meshctl, self.address, self.key, self.root = meshctl, address, key, root
        self.directory = pathlib.Path(directory)

    def ask(self, account):
        """By token and request, over gRPC."""
        made = self._make(account, account)
        token = subprocess.run(
            [self.meshctl, "token", f"default/{account}", "--ca-key", self.key], check=True,
            capture_output=True, text=True).stdout.strip()
        request = (made.where / "csr").read_bytes()
        message = b"\x0a" + _varint(len(request)) + request + b"\x18" + _varint(3600)
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--http2", "--cacert", str(self.root),
             "--header", "content-type: application/grpc", "--header", "te: trailers",
             "--header", f"authorization: Bearer {token}", "--data-binary", "@-",
             f"https://{self.address}/{SERVICE}"], capture_output=True, check=False,
            input=b"\0" + len(message).to_bytes(4, "big") + message)
        if result.returncode != 0 or len(result.stdout) < 5:
            raise RuntimeError(f"no certificate: {result.stdout!r} {result.stderr.decode()}")
        chain = _strings_of(result.stdout[5:])
        made.chain.write_text("".join(chain[:-1]))
        made.root.write_text(chain[-1])
        return made

    def forge(self, name, account, domain="cluster.local", days=1, authority=None):
        """Signed with the authority's key, or by other Credentials; expired with days = -1."""
        made = self._make(name, account)
        signer, key = (authority.chain, authority.key) if authority else (self.key, self.key)
        (made.where / "extensions").write_text(
            f"subjectAltName=critical,URI:{spiffe(account, domain)}\n"
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\n")
        openssl("x509", "-req", "-in", made.where / "csr", "-CA", signer, "-CAkey", key,
                "-set_serial", secrets.randbits(63), "-days", days, "-extfile",
                made.where / "extensions", "-out", made.chain)
        made.root.write_bytes(pathlib.Path(self.root).read_bytes())
        return made

    def another(self):
        """An authority that nobody here knows."""
        made = self._make("another", "another")
        openssl("req", "-x509", "-key", made.key, "-out", made.chain, "-days", 2, "-subj",
                "/O=Another")
        return made

    def _make(self, name, account):
        made = Credentials(self.directory / name)
        made.where.mkdir(parents=True)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                made.key, "-out", made.where / "csr", "-subj", "/", "-addext",
                f"subjectAltName=critical,URI:{spiffe(account)}")
        made.key.chmod(0o600)
        return made
