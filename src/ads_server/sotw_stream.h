// SPDX-License-Identifier: Apache-2.0
// SotwStream: one client of the state-of-the-world protocol.

#ifndef MESHLIB_ADS_SERVER_SOTW_STREAM_H_
#define MESHLIB_ADS_SERVER_SOTW_STREAM_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ads_server/resource_source.h"
#include "ads_server/served_stream.h"
#include "ads_server/stream_client.h"
#include "base/timer.h"

namespace meshlib::envoy::service::discovery::v3 {
class DiscoveryRequest;
}

namespace meshlib::ads_server {

// Each response holds all that the client wants of a type. There is at most one unanswered response
// per type: changes meanwhile are summed up, so that a client that does not read costs nothing.
// Names that do not exist are said so in resource_errors (gRPC proposal A88), which clients that do
// not know it skip. Control thread only.
class SotwStream final : public ServedStream {
 public:
  // REQUIRES: `sink` outlives it.
  SotwStream(const StreamContext& context, StreamSink& sink);

  void OnMessage(const std::string& bytes) override;
  void Push() override;

 private:
  using Request = envoy::service::discovery::v3::DiscoveryRequest;

  // What a response says.
  struct Answer {
    std::vector<ServedResource> resources;  // by name
    std::vector<std::string> absent;
    bool withheld = false;  // more is to come
    friend bool operator==(const Answer&, const Answer&) = default;
  };
  struct TypeState {
    std::vector<std::string> names;  // ascending
    bool wildcard = false;
    bool named = false;  // a name was listed once: an empty list means none
    bool owes_response = false;
    bool unanswered = false;
    std::string nonce;
    std::string version;
    Answer sent;
    std::vector<ServedResource> lingering;  // gone from the source, not yet from the client
  };

  void ReadAnswer(std::string_view type_url, TypeState& state, const Request& request);
  static bool ReadNames(std::string_view type_url, TypeState& state, const Request& request);
  void Respond(std::string_view type_url, TypeState& state);
  Answer AnswerFor(std::string_view type_url, const TypeState& state);
  bool WouldDiffer(std::string_view type_url);
  void KeepLingering();
  void EndLingering();
  void Send(std::string_view type_url, TypeState& state, Answer answer);

  const StreamContext context_;
  StreamSink& sink_;
  StreamClient client_;
  std::map<std::string, TypeState, std::less<>> types_;
  base::Timer linger_timer_;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_SOTW_STREAM_H_
