# SPDX-License-Identifier: Apache-2.0
"""The configurations of an Envoy sidecar pair with Istio's filters, HTTP/1.1 in plaintext: the client
side listens on 15001 and sends to the server side on 15006, which sends to the application."""

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
                    permissions: [{header: {name: ":method", string_match: {exact: GET}}}]
                    principals: [{any: true}]
"""

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
          server_name: istio-envoy
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
                  max_grpc_timeout: 0s{retries}
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
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {target}}}}}}}
"""


def write(directory, application_port, client_port=15001, server_port=15006):
    """Writes client.yaml and server.yaml; returns their paths."""
    client = directory / "client.yaml"
    server = directory / "server.yaml"
    client.write_text(TEMPLATE.format(name="outbound", listen=client_port, target=server_port,
                                      filters=FILTERS, retries=RETRIES))
    server.write_text(TEMPLATE.format(name="inbound", listen=server_port, target=application_port,
                                      filters=RBAC.rstrip() + FILTERS, retries=""))
    return client, server
