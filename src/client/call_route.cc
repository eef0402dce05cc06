// SPDX-License-Identifier: Apache-2.0
#include "client/call_route.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "route/path_normalization.h"

namespace meshlib::client {
namespace {

using base::AbslView;
using Step = CallRoute::Step;

Step Fail(CallErrorReason reason, std::string message, CallFailure* failure) {
  *failure = CallFailure::Of(reason, std::move(message));
  return Step::kFailed;
}

// Whether a Listener of the mesh has that port: Istio's sidecars have a RouteConfig then.
bool HasRoutesOnPort(const snapshot::MeshSnapshot& snapshot, uint16_t port) {
  const std::string suffix = absl::StrCat(":", port);
  return std::any_of(snapshot.listeners.begin(), snapshot.listeners.end(), [&](const auto& entry) {
    return entry.second->state == snapshot::ListenerEntry::State::kReady &&
           absl::EndsWith(entry.first, suffix);
  });
}

}  // namespace

void CallRoute::Reset() {
  pin_.Reset();
  http_ = nullptr;
  routes_ = nullptr;
  listener_ = nullptr;
  route_ = nullptr;
  choice_ = {};
  cluster_ = nullptr;
}

Step CallRoute::FindListener(SnapshotPins::Pin pin, const Destination& destination,
                             std::string_view explicit_listener, bool unknown_is_absent,
                             CallEnvironment& environment, CallFailure* failure) {
  pin_ = std::move(pin);
  const snapshot::MeshSnapshot* snapshot = pin_.get();
  if (destination.tls && (snapshot == nullptr || snapshot->urls == nullptr)) {
    environment.demand.RequireUrlTls();
    return Step::kWait;
  }
  const bool is_explicit = !explicit_listener.empty();
  const size_t names = is_explicit ? 1 : destination.listener_count;
  bool unknown = false;
  for (size_t i = 0; i < names; ++i) {
    const std::string_view name =
        is_explicit ? explicit_listener : std::string_view(destination.listener_names[i]);
    const snapshot::ListenerEntry* entry = snapshot == nullptr ? nullptr : snapshot->Find(name);
    if (entry == nullptr) {
      environment.demand.Require(name);
      unknown = true;
    } else if (entry->state != snapshot::ListenerEntry::State::kAbsent &&
               (!unknown || unknown_is_absent)) {
      return Use(*entry, failure);
    }
  }
  const bool may_leave = !is_explicit && !destination.in_cluster_domain;
  if (unknown && !(may_leave && unknown_is_absent)) {
    // A host that is known already was waited for by an earlier Call.
    const bool known_outside = may_leave && snapshot != nullptr &&
                               snapshot->FindHost(destination.host_and_port) != nullptr;
    if (!known_outside) return Step::kWait;
  }
  if (!may_leave) {
    return Fail(CallErrorReason::kNoRoute,
                absl::StrCat("snapshot: there is no Listener \"",
                             is_explicit ? AbslView(explicit_listener)
                                         : absl::string_view(destination.listeners().back()),
                             "\""),
                failure);
  }
  return FindHost(destination, environment, failure);
}

Step CallRoute::Use(const snapshot::ListenerEntry& entry, CallFailure* failure) {
  if (entry.state == snapshot::ListenerEntry::State::kFailed) {
    return Fail(CallErrorReason::kNotReady, absl::StrCat("snapshot: ", entry.failure.message()),
                failure);
  }
  listener_ = &entry;
  http_ = entry.http;
  routes_ = entry.routes.get();
  const std::optional<std::string>* unusable = nullptr;
  if (entry.listener != nullptr && entry.listener->unusable) unusable = &entry.listener->unusable;
  if (http_ != nullptr && http_->unusable) unusable = &http_->unusable;
  if (unusable != nullptr) return Fail(CallErrorReason::kSecurity, **unusable, failure);
  if (http_ == nullptr || routes_ == nullptr) {
    return Fail(CallErrorReason::kNoRoute, "route: the Listener does not route HTTP", failure);
  }
  return Step::kDone;
}

Step CallRoute::FindHost(const Destination& destination, CallEnvironment& environment,
                         CallFailure* failure) {
  const std::string& name = destination.host_and_port;
  const snapshot::MeshSnapshot* snapshot = pin_.get();
  if (environment.options.outbound_traffic_policy == OutboundTrafficPolicy::kRegistryOnly) {
    const bool has_routes = snapshot != nullptr && HasRoutesOnPort(*snapshot, destination.port);
    return Fail(has_routes ? CallErrorReason::kBlackHole : CallErrorReason::kNoRoute,
                absl::StrCat("snapshot: \"", name, "\" is not of the mesh (REGISTRY_ONLY)"),
                failure);
  }
  cluster_ = snapshot == nullptr ? nullptr : snapshot->FindHost(name);
  host_name_.assign(name);
  if (cluster_ != nullptr) return Step::kDone;
  environment.demand.RequireHost(destination.host, destination.port);
  return Step::kWait;
}

Step CallRoute::ChooseRoute(uint16_t port, base::Random& random, route::OutgoingHead* head,
                            CallFailure* failure) {
  if (http_ == nullptr) return Step::kDone;
  if (!route::ApplyPathSettings(*http_, head->path)) {
    return Fail(CallErrorReason::kInvalidRequest,
                absl::StrCat("route: the path cannot be normalized: \"", head->path, "\""),
                failure);
  }
  route::ApplyAuthoritySettings(*http_, port, head->authority);
  const route::RouteMatchResult match = routes_->Match(head->View(), random.Next());
  if (match.virtual_host == nullptr) {
    return Fail(CallErrorReason::kNoRoute,
                absl::StrCat("route: no VirtualHost of \"", routes_->config().name.value,
                             "\" takes \"", head->authority, "\""),
                failure);
  }
  if (match.route == nullptr) {
    return Fail(CallErrorReason::kNoRoute,
                absl::StrCat("route: no Route of VirtualHost \"", match.virtual_host->name,
                             "\" takes ", head->method, " ", head->path),
                failure);
  }
  route_ = match.route;
  const resource::RouteAction& action = route_->route->action;
  if (const auto* fail = std::get_if<resource::FailAction>(&action)) {
    return Fail(CallErrorReason::kSecurity, fail->reason, failure);
  }
  if (std::holds_alternative<resource::NonForwardingAction>(action)) {
    return Fail(CallErrorReason::kNoRoute,
                absl::StrCat("route: Route \"", route_->route->name, "\" is for servers"), failure);
  }
  if (forward() != nullptr) choice_ = route::ChooseCluster(*route_, head->View(), random.Next());
  return Step::kDone;
}

Step CallRoute::FindCluster(CallFailure* failure) {
  if (choice_.index != route::kNoCluster) {
    cluster_ = listener_->clusters[choice_.index].get();
  } else if (!choice_.name.empty()) {
    const auto it = pin_.get()->clusters.find(AbslView(choice_.name));
    cluster_ = it == pin_.get()->clusters.end() ? nullptr : it->second.get();
  }
  if (cluster_ == nullptr) {
    *failure = {CallErrorReason::kClusterNotFound, forward()->cluster_not_found_status,
                absl::StrCat("route: Route \"", route_->route->name, "\": there is no cluster \"",
                             AbslView(choice_.name), "\"")};
    return Step::kFailed;
  }
  return Step::kDone;
}

const resource::ForwardAction* CallRoute::forward() const {
  return route_ == nullptr ? nullptr : std::get_if<resource::ForwardAction>(&route_->route->action);
}

std::string_view CallRoute::cluster_name() const {
  if (cluster_ == nullptr) return choice_.name;
  return cluster_->cluster->name.value;
}

std::string_view CallRoute::route_name() const {
  return route_ == nullptr ? std::string_view() : std::string_view(route_->route->name);
}

const resource::VirtualHost* CallRoute::virtual_host() const {
  return route_ == nullptr ? nullptr : route_->virtual_host;
}

const snapshot::ClusterEntry* CallRoute::Current(const snapshot::MeshSnapshot& newest) const {
  if (&newest == pin_.get()) return cluster_;
  if (http_ == nullptr) {
    const snapshot::ClusterEntry* host = newest.FindHost(host_name_);
    return host == nullptr ? cluster_ : host;
  }
  const auto it = newest.clusters.find(cluster_->cluster->name.value);
  return it == newest.clusters.end() ? cluster_ : it->second.get();
}

}  // namespace meshlib::client
