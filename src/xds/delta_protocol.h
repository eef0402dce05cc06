// SPDX-License-Identifier: Apache-2.0
// DeltaProtocol: the incremental variant of ADS.

#ifndef MESHLIB_XDS_DELTA_PROTOCOL_H_
#define MESHLIB_XDS_DELTA_PROTOCOL_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "xds/ads_protocol.h"
#include "xds/node_identity.h"

namespace meshlib::xds {

// What is subscribed to is told by differences, and a new stream tells the versions that the client
// has, so that they are not sent again. Removed resources are decoded as errors with NOT_FOUND.
// Thread-compatible.
class DeltaProtocol final : public AdsProtocol {
 public:
  explicit DeltaProtocol(const NodeIdentity& node);

  AdsMethod method() const override { return AdsMethod::kDelta; }
  void StartStream() override;
  std::optional<std::string> Subscribe(std::string_view type_url,
                                       const AdsInterest& interest) override;
  absl::StatusOr<AdsResponse> Decode(std::string bytes) override;
  std::string Answer(const AdsResponse& response, const AdsInterest& interest,
                     std::string_view problems) override;

 private:
  struct TypeState {
    bool started = false;                         // on this stream
    std::set<std::string> subscribed;             // "*": everything
    std::map<std::string, std::string> versions;  // of what was accepted, by name
  };

  const std::string node_;  // serialized
  bool node_sent_ = false;
  std::map<std::string, TypeState, std::less<>> types_;
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DELTA_PROTOCOL_H_
