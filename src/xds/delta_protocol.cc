// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "xds/ads_protocol.h"
#include "xds/nack_text.h"
#include "xds/node_message.h"

namespace meshlib::xds {
namespace {

namespace discovery = envoy::service::discovery::v3;

constexpr char kEverything[] = "*";

std::set<std::string> Wanted(const AdsInterest& interest) {
  std::set<std::string> names(interest.names.begin(), interest.names.end());
  if (interest.wildcard) names.insert(kEverything);
  return names;
}

std::string_view NameOf(const discovery::Resource& resource) {
  return resource.name().empty() ? resource.resource_name().name() : resource.name();
}

AdsResource View(const discovery::Resource& in, std::string_view type_url) {
  AdsResource out;
  out.name = NameOf(in);
  out.aliases.assign(in.aliases().begin(), in.aliases().end());
  if (in.has_ttl()) {
    out.ttl = absl::Seconds(in.ttl().seconds()) + absl::Nanoseconds(in.ttl().nanos());
  }
  out.type_url = in.has_resource() ? std::string_view(in.resource().type_url()) : type_url;
  if (in.has_resource()) out.body = in.resource().value();
  return out;
}

// Thread-compatible.
class DeltaProtocol final : public AdsProtocol {
 public:
  explicit DeltaProtocol(const NodeIdentity& node) : node_(EncodeNode(node)) {}

  AdsMethod method() const override { return AdsMethod::kDelta; }

  void StartStream() override {
    node_sent_ = false;
    for (auto& [type_url, state] : types_) {
      state.started = false;
      state.subscribed.clear();
    }
  }

  std::optional<std::string> Subscribe(std::string_view type_url,
                                       const AdsInterest& interest) override {
    TypeState& state = types_[std::string(type_url)];
    std::set<std::string> wanted = Wanted(interest);
    if (!interest.wildcard) {
      std::erase_if(state.versions, [&](const auto& each) { return !wanted.contains(each.first); });
    }
    if (wanted == state.subscribed) return std::nullopt;
    discovery::DeltaDiscoveryRequest request;
    request.set_type_url(std::string(type_url));
    for (const std::string& name : wanted) {
      if (!state.subscribed.contains(name)) request.add_resource_names_subscribe(name);
    }
    for (const std::string& name : state.subscribed) {
      if (!wanted.contains(name)) request.add_resource_names_unsubscribe(name);
    }
    if (!std::exchange(state.started, true)) {
      request.mutable_initial_resource_versions()->insert(state.versions.begin(),
                                                          state.versions.end());
    }
    state.subscribed = std::move(wanted);
    if (!std::exchange(node_sent_, true)) request.mutable_node()->ParseFromString(node_);
    return request.SerializeAsString();
  }

  absl::StatusOr<AdsResponse> Decode(std::string bytes) override {
    auto message = std::make_shared<discovery::DeltaDiscoveryResponse>();
    if (bytes.size() > std::numeric_limits<int>::max() || !message->ParseFromString(bytes)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a message of ", bytes.size(), " bytes that is not a DeltaDiscoveryResponse"));
    }
    AdsResponse response;
    response.type_url = message->type_url();
    response.version = message->system_version_info();
    response.nonce = message->nonce();
    response.resources.reserve(static_cast<size_t>(message->resources_size()));
    for (const discovery::Resource& resource : message->resources()) {
      response.resources.push_back(View(resource, response.type_url));
    }
    for (const std::string& name : message->removed_resources()) {
      response.errors.emplace_back(name, absl::NotFoundError(""));
    }
    for (const discovery::ResourceName& name : message->removed_resource_names()) {
      response.errors.emplace_back(name.name(), absl::NotFoundError(""));
    }
    for (const discovery::ResourceError& error : message->resource_errors()) {
      if (error.error_detail().code() == 0) continue;
      response.errors.emplace_back(
          error.resource_name().name(),
          absl::Status(static_cast<absl::StatusCode>(error.error_detail().code()),
                       error.error_detail().message()));
    }
    response.storage = std::move(message);
    return response;
  }

  std::string Answer(const AdsResponse& response, const AdsInterest& /*interest*/,
                     std::string_view problems) override {
    discovery::DeltaDiscoveryRequest request;
    request.set_type_url(std::string(response.type_url));
    request.set_response_nonce(std::string(response.nonce));
    if (!std::exchange(node_sent_, true)) request.mutable_node()->ParseFromString(node_);
    if (!problems.empty()) {
      request.mutable_error_detail()->set_code(
          static_cast<int>(absl::StatusCode::kInvalidArgument));
      request.mutable_error_detail()->set_message(NackText(problems));
      return request.SerializeAsString();
    }
    TypeState& state = types_[std::string(response.type_url)];
    const auto& message =
        *static_cast<const discovery::DeltaDiscoveryResponse*>(response.storage.get());
    for (const discovery::Resource& resource : message.resources()) {
      if (!resource.has_resource()) continue;
      state.versions[std::string(NameOf(resource))] = resource.version();
    }
    for (const auto& [name, error] : response.errors) state.versions.erase(std::string(name));
    return request.SerializeAsString();
  }

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

}  // namespace

std::unique_ptr<AdsProtocol> MakeDeltaProtocol(const NodeIdentity& node) {
  return std::make_unique<DeltaProtocol>(node);
}

}  // namespace meshlib::xds
