# SPDX-License-Identifier: Apache-2.0
"""The configurations of an Envoy sidecar pair with Istio's filters, HTTP/1.1, in plaintext or with
mutual TLS between the two: the client side sends to the server side, which sends to the
application."""

import subprocess

FILTERS = """
          - name: envoy.filters.http.grpc_stats
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig
              emit_filter_state: true
              stats_for_all_methods: false
          - name: envoy.filters.http.fault
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault
          - name: envoy.filters.http.cors
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
"""

RBAC = """
          - name: envoy.filters.http.rbac
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC
              rules:
                action: ALLOW
                policies:
                  ns[default]-policy[allow]-rule[0]:
                    permissions: [{{header: {{name: ":method", string_match: {{exact: GET}}}}}}]
                    principals: [{principal}]
"""

ANYBODY = "{any: true}"
CLIENT = ('{authenticated: {principal_name: '
          '{exact: "spiffe://cluster.local/ns/default/sa/client"}}}')

# What the server side tells the application of its client.
CLIENT_CERTIFICATE = """
          forward_client_cert_details: APPEND_FORWARD
          set_current_client_cert_details: {subject: true, dns: true, uri: true}"""

RETRIES = """
                  retry_policy:
                    retry_on: connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes
                    num_retries: 2
                    host_selection_retry_max_attempts: "5"
                    retriable_status_codes: [503]
                    retry_host_predicate:
                    - name: envoy.retry_host_predicates.previous_hosts
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate
"""

TLS = """
{indent}transport_socket:
{indent}  name: envoy.transport_sockets.tls
{indent}  typed_config:
{indent}    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.{context}
{indent}    {own}
{indent}    common_tls_context:
{indent}      tls_params: {{tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3}}
{indent}      alpn_protocols: [http/1.1]
{indent}      tls_certificates:
{indent}      - certificate_chain: {{filename: {directory}/{side}.crt}}
{indent}        private_key: {{filename: {directory}/{side}.key}}
{indent}      validation_context:
{indent}        trusted_ca: {{filename: {directory}/ca.crt}}
{indent}        match_typed_subject_alt_names:
{indent}        - {{san_type: URI, matcher: {{exact: "spiffe://cluster.local/ns/default/sa/{peer}"}}}}
"""

LEAF = """
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
subjectAltName = critical,URI:spiffe://cluster.local/ns/default/sa/{side}
"""

TEMPLATE = """static_resources:
  listeners:
  - name: {name}
    address: {{socket_address: {{address: 127.0.0.1, port_value: {listen}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: {name}
          codec_type: AUTO
          use_remote_address: false
          normalize_path: true
          server_name: istio-envoy{forwarded}
          http_filters:{filters}
          route_config:
            name: local
            virtual_hosts:
            - name: app.default.svc.cluster.local:80
              domains: ["*"]
              routes:
              - name: default
                match: {{prefix: "/"}}
                route:
                  cluster: next
                  timeout: 0s
                  max_grpc_timeout: 0s{retries}{downstream_tls}
  clusters:
  - name: next
    type: STATIC
    connect_timeout: 5s
    lb_policy: LEAST_REQUEST
    circuit_breakers:
      thresholds:
      - max_connections: 4294967295
        max_pending_requests: 4294967295
        max_requests: 4294967295
        max_retries: 4294967295
        track_remaining: true
    load_assignment:
      cluster_name: next
      endpoints:
      - lb_endpoints:
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {target}}}}}}}{upstream_tls}
"""


def make_certificates(directory):
    """An authority and a leaf for each side, ECDSA P-256."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2",
            "-subj", "/O=bench", "-addext", "keyUsage=critical,keyCertSign")
    for side in ("client", "server"):
        (directory / f"{side}.ext").write_text(LEAF.format(side=side))
        openssl("req", *key, "-keyout", f"{side}.key", "-out", f"{side}.csr", "-subj", "/")
        openssl("x509", "-req", "-in", f"{side}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "1", "-extfile", f"{side}.ext", "-out", f"{side}.crt")


def write(directory, application_port, client_port, server_port, mtls=False):
    """Writes the configurations of both sides; returns their paths."""
    upstream = downstream = ""
    if mtls:
        make_certificates(directory)
        upstream = TLS.rstrip().format(indent=4 * " ", context="UpstreamTlsContext", side="client",
                                       peer="server", directory=directory,
                                       own="sni: app.default.svc.cluster.local")
        downstream = TLS.rstrip().format(indent=6 * " ", context="DownstreamTlsContext",
                                         side="server", peer="client", directory=directory,
                                         own="require_client_certificate: true")
    client = directory / f"client-{client_port}.yaml"
    server = directory / f"server-{server_port}.yaml"
    client.write_text(TEMPLATE.format(name="outbound", listen=client_port, target=server_port,
                                      filters=FILTERS, retries=RETRIES, downstream_tls="",
                                      upstream_tls=upstream, forwarded=""))
    rbac = RBAC.rstrip().format(principal=CLIENT if mtls else ANYBODY)
    server.write_text(TEMPLATE.format(name="inbound", listen=server_port, target=application_port,
                                      filters=rbac + FILTERS, retries="",
                                      forwarded=CLIENT_CERTIFICATE if mtls else "",
                                      downstream_tls=downstream, upstream_tls=""))
    return client, server
