# SPDX-License-Identifier: Apache-2.0
"""The bootstrap of the oracle's Envoy: one listener per variant of the HttpConnectionManager, all
with the RouteConfiguration "oracle" from the control plane."""

_TYPE = "type.googleapis.com/envoy.extensions."

# What is particular about each listener; route_judge is told the same. "fault_filter": with Envoy's
# fault filter. "fault_header": and a request that carries this header is aborted by it with 418,
# unless a route says otherwise.
VARIANTS = {
    "plain": {"fault_filter": True},
    "normalizing": {"normalize_path": True, "fault_filter": True, "fault_header": "x-fault"},
    "merging": {"normalize_path": True, "merge_slashes": True, "strip_any_host_port": True,
                "strip_trailing_host_dot": True, "suppress_envoy_headers": True},
}


# Headers of answers: what the shadow rules of two RBAC filters said, and whether a LOG filter matched.
SHADOW = {f"x-oracle-{name}{n}": f"%DYNAMIC_METADATA(envoy.filters.http.rbac:s{n}_shadow_{key})%"
          for n in range(2)
          for name, key in (("policy", "effective_policy_id"), ("result", "engine_result"))}
SHADOW["x-oracle-logged"] = "%DYNAMIC_METADATA(envoy.common:access_log_hint)%"


def bootstrap(ports, variants=None, tls=None):
    """`ports` has "ads", "admin" and one of each variant; `tls`, where a variant asks for it: files
    of "certificate", "key" and "ca"."""
    return {
        "node": {"id": "oracle", "cluster": "oracle"},
        "admin": {"address": _address(ports["admin"])},
        "dynamic_resources": {
            "ads_config": {"api_type": "GRPC", "transport_api_version": "V3",
                           "grpc_services": [{"envoy_grpc": {"cluster_name": "ads"}}]},
            "cds_config": {"ads": {}, "resource_api_version": "V3"},
        },
        "static_resources": {
            "clusters": [_ads_cluster(ports["ads"])],
            "listeners": [_listener(name, ports[name], settings, tls)
                          for name, settings in (variants or VARIANTS).items()],
        },
    }


def _address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _ads_cluster(port):
    endpoint = {"endpoint": {"address": _address(port)}}
    options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": "ads", "type": "STATIC",
        "typed_extension_protocol_options": {options: {
            "@type": "type.googleapis.com/" + options,
            "explicit_http_config": {"http2_protocol_options": {}}}},
        "load_assignment": {"cluster_name": "ads", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _listener(name, port, settings, tls):
    settings = dict(settings)
    chain = {}
    listener = {"name": name, "address": _address(port), "filter_chains": [chain]}
    if settings.pop("tls", False):
        chain["transport_socket"] = _transport_socket(tls)
        listener["listener_filters"] = [_tls_inspector()]
    router = {"@type": _TYPE + "filters.http.router.v3.Router",
              "suppress_envoy_headers": settings.pop("suppress_envoy_headers", False)}
    filters = [{"name": "router", "typed_config": router}]
    if settings.pop("fault_filter", False):
        filters.insert(0, _fault_filter(settings.pop("fault_header", None)))
    for n in range(settings.pop("rbac_filters", 0)):
        # The rules come with the routes.
        config = {"@type": _TYPE + "filters.http.rbac.v3.RBAC"}
        filters.insert(n, {"name": f"rbac{n}", "typed_config": config})
    manager = {
        "@type": _TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "oracle", "codec_type": "HTTP1", "generate_request_id": False,
        "rds": {"route_config_name": "oracle",
                "config_source": {"ads": {}, "resource_api_version": "V3"}},
        "local_reply_config": {"mappers": [_reveal_local_replies()]},
        "http_filters": filters,
        **settings,
    }
    chain["filters"] = [{"name": "http", "typed_config": manager}]
    return listener


def _tls_inspector():
    return {"name": "tls_inspector", "typed_config": {
        "@type": _TYPE + "filters.listener.tls_inspector.v3.TlsInspector"}}


def _transport_socket(tls):
    """A client may show a certificate."""
    context = {
        "@type": _TYPE + "transport_sockets.tls.v3.DownstreamTlsContext",
        "require_client_certificate": False,
        "common_tls_context": {
            "tls_certificates": [{"certificate_chain": {"filename": tls["certificate"]},
                                  "private_key": {"filename": tls["key"]}}],
            "validation_context": {"trusted_ca": {"filename": tls["ca"]}}}}
    return {"name": "tls", "typed_config": context}


def _fault_filter(header):
    config = {"@type": _TYPE + "filters.http.fault.v3.HTTPFault"}
    if header:
        config["abort"] = {"http_status": 418, "percentage": {"numerator": 100}}
        config["headers"] = [{"name": header, "present_match": True}]
    return {"name": "envoy.filters.http.fault", "typed_config": config}


def _reveal_local_replies():
    """What Envoy answers by itself says why and for which route."""
    every_status = {"status_code_filter": {"comparison": {
        "op": "GE", "value": {"default_value": 0, "runtime_key": "none"}}}}
    reveals = {"x-oracle-details": "%RESPONSE_CODE_DETAILS%",
               "x-oracle-local-route": "%ROUTE_NAME%"}
    return {"filter": every_status,
            "headers_to_add": [{"header": {"key": key, "value": value}}
                               for key, value in reveals.items()]}
