// SPDX-License-Identifier: Apache-2.0
// InProcessTransport: the ADS stream between an AdsClient and an AdsServer of one process.

#ifndef MESHLIB_ADS_SERVER_IN_PROCESS_TRANSPORT_H_
#define MESHLIB_ADS_SERVER_IN_PROCESS_TRANSPORT_H_

#include <memory>
#include <string>

#include "ads_server/ads_server.h"
#include "base/event_loop.h"
#include "xds/ads_transport.h"

namespace meshlib::ads_server {

// Messages are handed over in turns of their own, in order, as on a network.
// Control thread only.
class InProcessTransport final : public xds::AdsTransport {
 public:
  // `name` is what ToString() says: "yaml:mesh". REQUIRES: `loop` and `server` outlive it and its
  // streams.
  InProcessTransport(base::EventLoop& loop, AdsServer& server, std::string name)
      : loop_(loop), server_(server), name_(std::move(name)) {}

  std::unique_ptr<xds::AdsStream> Open(xds::AdsMethod method,
                                       xds::AdsStreamHandler& handler) override;
  std::string ToString() const override { return name_; }

 private:
  base::EventLoop& loop_;
  AdsServer& server_;
  const std::string name_;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_IN_PROCESS_TRANSPORT_H_
