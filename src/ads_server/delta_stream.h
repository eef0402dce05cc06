// SPDX-License-Identifier: Apache-2.0
// DeltaStream: one client of the incremental protocol.

#ifndef MESHLIB_ADS_SERVER_DELTA_STREAM_H_
#define MESHLIB_ADS_SERVER_DELTA_STREAM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ads_server/resource_source.h"
#include "ads_server/served_stream.h"
#include "ads_server/stream_client.h"
#include "base/timer.h"

namespace meshlib::envoy::service::discovery::v3 {
class DeltaDiscoveryRequest;
class DeltaDiscoveryResponse;
}  // namespace meshlib::envoy::service::discovery::v3

namespace meshlib::ads_server {

// Each response holds what is new to the client, and the names of what is gone or was never there.
// The version of a resource is a digest of its bytes, so that one that a client has from before a
// restart of the server is not sent again. There is at most one unanswered response per type.
// Control thread only.
class DeltaStream final : public ServedStream {
 public:
  // REQUIRES: `sink` outlives it.
  DeltaStream(const StreamContext& context, StreamSink& sink);

  void OnMessage(const std::string& bytes) override;
  void Push() override;

 private:
  using Request = envoy::service::discovery::v3::DeltaDiscoveryRequest;
  using Response = envoy::service::discovery::v3::DeltaDiscoveryResponse;

  // What the client has. A value.
  struct Known {
    std::string version;                      // empty: it was told that there is none
    std::shared_ptr<const std::string> body;  // null: from another stream
  };
  struct TypeState {
    std::set<std::string> names;
    bool wildcard = false;
    bool owes_response = false;  // also when there is nothing to tell
    bool unanswered = false;
    std::string nonce;
    std::string version;
    std::map<std::string, Known> known;
    std::set<std::string> again;  // asked for anew: to be sent though the client has them
  };

  static void ReadFirst(std::string_view type_url, TypeState& state, const Request& request);
  static void ReadNames(TypeState& state, const Request& request);
  void ReadAnswer(std::string_view type_url, TypeState& state, const Request& request);
  void Respond(std::string_view type_url, TypeState& state);
  // What there is to tell, and what the client knows once it has been told.
  Response News(std::string_view type_url, const TypeState& state,
                std::map<std::string, Known>* known);
  bool HasNews(std::string_view type_url);

  const StreamContext context_;
  StreamSink& sink_;
  StreamClient client_;
  std::map<std::string, TypeState, std::less<>> types_;
  bool lingering_ = false;  // Clusters and EndpointSets are not taken away yet
  base::Timer linger_timer_;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_DELTA_STREAM_H_
