#include "translate/upstream_tls.h"

#include "meshlib/envoy/extensions/transport_sockets/tls/v3/tls.pb.h"
#include "proto/any.h"

namespace meshlib::translate {
namespace {

namespace xds_tls = ::meshlib::envoy::extensions::transport_sockets::tls::v3;

using manifest::ClientTls;

constexpr char kTlsSocket[] = "envoy.transport_sockets.tls";
constexpr char kRawSocket[] = "envoy.transport_sockets.raw_buffer";

// A secret that Istio's agent serves beside the proxy; a client with an identity of its own uses
// that instead.
void SetAgentSecret(const std::string& name, xds_tls::SdsSecretConfig& out) {
  out.set_name(name);
  auto& source = *out.mutable_sds_config();
  auto& api = *source.mutable_api_config_source();
  api.set_api_type(xds_core::ApiConfigSource::GRPC);
  api.set_transport_api_version(xds_core::V3);
  api.set_set_node_on_first_message_only(true);
  api.add_grpc_services()->mutable_envoy_grpc()->set_cluster_name("sds-grpc");
  source.mutable_initial_fetch_timeout();
  source.set_resource_api_version(xds_core::V3);
}

void SetVersions(xds_tls::CommonTlsContext& common) {
  common.mutable_tls_params()->set_tls_minimum_protocol_version(xds_tls::TlsParameters::TLSv1_2);
  common.mutable_tls_params()->set_tls_maximum_protocol_version(xds_tls::TlsParameters::TLSv1_3);
}

void SetNames(const std::vector<std::string>& names, xds_tls::CertificateValidationContext& out) {
  for (const std::string& name : names) out.add_match_subject_alt_names()->set_exact(name);
}

xds_core::TransportSocket TlsSocket(const xds_tls::UpstreamTlsContext& context) {
  xds_core::TransportSocket socket;
  socket.set_name(kTlsSocket);
  *socket.mutable_typed_config() = proto::PackAny(context);
  return socket;
}

xds_core::TransportSocket IstioSocket(const PeerNames& peer, bool http2) {
  xds_tls::UpstreamTlsContext context;
  context.set_sni(peer.sni);
  xds_tls::CommonTlsContext& common = *context.mutable_common_tls_context();
  SetVersions(common);
  SetAgentSecret("default", *common.add_tls_certificate_sds_secret_configs());
  auto& validation = *common.mutable_combined_validation_context();
  SetNames(peer.subject_alt_names, *validation.mutable_default_validation_context());
  SetAgentSecret("ROOTCA", *validation.mutable_validation_context_sds_secret_config());
  common.add_alpn_protocols("istio-peer-exchange");
  common.add_alpn_protocols("istio");
  if (http2) common.add_alpn_protocols("h2");
  return TlsSocket(context);
}

// SIMPLE and MUTUAL: TLS to a server that is no member of the mesh.
xds_core::TransportSocket OriginationSocket(const ClientTls& tls, bool http2) {
  xds_tls::UpstreamTlsContext context;
  context.set_sni(tls.sni);
  xds_tls::CommonTlsContext& common = *context.mutable_common_tls_context();
  SetVersions(common);
  if (tls.mode == ClientTls::Mode::kMutual && !tls.client_certificate.empty()) {
    auto& certificate = *common.add_tls_certificates();
    certificate.mutable_certificate_chain()->set_filename(tls.client_certificate);
    certificate.mutable_private_key()->set_filename(tls.private_key);
  }
  auto& validation = *common.mutable_validation_context();
  if (!tls.insecure_skip_verify.value_or(false)) {
    SetNames(tls.subject_alt_names, validation);
    if (tls.ca_certificates.empty()) {
      validation.mutable_system_root_certs();
    } else {
      validation.mutable_trusted_ca()->set_filename(tls.ca_certificates);
    }
    if (!tls.ca_crl.empty()) validation.mutable_crl()->set_filename(tls.ca_crl);
  }
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
      *cluster.mutable_transport_socket() = OriginationSocket(*tls, http2);
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
  // Istio's bootstrap for gRPC calls its file watcher "default"; both generations of the fields are
  // given, as istiod does.
  const auto name = [](const char* certificate, auto& out) {
    out.set_instance_name("default");
    out.set_certificate_name(certificate);
  };
  name("default", *common.mutable_tls_certificate_certificate_provider_instance());
  name("default", *common.mutable_tls_certificate_provider_instance());
  auto& combined = *common.mutable_combined_validation_context();
  name("ROOTCA", *combined.mutable_validation_context_certificate_provider_instance());
  auto& validation = *combined.mutable_default_validation_context();
  name("ROOTCA", *validation.mutable_ca_certificate_provider_instance());
  SetNames(Overridden(*tls, peer).subject_alt_names, validation);
  *cluster.mutable_transport_socket() = TlsSocket(context);
}

}  // namespace meshlib::translate
