// SPDX-License-Identifier: Apache-2.0
#include "identity/certificate_messages.h"

#include "meshlib/istio/v1/auth/ca.pb.h"

namespace meshlib::identity {
namespace {

// Certificates are small; what is larger is no answer to the question.
constexpr size_t kLongestMessage = 1 << 20;

template <typename Message>
bool Read(std::string_view bytes, Message& message) {
  return bytes.size() <= kLongestMessage &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

std::string EncodeRequest(const CertificateRequest& request) {
  istio::v1::auth::IstioCertificateRequest message;
  message.set_csr(request.request_pem);
  message.set_validity_duration(absl::ToInt64Seconds(request.lifetime));
  for (const auto& [key, value] : request.metadata) {
    (*message.mutable_metadata()->mutable_fields())[key].set_string_value(value);
  }
  return message.SerializeAsString();
}

absl::StatusOr<CertificateRequest> DecodeRequest(std::string_view bytes) {
  istio::v1::auth::IstioCertificateRequest message;
  if (!Read(bytes, message)) {
    return absl::InvalidArgumentError("identity: not an IstioCertificateRequest");
  }
  CertificateRequest request;
  request.request_pem = message.csr();
  request.lifetime = absl::Seconds(message.validity_duration());
  for (const auto& [key, value] : message.metadata().fields()) {
    request.metadata[key] = value.string_value();
  }
  return request;
}

std::string EncodeResponse(const std::vector<std::string>& chain) {
  istio::v1::auth::IstioCertificateResponse message;
  for (const std::string& pem : chain) message.add_cert_chain(pem);
  return message.SerializeAsString();
}

absl::StatusOr<std::vector<std::string>> DecodeResponse(std::string_view bytes) {
  istio::v1::auth::IstioCertificateResponse message;
  if (!Read(bytes, message)) {
    return absl::InvalidArgumentError("identity: not an IstioCertificateResponse");
  }
  return std::vector<std::string>(message.cert_chain().begin(), message.cert_chain().end());
}

}  // namespace meshlib::identity
