# SPDX-License-Identifier: Apache-2.0
"""Seeded RouteConfigurations, as proto JSON, from everything that routes, and requests that probe
them. The vocabulary is small on purpose, so that routes overlap and requests nearly match."""

import random

import poison

DOMAINS = ["shop.example.com", "shop.example.com:8080", "api.example.com", "*.example.com",
           "*-x.example.com", "*.b.example.com", "shop.*", "sh*", "*", "SHOP.Test", "[::1]",
           "[::1]:80", "*.b.c", "reviews", "reviews:9080", "reviews.default.svc.cluster.local",
           "10.0.0.1", "10.0.0.1:80", "*.svc.cluster.local", "reviews.*"]
HOSTS = ["shop.example.com", "shop.example.com:8080", "shop.example.com:80", "SHOP.example.com",
         "a-x.example.com", "-x.example.com", ".example.com", "b.example.com", "a.b.example.com",
         "shop.org", "shop.", "sh", "shx", "shop.test", "[::1]", "[::1]:80", "[::1]:81", "b.c",
         "a.b.c", "a.b.c:80", "reviews", "reviews:9080", "reviews:80", "reviews.default",
         "reviews.default.svc.cluster.local", "reviews.default.svc.cluster.local:9080", "10.0.0.1",
         "10.0.0.1:80", "10.0.0.1:8080", "other.svc.cluster.local.", "elsewhere.org:443"]
PATHS = ["/", "/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/ab", "/A", "/A/b", "/abc", "/item/1",
         "/item/12", "/item/", "/item/x", "/api/v1/users", "/api/v1", "/api/v2/users/7", "/x%20y",
         "/a;p=1", "/a.b", "/acb", "/c", "/reviews/0", "/Reviews/0"]
ODD_PATHS = ["//", "//a", "/a//b", "/a/./b", "/a/../b", "/a/b/..", "/a/b/../..", "/../a", "/.",
             "/..", "/a/.b", "/a/...", "/a/%2e%2E/b", "/a/%2e", "/%61", "/%41/b", "/%7ea", "/a%2fb",
             "/a%5Cb", "/%", "/%4", "/%zz", "/a\\b", "/a\\..\\b", "/a|b", "/a^b", "/{a}", "/a`b",
             "/<a>", "/a'b", "/a\"b", "/a[b]", "/a*b", "/a,b;c=d", "/a:b@c", "/a&b=c", "/~a/b",
             "/%2E/a", "/a/.%2e/b", "/a%2e/b", "/..a/b", "/a..", "/./", "/../../a/b", "/a/b//../c"]
REGEXES = ["/item/[0-9]+", "/a(/.*)?", "/(a|b)/b", ".*", "/a.b", "(?i)/ab", "/[^/]+/b", "/a\\.b",
           "/a/b|/c", "/ab?", "/\\w+", "/api/v[12]/.*", "/item/.+", "^/a$", "/", "/a{1,2}", "/x%20y",
           "(/a)+/b", "/[a-z]+/[0-9]*"]
QUERIES = ["", "", "", "?", "?q", "?q=", "?q=1", "?q=1&q=2", "?a=b&q=value", "?q=%31", "?Q=1",
           "?xq=1", "?q=1=2", "?&q=1", "?q=va", "?a=/a/b", "?q=a?b", "?q=42"]
HEADER_NAMES = ["x-user", "x-n", "x-a", "x-b", "x-empty", "x-none"]
OTHER_NAMES = [":method", ":path", ":authority", ":scheme", "host", "content-type", "user-agent",
               "accept"]
VALUES = {"x-user": ["jason", "Jason", "jas", "xjasonx", ""], "x-n": ["0", "5", "10", "42", "-3"],
          "x-a": ["1", "one", "1,2"], "x-b": ["2", "two"], "x-empty": [""], "x-none": ["x"],
          ":method": ["GET", "POST", "get"], ":path": ["/a", "/a/b?q=1", "/item/1"],
          ":authority": ["shop.example.com", "reviews:9080", "reviews"], ":scheme": ["http", "https"],
          "host": ["reviews", "shop.example.com"], "user-agent": ["probe", "curl"], "accept": ["text/html", "text/html,*/*", "*/*"],
          "content-type": ["application/grpc", "application/grpc+proto", "application/json",
                           "application/grpc-web"]}
STRING_KINDS = ["exact", "prefix", "suffix", "contains", "safe_regex"]
VALUE_REGEXES = ["jas.*", "[0-9]+", ".*", "", "(?i)JASON", "1,2", "j|jason", "caf."]
CLUSTERS = ["red", "green", "blue", "black"]
MUTATED = ["x-a", "x-b", "x-user", "x-new", "x-one", "x-two", "X-Upper", "user-agent", "accept",
           "vary", "etag", "x-envoy-expected-rq-timeout-ms"]
FORMATS = ["v", "", "%%", "a%%b", "%REQ(x-user)%", "%REQ(X-None)%", "%REQ(x-none?x-a)%",
           "pre-%REQ(x-b)%-post", "%REQ(x-user):2%", "%REQ(:path)%", "%REQ(:authority)%",
           "%REQ(:METHOD)%", "%PROTOCOL%", "%ROUTE_NAME%", "%UPSTREAM_CLUSTER%", "%RESPONSE_CODE%",
           "%RESP(x-one)%", "%QUERY_PARAM(q)%", "%PATH(NQ)%", "%PATH(NQ:ORIG)%", "%PATH%",
           "%REQ(x-envoy-original-path?:path)%", "%REQ(x-new)%", "%DYNAMIC_METADATA(a:b)%",
           "%UPSTREAM_METADATA([\"a\", \"b\"])%", "%REQUEST_HEADER(x-a)%", "%QUERY_PARAMS%",
           "%REQ(x-envoy-expected-rq-timeout-ms)%"]
ACTIONS = ["APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD",
           "OVERWRITE_IF_EXISTS"]
METHODS = ["GET"] * 8 + ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]


def every_cluster():
    """A table that names every cluster, so that all exist from then on. "missing" never does."""
    return {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
        {"match": {"prefix": "/"}, "route": {"cluster": cluster}} for cluster in CLUSTERS]}]}


class Generator:
    """One table and its requests, all from `seed`."""

    def __init__(self, seed):
        self._r = random.Random(seed)
        self._weighted = False

    def table(self):
        r = self._r
        domains = DOMAINS[:]
        r.shuffle(domains)
        hosts = [self._host(f"vh{n}", [domains.pop() for _ in range(r.randint(1, 4))])
                 for n in range(r.randint(1, 4))]
        # Most tables take every authority, so that most requests meet a route.
        if "*" not in sum((host["domains"] for host in hosts), []) and r.random() < 0.8:
            hosts[-1]["domains"].append("*")
        table = {"virtual_hosts": hosts, **self._mutations(0.3)}
        for field in ("ignore_port_in_host_matching", "most_specific_header_mutations_wins"):
            if r.random() < 0.3:
                table[field] = True
        if r.random() < 0.15:
            table["internal_only_headers"] = [r.choice(["x-b", "X-User", "x-none"])]
        if r.random() < 0.3:
            poison.apply(r, table)
        return table

    def requests(self, table, count, variants):
        return [self._request(table, self._r.choice(variants)) for _ in range(count)]

    # --- tables ---

    def _host(self, name, domains):
        r = self._r
        host = {"name": name, "domains": domains, **self._mutations(0.3),
                "routes": [self._route(f"{name}-r{n}") for n in range(r.randint(0, 8))]}
        for field in ("include_request_attempt_count", "include_attempt_count_in_response"):
            if r.random() < 0.25:
                host[field] = True
        self._add_fault(host, 0.06)
        return host

    def _route(self, name):
        route = {"name": name, "match": self._match(), **self._mutations(0.35)}
        kind = self._r.random()
        if kind < 0.68:
            route["route"] = self._forward(name)
        elif kind < 0.88:
            route["redirect"] = self._redirect()
        else:
            route["direct_response"] = self._direct_response()
        self._add_fault(route, 0.08)
        return route

    def _add_fault(self, level, chance):
        """Aborts that happen always or never: nothing is left to chance."""
        r = self._r
        if r.random() >= chance:
            return
        fault = {"@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault"}
        if r.random() < 0.9:
            fault["abort"] = {"http_status": r.choice([200, 404, 503, 599]),
                              "percentage": r.choice([
                                  {"numerator": 0}, {"numerator": 100},
                                  {"numerator": 10000, "denominator": "TEN_THOUSAND"},
                                  {"numerator": 1000000, "denominator": "MILLION"}])}
        if r.random() < 0.3:
            fault["headers"] = [self._header_matcher()]
        if r.random() < 0.2:
            fault["upstream_cluster"] = r.choice(CLUSTERS)
        level["typed_per_filter_config"] = {"envoy.filters.http.fault": fault}

    def _match(self):
        r = self._r
        kind = r.random()
        if kind < 0.4:
            match = {"prefix": r.choice(PATHS + ["/", "", "/"])}
        elif kind < 0.6:
            match = {"path": r.choice(PATHS)}
        elif kind < 0.8:
            match = {"safe_regex": {"regex": r.choice(REGEXES)}}
        else:
            match = {"path_separated_prefix": r.choice([p for p in PATHS if p[-1] != "/"])}
        if r.random() < 0.2:
            match["case_sensitive"] = r.random() < 0.2
        if r.random() < 0.35:
            match["headers"] = [self._header_matcher() for _ in range(r.choice([1, 1, 2]))]
        if r.random() < 0.2:
            match["query_parameters"] = [self._parameter_matcher()
                                         for _ in range(r.choice([1, 1, 2]))]
        if r.random() < 0.06:
            match["runtime_fraction"] = {"default_value": r.choice([
                {"numerator": 0}, {"numerator": 100}, {"numerator": 10000, "denominator": "TEN_THOUSAND"},
                {"numerator": 1000000, "denominator": "MILLION"}])}
        if r.random() < 0.06:
            match["grpc"] = {}
        return match

    def _header_matcher(self):
        r = self._r
        name = r.choice(HEADER_NAMES * 2 + OTHER_NAMES)
        matcher = {"name": name if r.random() < 0.9 else name.upper()}
        kind = r.random()
        if kind < 0.55:
            matcher["string_match"] = self._string_matcher(VALUES[name])
        elif kind < 0.7:
            old, value = r.choice(["exact", "prefix", "suffix", "contains", "safe_regex"]), \
                r.choice(VALUES[name])
            if old == "safe_regex":
                matcher["safe_regex_match"] = {"regex": r.choice(VALUE_REGEXES) or "a"}
            else:
                matcher[old + "_match"] = value or ("" if old == "exact" else "a")
        elif kind < 0.8:
            start = r.choice([-5, 0, 5, 10])
            matcher["range_match"] = {"start": start, "end": start + r.choice([-1, 0, 1, 6, 50])}
        elif kind < 0.95:
            matcher["present_match"] = r.random() < 0.7
        if r.random() < 0.25:
            matcher["invert_match"] = True
        if r.random() < 0.2:
            matcher["treat_missing_header_as_empty"] = True
        return matcher

    def _parameter_matcher(self):
        r = self._r
        matcher = {"name": r.choice(["q", "q", "a", "Q"])}
        kind = r.random()
        if kind < 0.6:
            matcher["string_match"] = self._string_matcher(["1", "", "value", "b", "%31", "1=2"])
        elif kind < 0.9:
            matcher["present_match"] = r.random() < 0.7
        return matcher

    def _string_matcher(self, values):
        r = self._r
        kind = r.choice(STRING_KINDS)
        if kind == "safe_regex":
            return {kind: {"regex": r.choice(VALUE_REGEXES) or "a*"}}
        value = r.choice(values)
        if kind in ("prefix", "suffix", "contains"):
            begin = r.randrange(len(value)) if value else 0
            value = {"prefix": value[:begin + 1], "suffix": value[begin:],
                     "contains": value[begin:begin + 2]}[kind] or "a"
        matcher = {kind: value}
        if r.random() < 0.25:
            matcher["ignore_case"] = True
        return matcher

    def _forward(self, name):
        r = self._r
        action = self._cluster(name)
        rewrite = r.random()
        if rewrite < 0.2:
            action["prefix_rewrite"] = r.choice(["/", "/new", "/new/", "/a/b", "/n?x=1"])
        elif rewrite < 0.35:
            action["regex_rewrite"] = self._regex_rewrite()
        host = r.random()
        if host < 0.12:
            action["host_rewrite_literal"] = r.choice(["new.example.com", "new:1", ""])
        elif host < 0.2:
            action["host_rewrite_header"] = r.choice(["x-user", "X-None", "x-a", "host", ":path"])
        elif host < 0.27:
            action["auto_host_rewrite"] = r.random() < 0.5
        elif host < 0.34:
            action["host_rewrite_path_regex"] = {
                "pattern": {"regex": r.choice(["^/(.+)/.*$", "/", "^.*$", "^/none$"])},
                "substitution": r.choice(["\\1", "", "x", "\\0"])}
        if r.random() < 0.2:
            action["append_x_forwarded_host"] = True
        if r.random() < 0.2:
            action["timeout"] = r.choice(["0s", "3s", "1.5s", "1.2345678s", "0.0009s"])
        if r.random() < 0.05:
            action["max_stream_duration"] = r.choice([
                {"max_stream_duration": "0s"}, {"max_stream_duration": "30s"},
                {"grpc_timeout_header_max": "20s"}])
        if r.random() < 0.1:
            action["cluster_not_found_response_code"] = r.choice(
                ["SERVICE_UNAVAILABLE", "NOT_FOUND", "INTERNAL_SERVER_ERROR"])
        if r.random() < 0.15:
            action["retry_policy"] = {"retry_on": r.choice(["5xx", "reset,connect-failure"]),
                                      "num_retries": r.randint(0, 3)}
            if r.random() < 0.5:
                action["retry_policy"]["per_try_timeout"] = r.choice(
                    ["0s", "2s", "1.5s", "20s", "0.0009s"])
        return action

    def _cluster(self, name):
        r = self._r
        kind = r.random()
        if kind < 0.6:
            return {"cluster": r.choice(CLUSTERS + ["missing"] if r.random() < 0.3 else CLUSTERS)}
        if kind < 0.7:
            return {"cluster_header": r.choice(["x-cluster", "X-Cluster", "x-user", "x-none"])}
        self._weighted = True
        clusters = [{"name": r.choice(CLUSTERS), "weight": r.choice([0, 1, 5, 15, 80]),
                     **self._mutations(0.3)} for _ in range(r.randint(1, 4))]
        clusters[r.randrange(len(clusters))]["weight"] = r.choice([1, 20, 99])
        self._add_fault(clusters[0], 0.1)
        if r.random() < 0.2:
            clusters[0]["host_rewrite_literal"] = r.choice(["weighted.example.com", ""])
        return {"weighted_clusters": {"clusters": clusters, "header_name":
                                      r.choice(["x-rand", "X-Rand"])}}

    def _regex_rewrite(self):
        pattern, substitution = self._r.choice([
            ("^/a", "/z"), ("/", "//"), ("[0-9]+", "N"), ("^/([^/]+)/(.*)$", "/\\2/\\1"),
            ("b", ""), ("^(.*)$", "\\1/end"), ("x*", "-"), ("/(\\w)", "/\\1\\1"), ("$", "!"),
            ("nothing", "x"), ("/a", "\\\\"), ("/(a)", "/\\3")])
        return {"pattern": {"regex": pattern}, "substitution": substitution}

    def _redirect(self):
        r = self._r
        redirect = {}
        scheme = r.random()
        if scheme < 0.35:
            redirect["https_redirect"] = r.random() < 0.9
        elif scheme < 0.5:
            redirect["scheme_redirect"] = r.choice(["https", "ftp", "HTTP", ""])
        if r.random() < 0.3:
            redirect["host_redirect"] = r.choice(["new.example.com", "new:81", ""])
        if r.random() < 0.3:
            redirect["port_redirect"] = r.choice([80, 443, 8443, 0])
        path = r.random()
        if path < 0.25:
            redirect["path_redirect"] = r.choice(["/new", "/new?x=1", "/", "", "new"])
        elif path < 0.5:
            redirect["prefix_rewrite"] = r.choice(["/new", "/", "", "/new/", "/n?y=2"])
        elif path < 0.65:
            redirect["regex_rewrite"] = self._regex_rewrite()
        if r.random() < 0.5:
            redirect["response_code"] = r.choice(
                ["MOVED_PERMANENTLY", "FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT",
                 "PERMANENT_REDIRECT"])
        if r.random() < 0.3:
            redirect["strip_query"] = True
        return redirect

    def _direct_response(self):
        r = self._r
        response = {"status": r.choice([200, 201, 204, 300, 302, 304, 404, 418, 503, 599])}
        if r.random() < 0.5:
            response["body"] = {"inline_string": r.choice(["", "tea"])}
        return response

    def _mutations(self, chance):
        r = self._r
        result = {}
        for side in ("request", "response"):
            if r.random() < chance:
                result[side + "_headers_to_add"] = [self._addition()
                                                    for _ in range(r.choice([1, 1, 2, 3]))]
            if r.random() < chance / 2:
                result[side + "_headers_to_remove"] = [r.choice(MUTATED)]
        return result

    def _addition(self):
        r = self._r
        addition = {"header": {"key": r.choice(MUTATED), "value": r.choice(FORMATS)}}
        kind = r.random()
        if kind < 0.6:
            addition["append_action"] = r.choice(ACTIONS)
        elif kind < 0.75:
            addition["append"] = r.random() < 0.5
        if r.random() < 0.2:
            addition["keep_empty_value"] = True
        return addition

    # --- requests ---

    def _request(self, table, variant):
        r = self._r
        host = r.choice(table["virtual_hosts"]) if table["virtual_hosts"] else {"domains": ["x"]}
        route = r.choice(host["routes"]) if host.get("routes") else {"match": {}}
        headers = self._headers(route)
        return {"variant": variant, "method": r.choice(METHODS),
                "path": self._path(route, variant) + r.choice(QUERIES),
                "authority": self._authority(host), "headers": headers}

    def _authority(self, host):
        r = self._r
        if r.random() < 0.25:
            return r.choice(HOSTS)
        authority = r.choice(host["domains"]).replace("*", r.choice(["x", "shop", "a-x", "1"]))
        if r.random() < 0.1:
            authority = authority.swapcase()
        if r.random() < 0.15:
            authority += r.choice([":80", ":9080", ":443", "x", "."])
        return authority or "x"

    def _path(self, route, variant):
        r = self._r
        if r.random() < (0.5 if variant != "plain" else 0.1):
            return r.choice(ODD_PATHS)
        match = route["match"]
        path = match.get("prefix") or match.get("path") or match.get("path_separated_prefix")
        if not path or not path.startswith("/") or r.random() < 0.25:
            path = r.choice(PATHS)
        change = r.random()
        if change < 0.15:
            path += r.choice(["/", "/x", "x", "/b/c", "%20"])
        elif change < 0.25:
            path = path[:-1] or "/"
        elif change < 0.35:
            path = path.swapcase()
        return path

    def _headers(self, route):
        r = self._r
        headers = []
        for matcher in route["match"].get("headers", []):
            name = matcher["name"].lower()
            if name.startswith(":") or name == "host" or \
                    name == "content-type" and name in [h[0] for h in headers]:
                continue
            if r.random() < 0.8:
                headers.append([name, self._value(matcher, name)])
        if "grpc" in route["match"] and r.random() < 0.7 and not any(
                name == "content-type" for name, _ in headers):
            headers.append(["content-type", r.choice(VALUES["content-type"])])
        for _ in range(r.choice([0, 0, 1, 2, 3])):
            name = r.choice(HEADER_NAMES[:5] + ["accept"])
            headers.append([name, r.choice(VALUES[name] + ["caf\xe9"])])
        if r.random() < 0.3:
            headers.append(["x-cluster", r.choice(CLUSTERS + ["missing", ""])])
        if r.random() < 0.03:
            headers.append(["x-fault", "1"])
        if r.random() < 0.1:
            headers.append(["x-forwarded-host", "before.example.com"])
        if self._weighted:
            headers.append(["x-rand", r.choice([str(r.randint(0, 250)), "+7", "007",
                                                "18446744073709551615"])])
        return headers

    def _value(self, matcher, name):
        r = self._r
        string = matcher.get("string_match", {})
        for kind in ("exact", "prefix", "suffix", "contains"):
            value = string.get(kind, matcher.get(kind + "_match"))
            if value is not None and r.random() < 0.7:
                if r.random() < 0.2:
                    return value.swapcase()
                return {"prefix": value + "z", "suffix": "z" + value,
                        "contains": "z" + value + "z"}.get(kind, value)
        if "range_match" in matcher:
            span = matcher["range_match"]
            return str(r.choice([span["start"], span["end"], span["end"] - 1, "x", "1.5"]))
        return r.choice(VALUES.get(name, ["x"]))
