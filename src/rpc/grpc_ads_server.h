// SPDX-License-Identifier: Apache-2.0
// GrpcAdsServer: serves an AdsServer's streams, and certificates, over gRPC.

#ifndef MESHLIB_RPC_GRPC_ADS_SERVER_H_
#define MESHLIB_RPC_GRPC_ADS_SERVER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ads_server/ads_server.h"
#include "base/event_loop.h"
#include "identity/certificate_endpoint.h"
#include "identity/serving_certificates.h"

namespace meshlib::rpc {

// A value.
struct GrpcAdsServerOptions {
  std::optional<std::string> listen{};     // "127.0.0.1:15010", port 0: any
  std::optional<std::string> unix_path{};  // created with mode 0600, removed at the end
  // Of `listen`; empty: plaintext.
  identity::ServingCertificateSource tls{};
  // Issues certificates here, and says who may open streams; null: neither. Never on plaintext TCP;
  // without proof of who calls, only on a unix socket in a directory that its owner alone can
  // enter.
  const identity::CertificateEndpoint* certificates = nullptr;
};

// The streams' messages are handled on `loop`. Control thread only.
class GrpcAdsServer final {
 public:
  // An error names the address and the cause. REQUIRES: `loop` and `server` outlive it.
  static absl::StatusOr<std::unique_ptr<GrpcAdsServer>> Start(base::EventLoop& loop,
                                                              ads_server::AdsServer& server,
                                                              const GrpcAdsServerOptions& options);
  // Ends all streams. Waits for gRPC's threads, not for peers.
  ~GrpcAdsServer();
  GrpcAdsServer(const GrpcAdsServer&) = delete;
  GrpcAdsServer& operator=(const GrpcAdsServer&) = delete;

  // The TCP port, 0 when there is none.
  int port() const;

 private:
  class Service;
  GrpcAdsServer();

  std::unique_ptr<Service> service_;
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_GRPC_ADS_SERVER_H_
