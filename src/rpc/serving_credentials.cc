// SPDX-License-Identifier: Apache-2.0
#include "rpc/serving_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <utility>

namespace meshlib::rpc {
namespace {

grpc_server_credentials* AskingAtEachHandshake(grpc_ssl_server_certificate_config_callback fetch,
                                               void* data) {
  return grpc_ssl_server_credentials_create_with_options(
      grpc_ssl_server_credentials_create_options_using_config_fetcher(
          GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE, fetch, data));
}

}  // namespace

ServingCredentials::ServingCredentials(identity::ServingCertificateSource source)
    : source_(std::move(source)),
      credentials_(AskingAtEachHandshake(
          [](void* self, grpc_ssl_server_certificate_config** config) {
            *config = static_cast<ServingCredentials*>(self)->TakeChanged();
            return *config == nullptr ? GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED
                                      : GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
          },
          this)) {}

ServingCredentials::~ServingCredentials() { grpc_server_credentials_release(credentials_); }

void ServingCredentials::SetAuthMetadataProcessor(
    const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) {}

int ServingCredentials::AddPortToServer(const std::string& address, grpc_server* server) {
  return grpc_server_add_http2_port(server, address.c_str(), credentials_);
}

grpc_ssl_server_certificate_config* ServingCredentials::TakeChanged() {
  const std::shared_ptr<const identity::ServingCertificate> current = source_();
  {
    base::MutexLock lock(mutex_);
    if (current == taken_) return nullptr;
    taken_ = current;
  }
  const grpc_ssl_pem_key_cert_pair pair = {current->key_pem.c_str(), current->chain_pem.c_str()};
  // gRPC 1.51 insists on roots, which it uses for nothing where clients are asked for nothing.
  return grpc_ssl_server_certificate_config_create(pair.cert_chain, &pair, 1);
}

}  // namespace meshlib::rpc
