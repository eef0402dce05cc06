// SPDX-License-Identifier: Apache-2.0
// TrafficPolicy, without its load balancing.

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

void DecodeTcpKeepalive(const Cursor& at, TcpKeepalive* out) {
  Fields fields(at);
  fields.Read("probes", &out->probes);
  fields.Read("time", &out->time);
  fields.Read("interval", &out->interval);
}

void DecodeTcpPool(const Cursor& at, TcpPool* out) {
  Fields fields(at);
  fields.Read("maxConnections", &out->max_connections, DecodeInt32);
  fields.Read("connectTimeout", &out->connect_timeout);
  fields.Read("tcpKeepalive", &out->tcp_keepalive, DecodeTcpKeepalive);
  fields.Read("maxConnectionDuration", &out->max_connection_duration);
  fields.Read("idleTimeout", &out->idle_timeout, DecodeDurationOrZero);
}

void DecodeH2UpgradePolicy(const Cursor& at, HttpPool::H2UpgradePolicy* out) {
  using Policy = HttpPool::H2UpgradePolicy;
  DecodeEnum<Policy>(at,
                     {{"DEFAULT", Policy::kDefault},
                      {"DO_NOT_UPGRADE", Policy::kDoNotUpgrade},
                      {"UPGRADE", Policy::kUpgrade}},
                     out);
}

void DecodeHttpPool(const Cursor& at, HttpPool* out) {
  Fields fields(at);
  fields.Read("http1MaxPendingRequests", &out->http1_max_pending_requests, DecodeInt32);
  fields.Read("http2MaxRequests", &out->http2_max_requests, DecodeInt32);
  fields.Read("maxRequestsPerConnection", &out->max_requests_per_connection, DecodeInt32);
  fields.Read("maxRetries", &out->max_retries, DecodeInt32);
  fields.Read("idleTimeout", &out->idle_timeout);
  fields.Read("h2UpgradePolicy", &out->h2_upgrade_policy, DecodeH2UpgradePolicy);
  fields.Read("useClientProtocol", &out->use_client_protocol);
  fields.Read("maxConcurrentStreams", &out->max_concurrent_streams, DecodeInt32);
  fields.WarnIgnored({"http2KeepAlive"});
  if (out->use_client_protocol && out->h2_upgrade_policy == HttpPool::H2UpgradePolicy::kUpgrade) {
    fields.Error("useClientProtocol", "contradicts h2UpgradePolicy: UPGRADE");
  }
}

void DecodeTlsMode(const Cursor& at, ClientTls::Mode* out) {
  using Mode = ClientTls::Mode;
  DecodeEnum<Mode>(at,
                   {{"DISABLE", Mode::kDisable},
                    {"SIMPLE", Mode::kSimple},
                    {"MUTUAL", Mode::kMutual},
                    {"ISTIO_MUTUAL", Mode::kIstioMutual}},
                   out);
}

void CheckTls(const Fields& fields, const ClientTls& tls) {
  const bool own_files = tls.mode == ClientTls::Mode::kMutual && tls.credential_name.empty();
  if (own_files && tls.client_certificate.empty()) fields.Missing("clientCertificate");
  if (own_files && tls.private_key.empty()) fields.Missing("privateKey");
  const bool files = !tls.client_certificate.empty() || !tls.private_key.empty() ||
                     !tls.ca_certificates.empty() || !tls.ca_crl.empty();
  if (!tls.credential_name.empty() && files) {
    fields.Error("credentialName",
                 "stands in the place of certificate files: there is one or the other");
  }
  const bool verifies = !tls.ca_certificates.empty() || !tls.subject_alt_names.empty();
  if (tls.insecure_skip_verify.value_or(false) && verifies) {
    fields.Error("insecureSkipVerify", "contradicts caCertificates and subjectAltNames");
  }
}

void DecodeRetryBudget(const Cursor& at, RetryBudget* out) {
  Fields fields(at);
  fields.Read("percent", &out->percent, DecodePercentage);
  fields.Read("minRetryConcurrency", &out->min_retry_concurrency);
}

// The four settings that a policy and one of its ports have.
template <typename Policy>
void ReadSettings(Fields& fields, Policy* out) {
  fields.Read("loadBalancer", &out->load_balancer);
  fields.Read("connectionPool", &out->connection_pool);
  fields.Read("outlierDetection", &out->outlier_detection);
  fields.Read("tls", &out->tls);
  if (!out->load_balancer.has_value() || !out->load_balancer->locality_lb_setting.has_value())
    return;
  const LocalityLbSetting& locality = *out->load_balancer->locality_lb_setting;
  const bool fails_over = !locality.failover.empty() || !locality.failover_priority.empty();
  if (fails_over && !out->outlier_detection) {
    fields.Warn("loadBalancer", "fails over to other localities only with an outlierDetection");
  }
}

template <typename Policy>
bool SaysNothing(const Policy& policy) {
  return !policy.load_balancer && !policy.connection_pool && !policy.outlier_detection &&
         !policy.tls;
}

void DecodePortPolicy(const Cursor& at, PortTrafficPolicy* out) {
  Fields fields(at);
  fields.Require("port", &out->port, [](const Cursor& selector, uint32_t* port) {
    Fields(selector).Require("number", port, DecodePort);
  });
  ReadSettings(fields, out);
  if (SaysNothing(*out)) at.Error("a policy for a port says something about it");
}

}  // namespace

void Decode(const Cursor& at, ConnectionPool* out) {
  Fields fields(at);
  fields.Read("tcp", &out->tcp, DecodeTcpPool);
  fields.Read("http", &out->http, DecodeHttpPool);
  if (!out->tcp && !out->http) at.Error("one of tcp and http is missing");
}

void Decode(const Cursor& at, OutlierDetection* out) {
  Fields fields(at);
  if (fields.Read("consecutiveErrors", &out->consecutive_errors, DecodeInt32)) {
    fields.Warn("consecutiveErrors",
                "is deprecated: use consecutive5xxErrors or consecutiveGatewayErrors");
  }
  fields.Read("splitExternalLocalOriginErrors", &out->split_external_local_origin_errors);
  fields.Read("consecutiveLocalOriginFailures", &out->consecutive_local_origin_failures);
  fields.Read("consecutiveGatewayErrors", &out->consecutive_gateway_errors);
  fields.Read("consecutive5xxErrors", &out->consecutive_5xx_errors);
  fields.Read("interval", &out->interval);
  fields.Read("baseEjectionTime", &out->base_ejection_time);
  fields.Read("maxEjectionPercent", &out->max_ejection_percent, DecodePercent);
  fields.Read("minHealthPercent", &out->min_health_percent, DecodePercent);
  if (!out->split_external_local_origin_errors &&
      out->consecutive_local_origin_failures.value_or(0) > 0) {
    fields.Error("consecutiveLocalOriginFailures", "needs splitExternalLocalOriginErrors: true");
  }
}

void Decode(const Cursor& at, ClientTls* out) {
  Fields fields(at);
  fields.Read("mode", &out->mode, DecodeTlsMode);
  fields.Read("clientCertificate", &out->client_certificate);
  fields.Read("privateKey", &out->private_key);
  fields.Read("caCertificates", &out->ca_certificates);
  fields.Read("caCrl", &out->ca_crl);
  fields.Read("credentialName", &out->credential_name);
  fields.Read("subjectAltNames", &out->subject_alt_names);
  fields.Read("sni", &out->sni);
  fields.Read("insecureSkipVerify", &out->insecure_skip_verify);
  CheckTls(fields, *out);
}

void Decode(const Cursor& at, TrafficPolicy* out) {
  Fields fields(at);
  ReadSettings(fields, out);
  fields.Read("portLevelSettings", &out->port_level_settings, ListOf(DecodePortPolicy));
  fields.Read("retryBudget", &out->retry_budget, DecodeRetryBudget);
  out->has_tunnel = fields.Has("tunnel");
  out->has_proxy_protocol = fields.Has("proxyProtocol");
  if (out->has_tunnel && out->has_proxy_protocol)
    at.Error("there is either tunnel or proxyProtocol");
  const bool says_nothing = SaysNothing(*out) && out->port_level_settings.empty() &&
                            !out->retry_budget && !out->has_tunnel && !out->has_proxy_protocol;
  if (says_nothing) at.Error("a policy says something");
}

}  // namespace meshlib::manifest
