#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges meshlib's authorization by a real Envoy: the same RBAC filters must allow and refuse the
same requests, by the same policies, and the same filters must be refused. Prints every kind of
difference once, minimized; exits with 1 when there is any."""

import argparse
import http.client
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import time

import access_generator
import bootstrap
import compare
import minimize
import oracle

MAX_REPORTS = 10
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


class Judge:
    """The program under test, as a process."""

    def __init__(self, program, ports):
        self._ports = ports
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, encoding="utf-8")

    def take(self, table_bytes):
        """None, or why the filters are refused."""
        return self._ask({"table": table_bytes}).get("nack")

    def decide(self, request):
        settings = VARIANTS[request["variant"]]
        asked = {**request, "settings": settings, "port": self._ports[request["variant"]]}
        names = access_generator.CLIENTS[request["client"]]
        if settings.get("tls"):
            uris, dns, subject = names or ([], [], "")
            asked["peer"] = {"uris": uris, "dns": dns, "subject": _rfc2253(subject)}
        else:
            asked["server_name"] = ""
        return self._ask({"request": asked})

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def _ask(self, question):
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"access_judge ended with {self._process.wait()} at {question}")
        return json.loads(answer)


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


class Comparison:
    def __init__(self, envoy, client, judge):
        self._envoy, self._client, self._judge = envoy, client, judge
        self.tables = self.nacks = self.requests = self.refused = self.malformed = 0
        self.different = 0
        self._reported = set()

    def table(self, seed, requests):
        ports = [self._envoy.ports[name] for name in VARIANTS]
        source = access_generator.Generator(seed, ports)
        filters = source.filters()
        self.tables += 1
        theirs, ours = self._push(filters)
        if (theirs is None) != (ours is None):
            self._report_verdict(seed, filters)
        if theirs is not None:
            self.nacks += 1
            return
        if ours is not None:
            return
        for request in source.requests(requests, WEIGHTED):
            found = self._differences(filters, request)
            if found:
                self._report_decision(seed, filters, request, found)
                self._push(filters)  # minimizing pushed others

    def _push(self, filters):
        theirs, table_bytes = self._envoy.push(table_of(filters))
        return theirs, self._judge.take(table_bytes)

    def _differences(self, filters, request):
        answer = self._client.ask(request)
        if compare.is_malformed(answer):
            self.malformed += 1
            return []
        self.requests += 1
        decision = decision_of(answer, filters)
        self.refused += decision["status"] == 403
        ours = self._judge.decide(request)
        return [(key, decision.get(key), ours.get(key)) for key in decision
                if decision.get(key) != ours.get(key)]

    def _is_new(self, kind):
        self.different += 1
        if kind in self._reported or len(self._reported) >= MAX_REPORTS:
            return False
        self._reported.add(kind)
        return True

    def _report_verdict(self, seed, filters):
        theirs, ours = self._push(filters)
        if not self._is_new(("verdict", (theirs or ours or "")[-40:])):
            return

        def fails(smaller):
            try:
                verdicts = self._push(smaller)
            except (ValueError, AttributeError):
                return False
            return (verdicts[0] is None) == (theirs is None) and \
                (verdicts[1] is None) == (ours is None)

        small = minimize.minimize(filters, fails)
        theirs, ours = self._push(small)
        print(f"\nDIFFERENT VERDICTS (seed {seed})\n  filters {json.dumps(small)}"
              f"\n  Envoy: {theirs or 'accepted'}\n  ours:  {ours or 'accepted'}", flush=True)

    def _report_decision(self, seed, filters, request, found):
        what = found[0][0]
        if not self._is_new(("decision", what, request["variant"])):
            return

        def fails(case):
            try:
                if self._push(case["filters"]) != (None, None):
                    return False
                return what in (one[0] for one in self._differences(case["filters"],
                                                                    case["request"]))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError):
                return False

        counts = self.requests, self.refused, self.malformed
        small = minimize.minimize({"filters": filters, "request": request}, fails)
        self._push(small["filters"])
        print(f"\nDIFFERENT DECISIONS (seed {seed})\n  filters {json.dumps(small['filters'])}"
              f"\n  request {json.dumps(small['request'])}", flush=True)
        for name, theirs, ours in self._differences(small["filters"], small["request"]):
            print(f"  {name}: Envoy {theirs!r}, ours {ours!r}", flush=True)
        self.requests, self.refused, self.malformed = counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--envoy", required=True, help="the Envoy program")
    parser.add_argument("--ads", required=True, help="the oracle's control plane")
    parser.add_argument("--judge", required=True, help="access_judge")
    parser.add_argument("--directory", required=True, help="for certificates, configuration, logs")
    parser.add_argument("--seed", type=int, default=1, help="of the first filters")
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--requests", type=int, default=30, help="of each table")
    options = parser.parse_args()

    start = time.monotonic()
    certificates = Certificates(pathlib.Path(options.directory) / "certificates")
    with oracle.Oracle(options.envoy, options.ads, options.directory, VARIANTS,
                       certificates.tls()) as envoy:
        envoy.push(table_of([]))
        judge = Judge(options.judge, envoy.ports)
        comparison = Comparison(envoy, Client(envoy.ports, certificates), judge)
        for seed in range(options.seed, options.seed + options.tables):
            comparison.table(seed, options.requests)
        judge.close()
    c = comparison
    print(f"access: {c.tables} policies ({c.nacks} refused by Envoy), {c.requests} requests"
          f" ({c.refused} refused, {c.malformed} more were malformed), {c.different} differences,"
          f" {time.monotonic() - start:.0f} s")
    return 1 if c.different else 0


if __name__ == "__main__":
    sys.exit(main())
