// SPDX-License-Identifier: Apache-2.0
#include "ads_server/delta_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ads_server/push_order.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"

namespace meshlib::ads_server {
namespace {

constexpr char kEverything[] = "*";

// FNV-1a: the same in every process and release.
std::string Digest(std::string_view bytes) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

bool Lingers(std::string_view type_url) {
  return type_url == proto::kClusterTypeUrl || type_url == proto::kEndpointSetTypeUrl;
}

}  // namespace

DeltaStream::DeltaStream(const StreamContext& context, StreamSink& sink)
    : context_(context),
      sink_(sink),
      client_(context, sink),
      linger_timer_(context.loop.timers(), [this] {
        lingering_ = false;
        Push();
      }) {}

void DeltaStream::OnMessage(const std::string& bytes) {
  Request request;
  if (!client_.Read(bytes, request)) return;
  const auto [it, first] = types_.try_emplace(request.type_url());
  TypeState& state = it->second;
  if (first) ReadFirst(it->first, state, request);
  // Unlike the state of the world, a change of names counts whatever response it answers.
  ReadNames(state, request);
  ReadAnswer(it->first, state, request);
  Respond(it->first, state);
}

void DeltaStream::ReadFirst(std::string_view type_url, TypeState& state, const Request& request) {
  state.wildcard = ListsEverything(type_url) && request.resource_names_subscribe().empty();
  state.owes_response = state.wildcard;
  for (const auto& [name, version] : request.initial_resource_versions()) {
    if (!version.empty()) state.known[name] = {.version = version, .body = nullptr};
  }
}

void DeltaStream::ReadNames(TypeState& state, const Request& request) {
  for (const std::string& name : request.resource_names_subscribe()) {
    if (name == kEverything) {
      state.owes_response = state.owes_response || !state.wildcard;
      state.wildcard = true;
      continue;
    }
    // A name that is subscribed to again is one that the client has lost.
    if (!state.names.insert(name).second) state.again.insert(name);
  }
  for (const std::string& name : request.resource_names_unsubscribe()) {
    if (name == kEverything) {
      state.wildcard = false;
    } else if (state.names.erase(name) > 0 && state.wildcard) {
      state.again.insert(name);  // the client learns whether the wildcard has it
    }
  }
  if (state.wildcard) return;
  std::erase_if(state.known, [&](const auto& item) { return !state.names.contains(item.first); });
}

void DeltaStream::ReadAnswer(std::string_view type_url, TypeState& state, const Request& request) {
  const bool is_answer = state.unanswered && request.response_nonce() == state.nonce;
  if (is_answer) state.unanswered = false;
  if (is_answer && request.has_error_detail()) {
    client_.OnNack(type_url, state.version, request.error_detail().message());
  }
  if (type_url != proto::kListenerTypeUrl || state.unanswered) return;
  std::vector<std::string> in_use;
  for (const auto& [name, known] : state.known) {
    if (!known.version.empty()) in_use.push_back(name);
  }
  client_.Uses(in_use);
}

void DeltaStream::Push() {
  if (client_.node() == nullptr) return;
  if (HasNews(proto::kListenerTypeUrl) || HasNews(proto::kRouteConfigTypeUrl)) {
    lingering_ = true;
    linger_timer_.ArmAt(context_.loop.Now() + kLinger);
  }
  InPushOrder(types_,
              [this](std::string_view type_url, TypeState& state) { Respond(type_url, state); });
}

bool DeltaStream::HasNews(std::string_view type_url) {
  const auto it = types_.find(type_url);
  if (it == types_.end()) return false;
  std::map<std::string, Known> known;
  const Response news = News(type_url, it->second, &known);
  return !news.resources().empty() || !news.removed_resources().empty();
}

DeltaStream::Response DeltaStream::News(std::string_view type_url, const TypeState& state,
                                        std::map<std::string, Known>* known) {
  const std::vector<std::string> names(state.names.begin(), state.names.end());
  const ServedResources served =
      context_.source.Resources(*client_.node(), type_url, names, state.wildcard);
  Response response;
  std::set<std::string> accounted(served.withheld.begin(), served.withheld.end());
  for (const ServedResource& resource : served.resources) {
    accounted.insert(resource.name);
    Known& before = (*known)[resource.name];
    const auto had = state.known.find(resource.name);
    if (had != state.known.end()) before = had->second;
    const bool again = state.again.contains(resource.name);
    if (before.body == resource.body && !again) continue;
    std::string version = Digest(*resource.body);
    before.body = resource.body;
    if (std::exchange(before.version, version) == version && !again) continue;
    auto& out = *response.add_resources();
    out.set_name(resource.name);
    out.set_version(std::move(version));
    out.mutable_resource()->set_type_url(std::string(type_url));
    out.mutable_resource()->set_value(*resource.body);
  }
  for (const auto& [name, had] : state.known) {
    if (!accounted.insert(name).second) {
      known->emplace(name, had);
      continue;
    }
    const bool stays = had.version.empty() || (lingering_ && Lingers(type_url));
    if (stays && !state.again.contains(name)) {
      known->emplace(name, had);
      continue;
    }
    response.add_removed_resources(name);
    if (state.names.contains(name)) known->emplace(name, Known());
  }
  for (const std::string& name : state.names) {
    if (!accounted.insert(name).second) continue;
    response.add_removed_resources(name);
    known->emplace(name, Known());
  }
  return response;
}

void DeltaStream::Respond(std::string_view type_url, TypeState& state) {
  if (state.unanswered) return;  // the client's answer comes first
  if (state.names.empty() && !state.wildcard) {
    state.known.clear();
    state.again.clear();
    return;
  }
  std::map<std::string, Known> known;
  Response response = News(type_url, state, &known);
  state.known = std::move(known);
  state.again.clear();
  const bool empty = response.resources().empty() && response.removed_resources().empty();
  if (empty && !std::exchange(state.owes_response, false)) return;
  state.owes_response = false;
  state.unanswered = true;
  state.nonce = client_.NextNonce();
  state.version = std::to_string(context_.version);
  response.set_type_url(std::string(type_url));
  response.set_system_version_info(state.version);
  response.set_nonce(state.nonce);
  response.mutable_control_plane()->set_identifier("meshlib");
  sink_.Send(response.SerializeAsString());
}

}  // namespace meshlib::ads_server
