// SPDX-License-Identifier: Apache-2.0
#include "translate/tls_context.h"

#include <string>

namespace meshlib::translate {
namespace {

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

template <typename Instance>
void SetInstance(const char* certificate, Instance& out) {
  out.set_instance_name("default");
  out.set_certificate_name(certificate);
}

}  // namespace

void SetVersions(xds_tls::CommonTlsContext& common) {
  common.mutable_tls_params()->set_tls_minimum_protocol_version(xds_tls::TlsParameters::TLSv1_2);
  common.mutable_tls_params()->set_tls_maximum_protocol_version(xds_tls::TlsParameters::TLSv1_3);
}

void SetAgentCertificates(xds_tls::CommonTlsContext& common) {
  SetAgentSecret("default", *common.add_tls_certificate_sds_secret_configs());
  auto& validation = *common.mutable_combined_validation_context();
  SetAgentSecret("ROOTCA", *validation.mutable_validation_context_sds_secret_config());
}

void SetProviderCertificates(xds_tls::CommonTlsContext& common) {
  SetInstance("default", *common.mutable_tls_certificate_certificate_provider_instance());
  SetInstance("default", *common.mutable_tls_certificate_provider_instance());
  auto& combined = *common.mutable_combined_validation_context();
  SetInstance("ROOTCA", *combined.mutable_validation_context_certificate_provider_instance());
  auto& validation = *combined.mutable_default_validation_context();
  SetInstance("ROOTCA", *validation.mutable_ca_certificate_provider_instance());
}

}  // namespace meshlib::translate
