// SPDX-License-Identifier: Apache-2.0
// GrpcAdsTransport: ADS streams over gRPC.

#ifndef MESHLIB_RPC_GRPC_ADS_TRANSPORT_H_
#define MESHLIB_RPC_GRPC_ADS_TRANSPORT_H_

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/event_loop.h"
#include "rpc/control_plane_security.h"
#include "xds/ads_transport.h"

namespace meshlib::rpc {

// Each stream has a connection of its own, so that no backoff but that of whoever opens streams is
// at work. Proxies of the environment are not used. Messages may be of any size. A peer that does
// not answer pings (every 30 s, within 10 s) is taken as gone. With security, roots and token are
// read again for each stream; a stream without them ends with the cause. Control thread only;
// gRPC's threads reach it through `loop`.
class GrpcAdsTransport final : public xds::AdsTransport {
 public:
  // `address`: "HOST:PORT" or "unix:/PATH". REQUIRES: `loop` outlives it and its streams.
  // Without `security`: plaintext.
  GrpcAdsTransport(base::EventLoop& loop, std::string address,
                   std::optional<ControlPlaneSecurity> security = std::nullopt);
  // REQUIRES: its streams are destroyed.
  ~GrpcAdsTransport() override;

  std::unique_ptr<xds::AdsStream> Open(xds::AdsMethod method,
                                       xds::AdsStreamHandler& handler) override;
  // "grpc://HOST:PORT", "grpcs://HOST:PORT" or "unix:/PATH".
  std::string ToString() const override { return name_; }

 private:
  struct Channels;

  base::EventLoop& loop_;
  const base::SystemClock clock_;  // of tokens
  const std::string address_;
  const std::optional<ControlPlaneSecurity> security_;
  const std::string name_;
  const std::unique_ptr<Channels> channels_;
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_GRPC_ADS_TRANSPORT_H_
