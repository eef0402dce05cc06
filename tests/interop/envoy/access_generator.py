# SPDX-License-Identifier: Apache-2.0
"""Seeded RBAC filters, as proto JSON, from everything that meshlib evaluates, and requests that
probe them. The vocabulary is small on purpose, so that policies overlap and requests nearly match."""

import random

# name: (URIs, DNS names, subject); "none": no certificate.
CLIENTS = {
    "product": (["spiffe://cluster.local/ns/default/sa/product"], [], "/O=mesh/CN=product"),
    "reviews": (["spiffe://cluster.local/ns/shop/sa/reviews", "spiffe://other/ns/default/sa/b"],
                ["reviews.example", "*.shop"], "/CN=reviews"),
    "dns": ([], ["product.example"], "/CN=dns"),
    "bare": ([], [], "/C=DE/O=a, b/CN=bare"),
    "none": None,
}
NAMES = ["spiffe://cluster.local/ns/default/sa/product", "spiffe://cluster.local/ns/shop/sa/reviews",
         "spiffe://other/ns/default/sa/b", "reviews.example", "product.example", "CN=dns",
         "CN=product,O=mesh", "O=mesh,CN=product", "spiffe://cluster.local/ns/default/sa/produc",
         "CN=bare,O=a\\, b,C=DE", ""]
NAME_PARTS = ["spiffe://cluster.local/", "/sa/product", "/ns/default/", "CN=", "reviews", "SPIFFE:",
              ".example", "/ns/shop/", "*.shop"]
NAME_REGEXES = [".*/ns/default/.*", ".+", ".*", "spiffe://.+/ns/shop/(.+/|)sa/reviews(/.+)?",
                "spiffe://[^/]*/ns/default/.*", ".*/ns/(default|shop)/sa/.*", "(?i)cn=.*",
                "spiffe://cluster\\.local/.*", "", ".*/ns/defaul.*/sa/.*", "[a-z.]+"]
PATHS = ["/", "/a", "/a/", "/a/b", "/A", "/admin", "/admin/x", "/ab", "/a/b.html", "/item/12",
         "/a//b", "/a/../admin", "/%61dmin", "/a%2fb", "/a%2F..%2Fadmin", "/a%5cb", "//admin",
         "/a/%2e%2e/admin", "/%2fadmin", "/a/./b", "/admin;x=y", "/x/..;/admin", "/%%32f",
         "/%%32%65%%32%65/admin", "/a%252fb", "/%2%66admin", "/a\\b"]
PATH_PARTS = ["/", "/a", "/a/b", "/admin", "/ADMIN", "/item/", ".html", "min", "b", "/a/"]
PATH_REGEXES = ["/a.*", ".*", "/item/[0-9]+", "/(a|admin)(/.*)?", ".*/b.*", "/a", "(?i)/ADMIN",
                ".+admin.*", "/a/{2}b", "[^?]*"]
QUERIES = ["", "", "", "?q=1", "?/admin", "?a=/b"]
HEADERS = {"x-role": ["admin", "user", "ADMIN", "", "admin,user", "caf\xe9", "ad min", "guest"],
           "x-n": ["0", "5", "10", "-3", "x", "5,10"], "x-none": ["x"],
           "user-agent": ["probe", "curl", "probe,curl"], "accept": ["a", "b", "a,b"],
           "cookie": ["a=b", "c=d"],
           ":method": ["GET", "POST", "get"], ":path": ["/a", "/a?q=1", "/admin"],
           ":authority": ["shop", "shop:80", "SHOP"], "host": ["shop", "a.example"],
           ":scheme": ["http", "https"]}
HEADER_REGEXES = ["adm.*", ".*", "admin|user", "[a-z]+", "caf.", "caf\\xe9", "(?i)admin", "a,b",
                  "\\d+", ""]
AUTHORITIES = ["shop", "shop:80", "Shop", "a.example", "10.0.0.1:80"]
SOURCES = ["127.0.0.1", "127.0.0.2", "127.1.2.3"]
RANGES = [("127.0.0.1", 32), ("127.0.0.0", 8), ("127.0.0.2", 31), ("127.1.0.0", 16), ("0.0.0.0", 0),
          ("::", 0), ("203.0.113.0", 24), ("203.0.113.9", 32), ("2001:db8::", 32), ("::1", 128),
          ("127.0.0.1", None), ("127.0.0.3", 99)]
FORWARDED = [None, None, "203.0.113.9", "198.51.100.1, 203.0.113.9", "203.0.113.9,198.51.100.1",
             "2001:db8::5", "unknown", "203.0.113.9, ", "203.0.113.9:80"]
SERVER_NAMES = ["reviews.shop", "outbound_.80_._.shop", "a.example"]
METHODS = ["GET"] * 6 + ["POST", "PUT", "DELETE", "OPTIONS"]


class Generator:
    """Two filters and their requests, all from `seed`. `ports`: those that Envoy listens on."""

    def __init__(self, seed, ports):
        self._r = random.Random(seed)
        self._ports = ports

    def filters(self):
        """Of some, the shadow rules are the rules: they tell which policy matched."""
        return [self._filter() for _ in range(self._r.choice([1, 2, 2]))]

    def requests(self, count, variants):
        return [self._request(self._r.choice(variants)) for _ in range(count)]

    def _filter(self):
        rules = self._rules()
        shadow = rules if self._r.random() < 0.8 else self._rules()
        config = {"rules": rules, "shadow_rules": shadow}
        if self._r.random() < 0.1:
            del config[self._r.choice(["rules", "shadow_rules"])]
        return config

    def _rules(self):
        r = self._r
        count = r.choice([0, 1, 1, 2, 3, 5, 20]) if r.random() < 0.5 else r.choice([1, 2])
        policies = {f"p{n}": {"permissions": self._several(self._permission),
                              "principals": self._several(self._principal)} for n in range(count)}
        return {"action": r.choice(["ALLOW"] * 3 + ["DENY"] * 3 + ["LOG"]), "policies": policies}

    def _several(self, make):
        return [make(0) for _ in range(self._r.choice([1, 1, 1, 2, 3]))]

    def _permission(self, depth):
        return self._rule(depth, self._permission, ("and_rules", "or_rules", "rules", "not_rule"), [
            lambda: {"any": True}, self._header, self._header, self._path, self._path, self._path,
            lambda: {"destination_port": self._port()}, self._port_range,
            lambda: {"destination_ip": self._range()},
            lambda: {"requested_server_name": self._server_name()}])

    def _principal(self, depth):
        return self._rule(depth, self._principal, ("and_ids", "or_ids", "ids", "not_id"), [
            lambda: {"any": True}, self._header, self._path, self._peer, self._peer, self._peer,
            lambda: {"source_ip": self._range()}, lambda: {"direct_remote_ip": self._range()},
            lambda: {"remote_ip": self._range()}])

    def _rule(self, depth, make, names, leaves):
        r = self._r
        all_of, any_of, items, negated = names
        if depth < 3 and r.random() < 0.35:
            kind = r.choice([all_of, any_of, negated])
            if kind == negated:
                return {negated: make(depth + 1)}
            return {kind: {items: [make(depth + 1) for _ in range(r.randint(1, 3))]}}
        return r.choice(leaves)()

    def _port(self):
        return self._r.choice([*self._ports, 80])

    def _port_range(self):
        port = self._port()
        return {"destination_port_range": {"start": port - self._r.choice([0, 0, 1, 10]),
                                           "end": port + self._r.choice([1, 1, 10, 0])}} \
            if self._r.random() < 0.5 else {"destination_port_range": {"start": 0, "end": 65536}}

    def _range(self):
        address, size = self._r.choice(RANGES)
        return {"address_prefix": address, **({} if size is None else {"prefix_len": size})}

    def _string(self, whole, parts, regexes):
        r = self._r
        kind = r.choice(["exact", "exact", "prefix", "suffix", "contains", "safe_regex"])
        if kind == "safe_regex":
            return {"safe_regex": {"regex": r.choice(regexes)}}
        text = r.choice(whole if kind == "exact" else parts)
        return {kind: text, **({"ignore_case": True} if r.random() < 0.2 else {})}

    def _path(self):
        return {"url_path": {"path": self._string(PATHS, PATH_PARTS, PATH_REGEXES)}}

    def _server_name(self):
        return self._string(SERVER_NAMES + [""], ["outbound_", ".shop", "a"], [".*", ".+", "a.*"])

    def _peer(self):
        if self._r.random() < 0.1:
            return {"authenticated": {}}
        name = self._string(NAMES, NAME_PARTS, NAME_REGEXES)
        return {"authenticated": {"principal_name": name}}

    def _header(self):
        r = self._r
        name = r.choice(list(HEADERS))
        matcher = {"name": name}
        kind = r.choice(["present", "range", "string", "string", "string", "old"])
        if kind == "present":
            matcher["present_match"] = r.random() < 0.7
        elif kind == "range":
            matcher["range_match"] = {"start": r.choice([-5, 0, 5]), "end": r.choice([5, 6, 11])}
        elif kind == "string":
            values = [value for value in HEADERS[name] if value.isascii()]
            matcher["string_match"] = self._string(values, ["a", "admin", "1", "user"],
                                                   HEADER_REGEXES)
        else:
            matcher[r.choice(["exact_match", "prefix_match", "suffix_match", "contains_match"])] = \
                r.choice(["admin", "a", "user"])
        if r.random() < 0.2:
            matcher["invert_match"] = True
        if r.random() < 0.15:
            matcher["treat_missing_header_as_empty"] = True
        return {"header": matcher}

    def _request(self, variant):
        r = self._r
        headers = []
        for name in ("x-role", "x-n", "user-agent", "accept", "cookie"):
            for _ in range(r.choice([0, 0, 1, 1, 1, 2, 3])):
                headers.append([name, r.choice(HEADERS[name])])
        forwarded = r.choice(FORWARDED)
        if forwarded is not None:
            headers.append(["x-forwarded-for", forwarded])
        r.shuffle(headers)
        return {"variant": variant, "method": r.choice(METHODS),
                "path": r.choice(PATHS) + r.choice(QUERIES), "authority": r.choice(AUTHORITIES),
                "headers": headers, "source": r.choice(SOURCES),
                "client": r.choice(list(CLIENTS)), "server_name": r.choice(SERVER_NAMES)}
