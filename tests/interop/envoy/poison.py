# SPDX-License-Identifier: Apache-2.0
"""Changes to a table that Envoy refuses, or only just accepts: the two sides must agree on which."""


def apply(r, table):
    """Applies one of the changes to a place of `table` that has what it needs."""
    hosts = table["virtual_hosts"]
    routes = [route for host in hosts for route in host["routes"]]
    forwards = [route for route in routes if "route" in route]
    redirects = [route["redirect"] for route in routes if "redirect" in route]
    answers = [route["direct_response"] for route in routes if "direct_response" in route]
    weighted = [route["route"]["weighted_clusters"] for route in forwards
                if "weighted_clusters" in route["route"]]
    changes = [(_LEVEL, hosts + routes), (_HOST, hosts), (_ROUTE, routes),
               (_MATCH, [route["match"] for route in routes]),
               (_FORWARD, [route["route"] for route in forwards]), (_REDIRECT, redirects),
               (_ANSWER, answers), (_WEIGHTED, weighted)]
    kind, places = r.choice([(kind, places) for kind, places in changes if places])
    r.choice(kind)(r.choice(places))


def _add_header(key, value="v", side="request", **options):
    def change(level):
        level.setdefault(side + "_headers_to_add", []).append(
            {"header": {"key": key, "value": value}, **options})
    return change


def _remove_header(name, side="request"):
    return lambda level: level.setdefault(side + "_headers_to_remove", []).append(name)


def _set(**fields):
    return lambda place: place.update(fields)


def _set_path(**fields):
    def change(match):
        for field in ("prefix", "path", "safe_regex", "path_separated_prefix"):
            match.pop(field, None)
        match.update(fields)
    return change


def _add_matcher(**matcher):
    return lambda match: match.setdefault("headers", []).append({"name": "x-a", **matcher})


def _add_parameter(**matcher):
    return lambda match: match.setdefault("query_parameters", []).append({"name": "q", **matcher})


def _set_cluster(**fields):
    def change(action):
        for field in ("cluster", "cluster_header", "weighted_clusters"):
            action.pop(field, None)
        action.update(fields)
    return change


def _set_host(**fields):
    def change(action):
        for field in ("host_rewrite_literal", "host_rewrite_header", "auto_host_rewrite",
                      "host_rewrite_path_regex"):
            action.pop(field, None)
        action.update(fields)
    return change


def _both_rewrites(action):
    action["prefix_rewrite"] = "/p"
    action["regex_rewrite"] = _rewrite("a")


def _rewrite(pattern, substitution="b"):
    return {"pattern": {"regex": pattern}, "substitution": substitution}


def _to_https(redirect):
    redirect.pop("scheme_redirect", None)
    redirect["https_redirect"] = True


def _drop(field):
    return lambda place: place.pop(field, None)


def _repeat_domain(host):
    host["domains"].append(host["domains"][0].swapcase())


def _weights(*weights):
    def change(weighted):
        weighted["clusters"] = [{"name": "red", "weight": weight} for weight in weights]
    return change


def _unweighted(weighted):
    weighted["clusters"].append({"name": "red"})


def _unnamed(weighted):
    weighted["clusters"].append({"name": "", "weight": 1})


_LEVEL = [
    _add_header(":path"), _add_header("Host"), _add_header(""), _add_header(":status", side="response"),
    _add_header("host", side="response"), _add_header("x-f", "%REQ(a%"), _add_header("x-f", "100%"),
    _add_header("x-f", "%NO_SUCH_COMMAND%"), _add_header("x-f", "%REQ()%"),
    _add_header("x-f", "%REQ(a?b?c)%"), _add_header("x-f", "%REQ(a b)%"),
    _add_header("x-f", "%PROTOCOL(x)%"), _add_header("x-f", "%PROTOCOL:3%"),
    _add_header("x-f", "%REQ(a)"), _add_header("x-f", "%req(a)%"), _add_header("x-f", "%PATH(XX)%"),
    _add_header("x-f", "%PATH(WQ:NO)%"), _add_header("x-f", "%%%"), _add_header("x-f", "%PROTOCOL()%"),
    _add_header("x-f", "%GRPC_STATUS(NO)%", side="response"),
    _add_header("x-f", "%FILTER_STATE(a:NO)%"), _add_header("x-f", "%METADATA(NO:a)%"),
    _add_header("x-f", "%COMMON_DURATION(A:B:s)%"), _add_header("x-f", "%REQ(a):%"),
    _add_header("x-f", "%RESP(a))%", side="response"), _add_header("x-f", "%QUERY_PARAM()%"),
    _add_header("x-f", "%START_TIME:3%"), _add_header("x-f", "%UPSTREAM_METADATA(a):3%"),
    _add_header("x-f", "v\nw"), _add_header("x\nf"), _add_header("x-f", "v" * 16384),
    _add_header("x-f", "v" * 16385), _add_header("x-f", append=True, append_action="ADD_IF_ABSENT"),
    _add_header("x-f", append=False, append_action="APPEND_IF_EXISTS_OR_ADD"),
    _remove_header(":path"), _remove_header("Host"), _remove_header(""), _remove_header("x\nf"),
    _remove_header(":status", "response"), _remove_header("host", "response"),
]
_HOST = [
    _repeat_domain, _set(domains=[]), _set(name=""), _set(domains=["a*b.org"]),
    _set(domains=["*x*"]), _set(domains=["a\nb"]), _set(domains=["*."]),
    _set(retry_policy={"retry_on": "5xx", "retry_back_off": {"base_interval": "1s",
                                                             "max_interval": "0.5s"}}),
    _set(retry_policy={"retry_on": "5xx", "per_try_timeout": "-1s"}),
]
_ROUTE = [_drop("match"), _set(name="a b"), _set(name="")]
_MATCH = [
    _set_path(), _set_path(prefix=""), _set_path(path=""), _set_path(prefix="/a?q"),
    _set_path(path_separated_prefix="/"), _set_path(path_separated_prefix="/a/"),
    _set_path(path_separated_prefix=""), _set_path(path_separated_prefix="a"),
    _set_path(path_separated_prefix="ab"), _set_path(path_separated_prefix="/a?b"),
    _set_path(path_separated_prefix="/a#b"), _set_path(safe_regex={"regex": "("}),
    _set_path(safe_regex={"regex": ""}), _set_path(safe_regex={"regex": "(?!a)"}),
    _set_path(safe_regex={"regex": "/a", "google_re2": {}}),
    _add_matcher(), _add_matcher(name=""), _add_matcher(name="x\ny"),
    _add_matcher(string_match={}), _add_matcher(string_match={"prefix": ""}),
    _add_matcher(string_match={"exact": ""}), _add_matcher(string_match={"suffix": ""}),
    _add_matcher(string_match={"contains": ""}), _add_matcher(string_match={"safe_regex": {}}),
    _add_matcher(string_match={"safe_regex": {"regex": "["}}),
    _add_matcher(string_match={"safe_regex": {"regex": "a"}, "ignore_case": True}),
    _add_matcher(prefix_match=""), _add_matcher(exact_match=""), _add_matcher(suffix_match=""),
    _add_matcher(contains_match=""), _add_matcher(safe_regex_match={"regex": "a["}),
    _add_parameter(), _add_parameter(name=""), _add_parameter(string_match={}),
    _add_parameter(name="q" * 1025), _add_parameter(string_match={"safe_regex": {"regex": "["}}),
    _set(runtime_fraction={}), _set(runtime_fraction={"default_value": {"numerator": 100}}),
]
_FORWARD = [
    _set_cluster(), _set_cluster(cluster=""), _set_cluster(cluster_header=""),
    _set_cluster(weighted_clusters={}), _set_cluster(cluster_header="x\ny"), _both_rewrites,
    _set(prefix_rewrite="/a\nb"), _set(regex_rewrite=_rewrite("(")),
    _set(regex_rewrite=_rewrite("")), _set(regex_rewrite={"substitution": "a"}),
    _set_host(host_rewrite_literal="a\nb"), _set_host(host_rewrite_path_regex=_rewrite("(")),
    _set_host(host_rewrite_header="x\ny"), _set(timeout="-1s"), _set(idle_timeout="-1s"),
    _set(cluster_not_found_response_code=7), _set(max_stream_duration={"max_stream_duration": "-1s"}),
    _set(retry_policy={"retry_on": "no-such-condition"}), _set(retry_policy={"retry_back_off": {}}),
    _set(retry_policy={"retry_back_off": {"base_interval": "0s"}}),
    _set(retry_policy={"retry_back_off": {"base_interval": "0.0001s"}}),
    _set(retry_policy={"retry_back_off": {"base_interval": "1s", "max_interval": "0s"}}),
    _set(retry_policy={"retry_back_off": {"base_interval": "1s", "max_interval": "0.9s"}}),
    _set(retry_policy={"per_try_timeout": "-1s"}), _set(retry_policy={"retriable_status_codes": [99]}),
]
_REDIRECT = [
    _set(response_code=9), _set(host_redirect="a\nb"), _set(port_redirect=70000),
    _to_https,
]
_ANSWER = [
    _set(status=0), _set(status=199), _set(status=200), _set(status=599), _set(status=600),
    _set(body={}), _set(body={"inline_string": "x" * 4096}),
    _set(body={"inline_string": "x" * 4097}), _set(body={"inline_bytes": "dGVh"}),
]
_WEIGHTED = [
    _weights(0), _weights(0, 0), _weights(0, 1), _weights(4294967295), _weights(4294967295, 1),
    _weights(), _unweighted, _unnamed, _set(total_weight=7), _set(header_name="x\ny"),
]
