// SPDX-License-Identifier: Apache-2.0
// GrpcCertificateService: Istio's certificate service over gRPC.

#ifndef MESHLIB_RPC_GRPC_CERTIFICATE_SERVICE_H_
#define MESHLIB_RPC_GRPC_CERTIFICATE_SERVICE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/event_loop.h"
#include "identity/certificate_service.h"
#include "rpc/control_plane_security.h"

namespace meshlib::rpc {

// A value.
struct GrpcCertificateServiceOptions {
  std::string address;  // "HOST:PORT" or "unix:/PATH"
  // Absent: plaintext, which only a unix socket of one's own may be.
  std::optional<ControlPlaneSecurity> security{};
  std::map<std::string, std::string> metadata{};  // of the request: who we are, for a unix socket
};

// Each request has a connection and reads the files of `security` anew: the authority's own root
// may have changed. Control thread only; gRPC's threads reach it through `loop`.
class GrpcCertificateService final : public identity::CertificateService {
 public:
  // REQUIRES: `loop` and `clock` outlive it.
  GrpcCertificateService(base::EventLoop& loop, const base::Clock& clock,
                         GrpcCertificateServiceOptions options);
  ~GrpcCertificateService() override;

  base::Subscription CreateCertificate(std::string request_pem, absl::Duration lifetime,
                                       Done done) override;
  std::string ToString() const override;

 private:
  struct Channels;

  base::EventLoop& loop_;
  const base::Clock& clock_;
  const GrpcCertificateServiceOptions options_;
  const std::unique_ptr<Channels> channels_;
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_GRPC_CERTIFICATE_SERVICE_H_
