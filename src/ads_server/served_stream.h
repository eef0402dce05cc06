// SPDX-License-Identifier: Apache-2.0
// ServedStream and StreamSink: the two ends of an ADS stream inside a server.

#ifndef MESHLIB_ADS_SERVER_SERVED_STREAM_H_
#define MESHLIB_ADS_SERVER_SERVED_STREAM_H_

#include <string>

#include "absl/status/status.h"

namespace meshlib::ads_server {

// Where a stream's messages go; implemented by what carries the stream. Control thread only.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // `bytes`: a serialized DiscoveryResponse or DeltaDiscoveryResponse.
  virtual void Send(std::string bytes) = 0;
  // The client is not understood: ends the stream. Whoever carries it destroys the ServedStream
  // later, not inside Close().
  virtual void Close(const absl::Status& status) = 0;
};

// One client's subscriptions. Destroying it means that the stream has ended. Control thread only.
class ServedStream {
 public:
  virtual ~ServedStream() = default;
  // `bytes`: a serialized DiscoveryRequest or DeltaDiscoveryRequest.
  virtual void OnMessage(const std::string& bytes) = 0;
  // Sends what has become different.
  virtual void Push() = 0;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_SERVED_STREAM_H_
