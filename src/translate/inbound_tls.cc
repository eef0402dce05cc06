// SPDX-License-Identifier: Apache-2.0
#include "translate/inbound_tls.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "translate/tls_context.h"

namespace meshlib::translate {
namespace {

constexpr const char* kCiphers[] = {
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",   "AES256-GCM-SHA384",           "AES128-GCM-SHA256"};

}  // namespace

xds_core::TransportSocket SidecarServerSocket(const TrustDomains& domains) {
  xds_tls::DownstreamTlsContext context;
  context.mutable_require_client_certificate()->set_value(true);
  xds_tls::CommonTlsContext& common = *context.mutable_common_tls_context();
  SetVersions(common);
  for (const char* cipher : kCiphers) common.mutable_tls_params()->add_cipher_suites(cipher);
  SetAgentCertificates(common);
  auto& validation =
      *common.mutable_combined_validation_context()->mutable_default_validation_context();
  for (const std::string& domain : domains.All()) {
    validation.add_match_subject_alt_names()->set_prefix(absl::StrCat("spiffe://", domain, "/"));
  }
  common.add_alpn_protocols("h2");
  common.add_alpn_protocols("http/1.1");
  return TlsSocket(context);
}

xds_core::TransportSocket GrpcServerSocket() {
  xds_tls::DownstreamTlsContext context;
  context.mutable_require_client_certificate()->set_value(true);
  SetProviderCertificates(*context.mutable_common_tls_context());
  return TlsSocket(context);
}

}  // namespace meshlib::translate
