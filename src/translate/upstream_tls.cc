// SPDX-License-Identifier: Apache-2.0
#include "translate/upstream_tls.h"

#include "absl/strings/str_cat.h"
#include "translate/tls_context.h"

namespace meshlib::translate {
namespace {

using manifest::ClientTls;

constexpr char kRawSocket[] = "envoy.transport_sockets.raw_buffer";

// A Kubernetes Secret, which the control plane itself would have to serve.
void SetStoredSecret(const std::string& name, const char* ending, xds_tls::SdsSecretConfig& out) {
  out.set_name(absl::StrCat("kubernetes://", name, ending));
  out.mutable_sds_config()->mutable_ads();
  out.mutable_sds_config()->set_resource_api_version(xds_core::V3);
}

void SetNames(const std::vector<std::string>& names, xds_tls::CertificateValidationContext& out) {
  for (const std::string& name : names) out.add_match_subject_alt_names()->set_exact(name);
}

xds_core::TransportSocket IstioSocket(const PeerNames& peer, bool http2) {
  xds_tls::UpstreamTlsContext context;
  context.set_sni(peer.sni);
  xds_tls::CommonTlsContext& common = *context.mutable_common_tls_context();
  SetVersions(common);
  SetAgentCertificates(common);
  SetNames(peer.subject_alt_names,
           *common.mutable_combined_validation_context()->mutable_default_validation_context());
  common.add_alpn_protocols("istio-peer-exchange");
  common.add_alpn_protocols("istio");
  if (http2) common.add_alpn_protocols("h2");
  return TlsSocket(context);
}

// What the server is asked to prove, unless nothing is.
void SetServerCheck(const ClientTls& tls, const std::vector<std::string>& names,
                    xds_tls::CommonTlsContext& common) {
  if (tls.insecure_skip_verify.value_or(false)) {
    common.mutable_validation_context();
    return;
  }
  if (!tls.credential_name.empty()) {
    auto& combined = *common.mutable_combined_validation_context();
    SetNames(names, *combined.mutable_default_validation_context());
    SetStoredSecret(tls.credential_name, "-cacert",
                    *combined.mutable_validation_context_sds_secret_config());
    return;
  }
  auto& validation = *common.mutable_validation_context();
  SetNames(names, validation);
  if (tls.ca_certificates.empty()) {
    validation.mutable_system_root_certs();
  } else {
    validation.mutable_trusted_ca()->set_filename(tls.ca_certificates);
  }
  if (!tls.ca_crl.empty()) validation.mutable_crl()->set_filename(tls.ca_crl);
}

// SIMPLE and MUTUAL: TLS to a server that is no member of the mesh.
xds_core::TransportSocket OriginationSocket(const ClientTls& tls,
                                            const std::vector<std::string>& names, bool http2) {
  xds_tls::UpstreamTlsContext context;
  context.set_sni(tls.sni);
  xds_tls::CommonTlsContext& common = *context.mutable_common_tls_context();
  SetVersions(common);
  const bool mutual = tls.mode == ClientTls::Mode::kMutual;
  if (mutual && !tls.credential_name.empty()) {
    SetStoredSecret(tls.credential_name, "", *common.add_tls_certificate_sds_secret_configs());
  } else if (mutual) {
    auto& certificate = *common.add_tls_certificates();
    certificate.mutable_certificate_chain()->set_filename(tls.client_certificate);
    certificate.mutable_private_key()->set_filename(tls.private_key);
  }
  SetServerCheck(tls, names, common);
  if (http2) common.add_alpn_protocols("h2");
  return TlsSocket(context);
}

void AddMatch(const char* name, const char* tls_mode, const xds_core::TransportSocket& socket,
              xds_cluster::Cluster& cluster) {
  auto& match = *cluster.add_transport_socket_matches();
  match.set_name(name);
  google::protobuf::Struct& condition = *match.mutable_match();
  if (tls_mode != nullptr) {
    (*condition.mutable_fields())["tlsMode"].set_string_value(tls_mode);
  }
  *match.mutable_transport_socket() = socket;
}

xds_core::TransportSocket RawSocket() {
  xds_core::TransportSocket socket;
  socket.set_name(kRawSocket);
  socket.mutable_typed_config()->set_type_url(
      "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer");
  return socket;
}

// What the DestinationRule says of the peer goes before what we know of it.
PeerNames Overridden(const ClientTls& tls, const PeerNames& peer) {
  PeerNames names = peer;
  if (!tls.sni.empty()) names.sni = tls.sni;
  if (!tls.subject_alt_names.empty()) names.subject_alt_names = tls.subject_alt_names;
  return names;
}

}  // namespace

void ApplySidecarTls(const ClientTls* tls, const PeerNames& peer, bool external, bool http2,
                     xds_cluster::Cluster& cluster) {
  if (tls == nullptr) {
    if (external || cluster.type() == xds_cluster::Cluster::ORIGINAL_DST) return;
    AddMatch("tlsMode-istio", "istio", IstioSocket(peer, http2), cluster);
    AddMatch("tlsMode-disabled", nullptr, RawSocket(), cluster);
    return;
  }
  switch (tls->mode) {
    case ClientTls::Mode::kDisable:
      return;
    case ClientTls::Mode::kSimple:
    case ClientTls::Mode::kMutual:
      // A ServiceEntry may say which names its servers have.
      *cluster.mutable_transport_socket() = OriginationSocket(
          *tls, external ? Overridden(*tls, peer).subject_alt_names : tls->subject_alt_names,
          http2);
      return;
    case ClientTls::Mode::kIstioMutual:
      *cluster.mutable_transport_socket() = IstioSocket(Overridden(*tls, peer), http2);
      return;
  }
}

void ApplyGrpcTls(const ClientTls* tls, const PeerNames& peer, xds_cluster::Cluster& cluster) {
  if (tls == nullptr || tls->mode != ClientTls::Mode::kIstioMutual) return;
  xds_tls::UpstreamTlsContext context;
  xds_tls::CommonTlsContext& common = *context.mutable_common_tls_context();
  SetProviderCertificates(common);
  SetNames(Overridden(*tls, peer).subject_alt_names,
           *common.mutable_combined_validation_context()->mutable_default_validation_context());
  *cluster.mutable_transport_socket() = TlsSocket(context);
}

}  // namespace meshlib::translate
