// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_client_certificate.h"

namespace meshlib::xds {
namespace {

namespace hcm = envoy::extensions::filters::network::http_connection_manager::v3;
using resource::ClientCertificateDetails;

ClientCertificateDetails::Action DecodeAction(const hcm::HttpConnectionManager& in,
                                              DecodeContext& context) {
  switch (in.forward_client_cert_details()) {
    case hcm::HttpConnectionManager::SANITIZE:
      return ClientCertificateDetails::Action::kRemove;
    case hcm::HttpConnectionManager::FORWARD_ONLY:
      return ClientCertificateDetails::Action::kForward;
    case hcm::HttpConnectionManager::APPEND_FORWARD:
      return ClientCertificateDetails::Action::kAppend;
    case hcm::HttpConnectionManager::SANITIZE_SET:
      return ClientCertificateDetails::Action::kSet;
    case hcm::HttpConnectionManager::ALWAYS_FORWARD_ONLY:
      return ClientCertificateDetails::Action::kAlwaysForward;
    default:
      context.Error("forward_client_cert_details", "unknown value");
      return ClientCertificateDetails::Action::kRemove;
  }
}

}  // namespace

ClientCertificateDetails DecodeClientCertificate(const hcm::HttpConnectionManager& in,
                                                 DecodeContext& context) {
  ClientCertificateDetails out;
  out.action = DecodeAction(in, context);
  const auto& details = in.set_current_client_cert_details();
  out.certificate = details.cert();
  out.subject = details.subject().value();
  out.uri = details.uri();
  out.dns = details.dns();
  if (details.chain()) context.Ignored("set_current_client_cert_details.chain");
  return out;
}

}  // namespace meshlib::xds
