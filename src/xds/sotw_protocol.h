// SPDX-License-Identifier: Apache-2.0
// SotwProtocol: the state-of-the-world variant of the xDS transport protocol.

#ifndef MESHLIB_XDS_SOTW_PROTOCOL_H_
#define MESHLIB_XDS_SOTW_PROTOCOL_H_

#include <map>
#include <string>
#include <string_view>

#include "xds/ads_protocol.h"
#include "xds/node_identity.h"

namespace meshlib::xds {

// DiscoveryRequest and DiscoveryResponse. Each request lists all that is wanted of a type; versions
// are of a type as a whole. Thread-compatible.
class SotwProtocol final : public AdsProtocol {
 public:
  explicit SotwProtocol(const NodeIdentity& node);

  AdsMethod method() const override { return AdsMethod::kStateOfTheWorld; }
  void StartStream() override;
  std::optional<std::string> Subscribe(std::string_view type_url,
                                       const AdsInterest& interest) override;
  absl::StatusOr<AdsResponse> Decode(std::string bytes) override;
  std::string Answer(const AdsResponse& response, const AdsInterest& interest,
                     std::string_view problems) override;

 private:
  struct TypeState {
    std::string version;      // of the last response without problems; outlives streams
    std::string nonce;        // of the last response on this stream
    bool subscribed = false;  // on this stream
    bool named = false;       // names were listed on this stream: an empty list means none now
  };

  std::string Encode(std::string_view type_url, TypeState& state, const AdsInterest& interest,
                     std::string_view problems);

  const std::string node_;  // serialized
  bool node_sent_ = false;
  std::map<std::string, TypeState, std::less<>> types_;
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_SOTW_PROTOCOL_H_
