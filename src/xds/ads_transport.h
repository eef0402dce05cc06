// SPDX-License-Identifier: Apache-2.0
// AdsTransport: one stream of opaque ADS messages to a control plane.

#ifndef MESHLIB_XDS_ADS_TRANSPORT_H_
#define MESHLIB_XDS_ADS_TRANSPORT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace meshlib::xds {

enum class AdsMethod { kStateOfTheWorld, kDelta };

// Grammar: (OnConnected OnMessage*)? OnClosed. On the control loop, never inside Open() or Send().
class AdsStreamHandler {
 public:
  virtual ~AdsStreamHandler() = default;
  // The stream is established: what was sent is on its way to a server that is there.
  virtual void OnConnected() = 0;
  // `bytes`: a serialized DiscoveryResponse or DeltaDiscoveryResponse.
  virtual void OnMessage(std::string bytes) = 0;
  virtual void OnClosed(const absl::Status& status) = 0;
};

// Destroying it ends the stream, also from within a function of its handler; no function of the
// handler is called after that.
// Control thread only.
class AdsStream {
 public:
  virtual ~AdsStream() = default;
  virtual void Send(std::string bytes) = 0;
};

// Control thread only.
class AdsTransport {
 public:
  virtual ~AdsTransport() = default;
  // `handler` must stay valid as long as the stream.
  virtual std::unique_ptr<AdsStream> Open(AdsMethod method, AdsStreamHandler& handler) = 0;
  // For messages: "grpc://127.0.0.1:15010".
  virtual std::string ToString() const = 0;
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_ADS_TRANSPORT_H_
