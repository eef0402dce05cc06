#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges meshlib's authorization by a real Envoy: the same RBAC filters must allow and refuse the
same requests, by the same policies, and the same filters must be refused. Prints every kind of
difference once, minimized; exits with 1 when there is any."""

import http.client
import pathlib
import socket
import ssl
import subprocess
import sys

import access_generator
import bootstrap
import judging
import oracle

FILTERS = 2
VARIANTS = {name: {"rbac_filters": FILTERS, **settings} for name, settings in {
    "plain": {},
    "forwarding": {"normalize_path": True, "merge_slashes": True,
                   "path_with_escaped_slashes_action": "UNESCAPE_AND_FORWARD"},
    "rejecting": {"normalize_path": True, "path_with_escaped_slashes_action": "REJECT_REQUEST"},
    "redirecting": {"normalize_path": True, "merge_slashes": True,
                    "path_with_escaped_slashes_action": "UNESCAPE_AND_REDIRECT"},
    "trusting": {"use_remote_address": True, "xff_num_trusted_hops": 1, "normalize_path": True},
    "skipping": {"xff_num_trusted_hops": 1},
    "tls": {"tls": True, "normalize_path": True},
}.items()}
# Most requests are made by clients with names.
WEIGHTED = ["tls"] * 8 + list(VARIANTS)
_TYPE = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3."


class Certificates:
    """A CA, Envoy's certificate and those of the clients, made anew in `directory`."""

    def __init__(self, directory):
        self._directory = pathlib.Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._make("ca", "/CN=ca", ["-x509", "-addext", "basicConstraints=critical,CA:TRUE"])
        self._sign("envoy", "/CN=envoy", ["DNS:envoy"])
        for name, names in access_generator.CLIENTS.items():
            if names is not None:
                self._sign(name, names[2], ["URI:" + uri for uri in names[0]] +
                           ["DNS:" + dns for dns in names[1]])

    def file(self, name, ending):
        return str(self._directory / f"{name}.{ending}")

    def tls(self):
        return {"certificate": self.file("envoy", "crt"), "key": self.file("envoy", "key"),
                "ca": self.file("ca", "crt")}

    def _make(self, name, subject, options):
        subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", self.file(name, "key"), "-subj", subject,
                        "-days", "2", "-out", self.file(name, "crt" if "-x509" in options else "csr"),
                        *options], check=True, capture_output=True)

    def _sign(self, name, subject, names):
        self._make(name, subject, [])
        lines = ["extendedKeyUsage=serverAuth,clientAuth"]
        if names:
            lines.append("subjectAltName=" + ",".join(names))
        extensions = self._directory / f"{name}.ext"
        extensions.write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run(["openssl", "x509", "-req", "-in", self.file(name, "csr"),
                        "-CA", self.file("ca", "crt"), "-CAkey", self.file("ca", "key"),
                        "-CAcreateserial", "-days", "1", "-extfile", str(extensions),
                        "-out", self.file(name, "crt")], check=True, capture_output=True)


class Client(oracle.Client):
    """A connection for each source address, certificate and server name."""

    def __init__(self, ports, certificates):
        super().__init__(ports)
        self._certificates = certificates
        self._contexts = {}

    def ask(self, request):
        for attempt in range(2):
            try:
                return self._exchange(self._connect_as(request), request)
            except (ConnectionError, http.client.HTTPException):
                self._connections.pop(self._key(request)).close()
                if attempt == 1:
                    raise

    @staticmethod
    def _key(request):
        names = ("variant", "source")
        if VARIANTS[request["variant"]].get("tls"):
            names += ("client", "server_name")
        return tuple(request[name] for name in names)

    def _connect_as(self, request):
        key = self._key(request)
        connection = self._connections.get(key)
        if connection is None:
            port = self._ports[request["variant"]]
            connection = _Connection("127.0.0.1", port, timeout=20,
                                     source_address=(request["source"], 0))
            if len(key) > 2:
                connection.tls = self._context(request["client"])
                connection.server_name = request["server_name"]
            connection.connect()
            self._connections[key] = connection
        return connection

    def _context(self, client):
        context = self._contexts.get(client)
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            if access_generator.CLIENTS[client] is not None:
                context.load_cert_chain(self._certificates.file(client, "crt"),
                                        self._certificates.file(client, "key"))
            self._contexts[client] = context
        return context


class _Connection(http.client.HTTPConnection):
    tls = None
    server_name = None

    def connect(self):
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.server_name)


def asked_of(request, port):
    """The request as access_judge is told of it."""
    settings = VARIANTS[request["variant"]]
    asked = {**request, "settings": settings, "port": port}
    if settings.get("tls"):
        uris, dns, subject = access_generator.CLIENTS[request["client"]] or ([], [], "")
        asked["peer"] = {"uris": uris, "dns": dns, "subject": _rfc2253(subject)}
    else:
        asked["server_name"] = ""
    return asked


def _rfc2253(subject):
    """"/O=a, b/CN=c" -> "CN=c,O=a\\, b"."""
    parts = [part.replace(",", "\\,") for part in subject.split("/") if part]
    return ",".join(reversed(parts))


def table_of(filters):
    """A RouteConfiguration whose one route has the filters."""
    overrides = {f"rbac{n}": {"@type": _TYPE + "RBACPerRoute",
                              "rbac": {"shadow_rules_stat_prefix": f"s{n}_", **config}}
                 for n, config in enumerate(filters)}
    return {
        "response_headers_to_add": [{"header": {"key": key, "value": value}}
                                    for key, value in bootstrap.SHADOW.items()],
        "virtual_hosts": [{
            "name": "all", "domains": ["*"], "typed_per_filter_config": overrides,
            "routes": [{"match": {"prefix": ""}, "route": {"cluster": "red"}}]}],
    }


def decision_of(answer, filters):
    """Envoy's answer in the form of access_judge's decisions."""
    first = dict(reversed(answer["headers"]))
    decision = {"status": answer["status"]}
    if answer["status"] == 307:
        decision["location"] = first.get("location", "")
    if answer["status"] == 403:
        decision["details"] = first.get("x-oracle-details", "")
    if answer["status"] == 200:  # refusals do not tell
        decision["shadow"] = _shadow(first, len(filters))
        actions = [config.get("rules", {}).get("action") for config in filters]
        if actions.count("LOG") == 1:
            decision["logged"] = first.get("x-oracle-logged") == "true"
    return decision


def _shadow(headers, count):
    """The first refusal of shadow rules, or else the first that allowed."""
    results = [(headers.get(f"x-oracle-result{n}", "-"), headers.get(f"x-oracle-policy{n}", "-"))
               for n in range(count)]
    told = [(result, "" if policy == "-" else policy) for result, policy in results
            if result not in ("-", "")]
    refused = [one for one in told if one[0] == "denied"]
    return list((refused or told or [("none", "")])[0])


class Access(judging.Comparison):
    table_name = "filters"

    def route_config(self, table):
        return table_of(table)

    def compare(self, table, request, answer):
        decision = decision_of(answer, table)
        self.counts["refused"] += decision["status"] == 403
        ours = self.judge.decide(asked_of(request, self._envoy.ports[request["variant"]]))
        return [(key, decision.get(key), ours.get(key)) for key in decision
                if decision.get(key) != ours.get(key)]


def main():
    options = judging.arguments(__doc__, tables=300, requests=30)
    certificates = Certificates(pathlib.Path(options.directory) / "certificates")
    with oracle.Oracle(options.envoy, options.ads, options.directory, VARIANTS,
                       certificates.tls()) as envoy:
        envoy.push(table_of([]))
        access = Access(envoy, Client(envoy.ports, certificates), judging.Judge(options.judge))
        ports = [envoy.ports[name] for name in VARIANTS]

        def judge_seed(seed):
            source = access_generator.Generator(seed, ports)
            access.judge_table(seed, source.filters(),
                               lambda: source.requests(options.requests, WEIGHTED))

        return judging.run(access, options, judge_seed,
                           "access: {tables} policies ({nacks} refused by Envoy), {requests} requests"
                           " ({refused} refused, {malformed} more were malformed),")


if __name__ == "__main__":
    sys.exit(main())
