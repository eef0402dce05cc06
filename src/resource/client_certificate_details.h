// SPDX-License-Identifier: Apache-2.0
// ClientCertificateDetails: what becomes of x-forwarded-client-cert.

#ifndef MESHLIB_RESOURCE_CLIENT_CERTIFICATE_DETAILS_H_
#define MESHLIB_RESOURCE_CLIENT_CERTIFICATE_DETAILS_H_

#include <cstdint>

namespace meshlib::resource {

// HttpConnectionManager.forward_client_cert_details and set_current_client_cert_details. A value.
struct ClientCertificateDetails {
  // Without a client certificate all but kAlwaysForward remove the header.
  enum class Action : uint8_t { kRemove, kForward, kAppend, kSet, kAlwaysForward };
  Action action = Action::kRemove;
  // What is told of the client's certificate beside its hash.
  bool certificate = false;
  bool subject = false;
  bool uri = false;
  bool dns = false;
  friend bool operator==(const ClientCertificateDetails&,
                         const ClientCertificateDetails&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_CLIENT_CERTIFICATE_DETAILS_H_
