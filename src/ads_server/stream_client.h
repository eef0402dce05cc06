// SPDX-License-Identifier: Apache-2.0
// StreamClient: the client of a stream, whichever variant of ADS it speaks.

#ifndef MESHLIB_ADS_SERVER_STREAM_CLIENT_H_
#define MESHLIB_ADS_SERVER_STREAM_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ads_server/ads_server_observer.h"
#include "ads_server/inbound_registrations.h"
#include "ads_server/resource_source.h"
#include "ads_server/served_stream.h"
#include "base/event_loop.h"
#include "google/protobuf/message.h"
#include "meshlib/envoy/config/core/v3/core.pb.h"

namespace meshlib::ads_server {

// What all streams of a server share. A value; all that it names outlives them.
struct StreamContext {
  base::EventLoop& loop;
  ResourceSource& source;
  const uint64_t& version;  // of what is served, read at each response
  registry::Registry* registry = nullptr;
  AdsServerObserver* observer = nullptr;
};

// Who it is, what it has registered, and what the observer is told of it. Control thread only.
class StreamClient final {
 public:
  StreamClient(const StreamContext& context, StreamSink& sink);
  ~StreamClient();
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  // Reads a DiscoveryRequest or DeltaDiscoveryRequest. False: it cannot be understood, and the
  // stream was told to close.
  template <typename Request>
  bool Read(const std::string& bytes, Request& request) {
    return Parse(bytes, request) &&
           Accept(request.type_url(), request.has_node() ? &request.node() : nullptr);
  }

  // Null before the first request.
  const Node* node() const { return node_ ? &*node_ : nullptr; }
  std::string NextNonce() { return std::to_string(next_nonce_++); }

  // REQUIRES of both: it has a node.
  void OnNack(std::string_view type_url, std::string_view version, std::string_view text) const;
  // The Listeners that it uses from now on. A NACK may be about another Listener of the response:
  // whoever rejected its own serves nothing, and a port that accepts no connection does not become
  // ready.
  void Uses(const std::vector<std::string>& listeners) { registrations_.Update(*node_, listeners); }

 private:
  bool Parse(const std::string& bytes, google::protobuf::Message& request) const;
  bool Accept(const std::string& type_url, const envoy::config::core::v3::Node* node);

  StreamSink& sink_;
  AdsServerObserver* const observer_;
  std::optional<Node> node_;
  uint64_t next_nonce_ = 1;
  InboundRegistrations registrations_;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_STREAM_CLIENT_H_
