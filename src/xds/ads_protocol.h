// SPDX-License-Identifier: Apache-2.0
// AdsProtocol: how subscriptions and answers are written on an ADS stream.
//
// AdsClient knows what is wanted and what is known; a protocol knows versions, nonces and messages.
// State of the world is one, delta another.

#ifndef MESHLIB_XDS_ADS_PROTOCOL_H_
#define MESHLIB_XDS_ADS_PROTOCOL_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "xds/ads_transport.h"
#include "xds/node_identity.h"

namespace meshlib::xds {

// What is wanted of one type. A value.
struct AdsInterest {
  std::vector<std::string> names;
  bool wildcard = false;

  bool empty() const { return names.empty() && !wildcard; }
  friend bool operator==(const AdsInterest&, const AdsInterest&) = default;
};

// One resource of a response; views point into the response. A value.
struct AdsResource {
  std::string_view type_url;  // of the resource itself
  std::string_view name;      // empty: only its body says
  std::vector<std::string_view> aliases;
  std::optional<std::string_view> body;  // none: a heartbeat
  // How long it counts, from now on; none: until something else is said.
  std::optional<absl::Duration> ttl{};
};

// A decoded response. Movable; its views stay valid as long as `storage`.
struct AdsResponse {
  std::string_view type_url;
  std::string_view version;
  std::string_view nonce;
  std::vector<AdsResource> resources;
  // What the server says of names that it does not send (gRPC proposal A88); NOT_FOUND: there is no
  // such resource.
  std::vector<std::pair<std::string_view, absl::Status>> errors;
  // State of the world: of a type with full_state, what was there and is not listed is gone.
  bool is_complete = false;
  std::shared_ptr<const void> storage;
};

// Thread-compatible.
class AdsProtocol {
 public:
  virtual ~AdsProtocol() = default;

  virtual AdsMethod method() const = 0;

  // A new stream: its nonces are gone, versions are not; the next request carries the node.
  virtual void StartStream() = 0;

  // The message that asks for `interest` and nothing else of that type from now on; nullopt when
  // there is nothing to say.
  virtual std::optional<std::string> Subscribe(std::string_view type_url,
                                               const AdsInterest& interest) = 0;

  // An error means that the bytes are not a response: the stream is of no use any more.
  virtual absl::StatusOr<AdsResponse> Decode(std::string bytes) = 0;

  // The answer to a response: ACK when there are no problems, otherwise a NACK that tells them.
  virtual std::string Answer(const AdsResponse& response, const AdsInterest& interest,
                             std::string_view problems) = 0;
};

// DiscoveryRequest and DiscoveryResponse: each request lists all that is wanted of a type; versions
// are of a type as a whole.
std::unique_ptr<AdsProtocol> MakeSotwProtocol(const NodeIdentity& node);

// DeltaDiscoveryRequest and DeltaDiscoveryResponse: what is subscribed to is told by differences,
// and a new stream tells the versions that the client has, so that they are not sent again. Removed
// resources are decoded as errors with NOT_FOUND.
std::unique_ptr<AdsProtocol> MakeDeltaProtocol(const NodeIdentity& node);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_ADS_PROTOCOL_H_
