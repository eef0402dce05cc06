// SPDX-License-Identifier: Apache-2.0
// ServingCredentials: gRPC's server side of TLS, with a certificate that may be replaced.

#ifndef MESHLIB_RPC_SERVING_CREDENTIALS_H_
#define MESHLIB_RPC_SERVING_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "base/mutex.h"
#include "identity/serving_certificates.h"

struct grpc_ssl_server_certificate_config;

namespace meshlib::rpc {

// gRPC 1.51 offers a C++ server other certificates only by way of files, and its C interface by a
// function that it asks at each handshake. Clients are asked for no certificate. Thread-safe.
class ServingCredentials final : public grpc::ServerCredentials {
 public:
  explicit ServingCredentials(identity::ServingCertificateSource source);
  // REQUIRES: the servers that have it are gone.
  ~ServingCredentials() override;
  ServingCredentials(const ServingCredentials&) = delete;
  ServingCredentials& operator=(const ServingCredentials&) = delete;

  // Has no effect: callers are checked per stream.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& processor) override;

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override;
  // Null: the certificate is the one that was taken last.
  grpc_ssl_server_certificate_config* TakeChanged();

  const identity::ServingCertificateSource source_;
  grpc_server_credentials* const credentials_;
  base::Mutex mutex_;
  std::shared_ptr<const identity::ServingCertificate> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_SERVING_CREDENTIALS_H_
