// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"
#include "xds/ads_protocol.h"
#include "xds/nack_text.h"
#include "xds/node_message.h"

namespace meshlib::xds {
namespace {

namespace discovery = envoy::service::discovery::v3;

constexpr int kInvalidArgument = static_cast<int>(absl::StatusCode::kInvalidArgument);

// What the views of an AdsResponse point into.
struct Storage {
  discovery::DiscoveryResponse response;
  std::deque<discovery::Resource> wrappers;
};

// A resource may come as it is, or wrapped with aliases.
absl::StatusOr<AdsResource> Unwrap(const google::protobuf::Any& any, Storage& storage) {
  AdsResource resource;
  if (base::StdView(any.type_url()) != proto::kResourceWrapperTypeUrl) {
    resource.type_url = any.type_url();
    resource.body = any.value();
    return resource;
  }
  discovery::Resource& wrapper = storage.wrappers.emplace_back();
  if (!wrapper.ParseFromString(any.value())) {
    return absl::InvalidArgumentError("a wrapped resource that cannot be decoded");
  }
  resource.name = wrapper.name().empty() ? wrapper.resource_name().name() : wrapper.name();
  resource.aliases.assign(wrapper.aliases().begin(), wrapper.aliases().end());
  if (wrapper.has_ttl()) {
    resource.ttl =
        absl::Seconds(wrapper.ttl().seconds()) + absl::Nanoseconds(wrapper.ttl().nanos());
  }
  if (wrapper.has_resource()) {
    resource.type_url = wrapper.resource().type_url();
    resource.body = wrapper.resource().value();
  } else {
    resource.type_url = storage.response.type_url();
  }
  return resource;
}

absl::Status ErrorOf(const discovery::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.code()), status.message());
}

// Thread-compatible.
class SotwProtocol final : public AdsProtocol {
 public:
  explicit SotwProtocol(const NodeIdentity& node) : node_(EncodeNode(node)) {}

  AdsMethod method() const override { return AdsMethod::kStateOfTheWorld; }

  void StartStream() override {
    node_sent_ = false;
    for (auto& [type_url, state] : types_) {
      state.nonce.clear();
      state.subscribed = false;
      state.named = false;
    }
  }

  std::optional<std::string> Subscribe(std::string_view type_url,
                                       const AdsInterest& interest) override {
    TypeState& state = types_[std::string(type_url)];
    // Without names before, an empty list would not end the subscription but ask for everything.
    if (interest.empty() && !state.named) return std::nullopt;
    return Encode(type_url, state, interest, "");
  }

  absl::StatusOr<AdsResponse> Decode(std::string bytes) override {
    auto storage = std::make_shared<Storage>();
    discovery::DiscoveryResponse& message = storage->response;
    if (bytes.size() > std::numeric_limits<int>::max() || !message.ParseFromString(bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a message of ", bytes.size(), " bytes that is not a DiscoveryResponse"));
    }
    AdsResponse response;
    response.type_url = message.type_url();
    response.version = message.version_info();
    response.nonce = message.nonce();
    response.is_complete = true;
    response.resources.reserve(static_cast<size_t>(message.resources_size()));
    for (const google::protobuf::Any& any : message.resources()) {
      absl::StatusOr<AdsResource> resource = Unwrap(any, *storage);
      if (!resource.ok()) return resource.status();
      response.resources.push_back(*std::move(resource));
    }
    for (const discovery::ResourceError& error : message.resource_errors()) {
      if (error.error_detail().code() == 0) continue;
      response.errors.emplace_back(error.resource_name().name(), ErrorOf(error.error_detail()));
    }
    response.storage = std::move(storage);
    return response;
  }

  std::string Answer(const AdsResponse& response, const AdsInterest& interest,
                     std::string_view problems) override {
    TypeState& state = types_[std::string(response.type_url)];
    state.nonce = response.nonce;
    if (problems.empty()) state.version = response.version;
    return Encode(response.type_url, state, interest, problems);
  }

 private:
  struct TypeState {
    std::string version;      // of the last response without problems; outlives streams
    std::string nonce;        // of the last response on this stream
    bool subscribed = false;  // on this stream
    bool named = false;       // names were listed on this stream: an empty list means none now
  };

  std::string Encode(std::string_view type_url, TypeState& state, const AdsInterest& interest,
                     std::string_view problems) {
    discovery::DiscoveryRequest request;
    if (!std::exchange(node_sent_, true)) request.mutable_node()->ParseFromString(node_);
    request.set_type_url(std::string(type_url));
    request.set_version_info(state.version);
    request.set_response_nonce(state.nonce);
    // A wildcard is an empty list only as long as no name was ever listed, "*" from then on.
    if (interest.wildcard && (state.named || !interest.names.empty())) {
      request.add_resource_names("*");
    }
    for (const std::string& name : interest.names) request.add_resource_names(name);
    state.subscribed = true;
    state.named = state.named || !interest.names.empty();
    if (!problems.empty()) {
      request.mutable_error_detail()->set_code(kInvalidArgument);
      request.mutable_error_detail()->set_message(NackText(problems));
    }
    return request.SerializeAsString();
  }

  const std::string node_;  // serialized
  bool node_sent_ = false;
  std::map<std::string, TypeState, std::less<>> types_;
};

}  // namespace

std::unique_ptr<AdsProtocol> MakeSotwProtocol(const NodeIdentity& node) {
  return std::make_unique<SotwProtocol>(node);
}

}  // namespace meshlib::xds
