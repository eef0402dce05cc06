// SPDX-License-Identifier: Apache-2.0
// SecurePair: an AdsPair whose server also issues certificates, over TLS and on a unix socket.

#ifndef MESHLIB_TESTS_RPC_SECURE_PAIR_H_
#define MESHLIB_TESTS_RPC_SECURE_PAIR_H_

#include <filesystem>
#include <memory>
#include <string>

#include "ads_pair.h"
#include "identity/certificate_authority.h"
#include "identity/certificate_endpoint.h"
#include "identity/secret_file.h"
#include "manifest/temp_directory.h"
#include "rpc/control_plane_security.h"

namespace meshlib::rpc {

class SecurePair : public AdsPair {
 protected:
  SecurePair() {
    directory_.Write("root.pem", authority_->root_pem());
    WriteToken("default", "default");
  }

  std::string Token(const std::string& name_space, const std::string& account,
                    absl::Duration lifetime = absl::Hours(1)) const {
    const absl::Time now = clock_.WallNow();
    return authority_->tokens().Issue({name_space, account, now, now + lifetime}).value();
  }
  void WriteToken(const std::string& name_space, const std::string& account,
                  absl::Duration lifetime = absl::Hours(1)) {
    WriteTokenText(Token(name_space, account, lifetime));
  }
  void WriteTokenText(const std::string& text) {
    EXPECT_TRUE(identity::WriteSecretFile(directory_.At("token"), text).ok());
  }
  ControlPlaneSecurity Security() const {
    return {.root_file = directory_.At("root.pem"),
            .server_name = "",
            .token_file = directory_.At("token"),
            .cluster_id = "Kubernetes"};
  }
  // A certificate of the authority that stays.
  identity::ServingCertificateSource ServingAs(const std::string& host) const {
    return [certificate = std::make_shared<const identity::ServingCertificate>(
                authority_->IssueServing({host}).value())] { return certificate; };
  }
  void StartTlsServer() {
    StartServer(
        {.listen = "127.0.0.1:0", .tls = ServingAs("127.0.0.1"), .certificates = &by_token_});
  }
  std::string SocketPath() const { return directory_.At("ads.sock"); }

  const std::unique_ptr<identity::CertificateAuthority> authority_ =
      identity::CertificateAuthority::InMemory({}, clock_).value();
  const identity::CertificateEndpoint by_token_{*authority_, identity::CallerProof::kToken};
  const identity::CertificateEndpoint open_{*authority_, identity::CallerProof::kNothing};
  manifest::TempDirectory directory_;
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_TESTS_RPC_SECURE_PAIR_H_
