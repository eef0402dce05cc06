// SPDX-License-Identifier: Apache-2.0
#include "snapshot/listener_node.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "xds/decode_types.h"

namespace meshlib::snapshot {
namespace {

using resource::HttpSettings;
using resource::Listener;
using resource::RouteConfig;

// Why Calls must not be routed by a server's chain, if so: who routes by it (a gateway) does not
// see the connections that it is for.
std::optional<std::string> RefusalOf(const resource::FilterChain& chain) {
  if (chain.tls) return "security: TLS of a gateway's connections is not supported yet";
  const auto& filters = chain.http->rbac;
  const bool is_guarded =
      std::any_of(filters.begin(), filters.end(),
                  [](const resource::RbacFilter& filter) { return filter.rules.has_value(); });
  if (is_guarded) return "security: authorization (RBAC) at a gateway is not supported yet";
  return std::nullopt;
}

bool IsUsable(const resource::FilterChain& chain) {
  return !RefusalOf(chain) && !chain.http->unusable;
}

// The chain in force: of a server's the first that Calls may be routed by, or else the first.
const resource::FilterChain* ChainOf(const Listener& listener) {
  const resource::FilterChain* first = nullptr;
  const auto consider = [&first](const resource::FilterChain& chain) {
    if (!chain.http) return;
    if (first == nullptr || (!IsUsable(*first) && IsUsable(chain))) first = &chain;
  };
  for (const resource::FilterChain& chain : listener.filter_chains) consider(chain);
  if (listener.default_filter_chain) consider(*listener.default_filter_chain);
  return first;
}

const HttpSettings* SettingsOf(const Listener& listener) {
  if (listener.api) return &*listener.api;
  const resource::FilterChain* chain = ChainOf(listener);
  return chain == nullptr ? nullptr : &*chain->http;
}

std::shared_ptr<const ListenerEntry> Absent() {
  auto entry = std::make_shared<ListenerEntry>();
  entry->state = ListenerEntry::State::kAbsent;
  return entry;
}

std::shared_ptr<const ListenerEntry> Failed(const absl::Status& why) {
  auto entry = std::make_shared<ListenerEntry>();
  entry->state = ListenerEntry::State::kFailed;
  entry->failure = why;
  return entry;
}

bool IsSame(const ListenerEntry& a, const ListenerEntry& b) {
  return a.state == b.state && a.failure == b.failure && a.listener == b.listener &&
         a.routes == b.routes && a.clusters == b.clusters;
}

}  // namespace

ListenerNode::ListenerNode(std::string name, const Sources& sources, RouteTables& tables,
                           absl::AnyInvocable<void()> changed)
    : name_(std::move(name)), sources_(sources), tables_(tables), changed_(std::move(changed)) {}

void ListenerNode::Watch() {
  watch_ = sources_.ads.Watch<Listener>(
      xds::ListenerType(), name_, [this](const ListenerUpdate& update) { OnListener(update); });
}

void ListenerNode::OnListener(const ListenerUpdate& update) {
  const bool is_same = update.ok() && listener_ && listener_->ok() && **update == ***listener_;
  if (is_same) return;
  listener_ = update;
  changed_();
}

bool ListenerNode::Update(NeedCluster need) {
  waits_for_.clear();
  failure_ = absl::OkStatus();
  if (!listener_) return false;
  if (absl::IsNotFound(listener_->status())) {
    FollowRoutes(nullptr);
    current_ = std::nullopt;
    compiled_ = nullptr;
    compiled_from_ = nullptr;
    return Replace(Absent());
  }
  std::optional<Version> newest = Newest();
  if (newest && IsComplete(*newest, need)) current_ = std::move(newest);
  if (current_) return Replace(EntryOf(*current_, need));
  return failure_.ok() ? false : Replace(Failed(failure_));
}

std::optional<ListenerNode::Version> ListenerNode::Newest() {
  if (!listener_->ok()) {
    failure_ = listener_->status();
    return std::nullopt;
  }
  Version version{.listener = **listener_, .http = SettingsOf(***listener_), .routes = nullptr};
  FollowRoutes(version.http);
  if (version.http == nullptr) {
    failure_ = absl::UnimplementedError("xds: Listener \"" + name_ + "\" has no HTTP");
    return std::nullopt;
  }
  version.routes = TableOf(*version.http);
  if (version.routes == nullptr) return std::nullopt;
  return version;
}

// Subscribes to the RouteConfig that the newest Listener names. Clusters and routes in use do not
// depend on the subscription.
void ListenerNode::FollowRoutes(const HttpSettings* http) {
  const auto* name =
      http == nullptr ? nullptr : std::get_if<resource::RouteConfigName>(&http->routes);
  const std::string wanted = name == nullptr ? "" : name->value;
  if (wanted == routes_name_) return;
  routes_name_ = wanted;
  routes_ = std::nullopt;
  routes_watch_.Reset();
  if (wanted.empty()) return;
  routes_watch_ = sources_.ads.Watch<RouteConfig>(
      xds::RouteConfigType(), wanted, [this](const xds::AdsClient::Update<RouteConfig>& update) {
        const bool is_same = update.ok() && routes_ && routes_->ok() && **update == ***routes_;
        if (is_same) return;
        routes_ = update;
        changed_();
      });
}

std::shared_ptr<const route::RouteTable> ListenerNode::TableOf(const HttpSettings& http) {
  std::shared_ptr<const RouteConfig> config;
  if (const auto* inline_config = std::get_if<std::shared_ptr<const RouteConfig>>(&http.routes)) {
    config = *inline_config;
  } else if (!routes_) {
    waits_for_ = "RouteConfig \"" + routes_name_ + "\"";
    return nullptr;
  } else if (!routes_->ok()) {
    failure_ = routes_->status();
    waits_for_ = "a good RouteConfig \"" + routes_name_ + "\"";
    return nullptr;
  } else {
    config = **routes_;
  }
  if (compiled_ == nullptr || compiled_from_ != config) {
    const bool is_equal = compiled_from_ != nullptr && *compiled_from_ == *config;
    if (!is_equal) compiled_ = tables_.Of(config);
    compiled_from_ = std::move(config);
  }
  return compiled_;
}

bool ListenerNode::IsComplete(const Version& version, NeedCluster need) {
  for (const resource::ClusterName& cluster : version.routes->clusters()) {
    const ClusterNode& node = need(cluster);
    if (!node.settled() && waits_for_.empty()) waits_for_ = node.WaitsFor();
  }
  return waits_for_.empty();
}

std::shared_ptr<const ListenerEntry> ListenerNode::EntryOf(const Version& version,
                                                           NeedCluster need) const {
  if (!version.listener->api) {
    if (const auto refusal = RefusalOf(*ChainOf(*version.listener))) {
      return Failed(absl::UnimplementedError(*refusal));
    }
  }
  auto entry = std::make_shared<ListenerEntry>();
  entry->listener = version.listener;
  entry->http = version.http;
  entry->routes = version.routes;
  entry->clusters.reserve(version.routes->clusters().size());
  for (const resource::ClusterName& cluster : version.routes->clusters()) {
    entry->clusters.push_back(need(cluster).entry());
  }
  return entry;
}

bool ListenerNode::Replace(std::shared_ptr<const ListenerEntry> entry) {
  if (entry_ != nullptr && IsSame(*entry_, *entry)) return false;
  entry_ = std::move(entry);
  return true;
}

}  // namespace meshlib::snapshot
