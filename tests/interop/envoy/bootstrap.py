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


def bootstrap(ports):
    """`ports` has "ads", "admin" and one of each variant."""
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
            "listeners": [_listener(name, ports[name], settings)
                          for name, settings in VARIANTS.items()],
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


def _listener(name, port, settings):
    settings = dict(settings)
    router = {"@type": _TYPE + "filters.http.router.v3.Router",
              "suppress_envoy_headers": settings.pop("suppress_envoy_headers", False)}
    filters = [{"name": "router", "typed_config": router}]
    if settings.pop("fault_filter", False):
        filters.insert(0, _fault_filter(settings.pop("fault_header", None)))
    manager = {
        "@type": _TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "oracle", "codec_type": "HTTP1", "generate_request_id": False,
        "rds": {"route_config_name": "oracle",
                "config_source": {"ads": {}, "resource_api_version": "V3"}},
        "local_reply_config": {"mappers": [_reveal_local_replies()]},
        "http_filters": filters,
        **settings,
    }
    return {"name": name, "address": _address(port),
            "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}]}


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
