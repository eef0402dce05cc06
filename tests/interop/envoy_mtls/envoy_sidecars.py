# SPDX-License-Identifier: Apache-2.0
"""One Envoy that is many sidecars: a listener for each server, like Istio's virtualInbound, and
one listener with a route to a cluster for each client."""

_TYPE = "type.googleapis.com/envoy.extensions."
_CIPHERS = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
            "AES256-GCM-SHA384", "AES128-GCM-SHA256"]
ISTIO_ALPN = ["istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"]


def bootstrap(admin, listeners, clusters):
    return {"node": {"id": "sidecars", "cluster": "sidecars"},
            "admin": {"address": _address("127.0.0.1", admin)},
            "static_resources": {"listeners": listeners, "clusters": clusters}}


def strict(name, port, credentials, root, principal):
    """Only `principal` may call."""
    chain = {"transport_socket": _server_socket(credentials, root),
             "filters": [_http("strict", [_rbac(principal)])]}
    return _listener(name, port, [chain], ["tls_inspector"])


def permissive(name, port, credentials, root):
    chains = [
        {"filter_chain_match": {"transport_protocol": "tls", "application_protocols": ISTIO_ALPN},
         "transport_socket": _server_socket(credentials, root), "filters": [_http("mutual TLS")]},
        {"filter_chain_match": {"transport_protocol": "raw_buffer"},
         "filters": [_http("plaintext")]},
        # TLS that is not Istio's goes to the program as it is; there is none.
        {"filter_chain_match": {"transport_protocol": "tls"}, "filters": [
            {"name": "tcp", "typed_config": {
                "@type": _TYPE + "filters.network.tcp_proxy.v3.TcpProxy",
                "stat_prefix": "tcp", "cluster": "nobody"}}]},
    ]
    for n, chain in enumerate(chains):
        chain["name"] = f"chain{n}"
    return _listener(name, port, chains, ["tls_inspector"])


def plaintext(name, port):
    return _listener(name, port, [{"filters": [_http("plaintext")]}], [])


def outbound(port, clusters):
    """/NAME goes to the cluster of that name."""
    routes = [{"match": {"path": f"/{name}"}, "route": {"cluster": name}} for name in clusters]
    reply = {"body_format": {"text_format_source": {
        "inline_string": "%LOCAL_REPLY_BODY%, %UPSTREAM_TRANSPORT_FAILURE_REASON%"}}}
    return _listener("outbound", port, [
        {"filters": [_manager(routes, [], local_reply_config=reply)]}], [])


def cluster(name, address, tls=None):
    """`tls`, unless it is plaintext: (credentials or None, root, the server's SPIFFE ID, SNI)."""
    made = {"name": name, "type": "STATIC", "connect_timeout": "5s", "load_assignment": {
        "cluster_name": name, "endpoints": [{"lb_endpoints": [
            {"endpoint": {"address": _address(*address)}}]}] if address else []}}
    if tls:
        made["transport_socket"] = _client_socket(*tls)
    return made


def _address(host, port):
    return {"socket_address": {"address": host, "port_value": port}}


def _listener(name, port, chains, inspectors):
    log = {"@type": _TYPE + "access_loggers.stream.v3.StdoutAccessLog",
           "log_format": {"text_format_source": {
               "inline_string": f"{name}: %DOWNSTREAM_TRANSPORT_FAILURE_REASON%\n"}}}
    filters = [{"name": one, "typed_config": {
        "@type": _TYPE + f"filters.listener.{one}.v3.TlsInspector"}} for one in inspectors]
    return {"name": name, "address": _address("127.0.0.1", port), "filter_chains": chains,
            "listener_filters": filters, "access_log": [{"name": "log", "typed_config": log}]}


def _http(chain, filters=()):
    told = {"x-chain": chain, "x-peer": "%DOWNSTREAM_PEER_URI_SAN%"}
    route = {"match": {"prefix": ""}, "direct_response": {
        "status": 200, "body": {"inline_string": "Envoy"}},
        "response_headers_to_add": [{"header": {"key": key, "value": value}}
                                    for key, value in told.items()]}
    return _manager([route], filters, forward_client_cert_details="APPEND_FORWARD",
                    set_current_client_cert_details={"subject": True, "dns": True, "uri": True})


def _manager(routes, filters, **settings):
    router = {"name": "router", "typed_config": {"@type": _TYPE + "filters.http.router.v3.Router"}}
    return {"name": "http", "typed_config": {
        "@type": _TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "http", "http_filters": [*filters, router],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        **settings}}


def _rbac(principal):
    policy = {"permissions": [{"any": True}], "principals": [
        {"authenticated": {"principal_name": {"exact": principal}}}]}
    return {"name": "rbac", "typed_config": {
        "@type": _TYPE + "filters.http.rbac.v3.RBAC",
        "rules": {"action": "ALLOW", "policies": {"caller": policy}}}}


def _certificates(credentials):
    return [{"certificate_chain": {"filename": str(credentials.chain)},
             "private_key": {"filename": str(credentials.key)}}] if credentials else []


def _server_socket(credentials, root):
    context = {
        "@type": _TYPE + "transport_sockets.tls.v3.DownstreamTlsContext",
        "require_client_certificate": True,
        "common_tls_context": {
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2",
                           "tls_maximum_protocol_version": "TLSv1_3", "cipher_suites": _CIPHERS},
            "alpn_protocols": ["h2", "http/1.1"], "tls_certificates": _certificates(credentials),
            "validation_context": {
                "trusted_ca": {"filename": str(root)},
                "match_typed_subject_alt_names": [
                    {"san_type": "URI", "matcher": {"prefix": "spiffe://cluster.local/"}}]}}}
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _client_socket(credentials, root, server, sni):
    context = {
        "@type": _TYPE + "transport_sockets.tls.v3.UpstreamTlsContext", "sni": sni,
        "common_tls_context": {
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2",
                           "tls_maximum_protocol_version": "TLSv1_3"},
            "alpn_protocols": ["istio-http/1.1", "istio", "http/1.1"],
            "tls_certificates": _certificates(credentials),
            "validation_context": {
                "trusted_ca": {"filename": str(root)},
                "match_typed_subject_alt_names": [
                    {"san_type": "URI", "matcher": {"exact": server}}]}}}
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}
