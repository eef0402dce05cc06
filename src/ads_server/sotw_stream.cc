// SPDX-License-Identifier: Apache-2.0
#include "ads_server/sotw_stream.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "ads_server/push_order.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"

namespace meshlib::ads_server {
namespace {

namespace discovery = envoy::service::discovery::v3;

bool Has(const std::vector<ServedResource>& sorted, std::string_view name) {
  const auto it = std::lower_bound(
      sorted.begin(), sorted.end(), name,
      [](const ServedResource& resource, std::string_view key) { return resource.name < key; });
  return it != sorted.end() && it->name == name;
}

void SortByName(std::vector<ServedResource>& resources) {
  std::sort(resources.begin(), resources.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

SotwStream::SotwStream(const StreamContext& context, StreamSink& sink)
    : context_(context),
      sink_(sink),
      client_(context, sink),
      linger_timer_(context.loop.timers(), [this] { EndLingering(); }) {}

void SotwStream::OnMessage(const std::string& bytes) {
  Request request;
  if (!client_.Read(bytes, request)) return;
  const auto [it, first] = types_.try_emplace(request.type_url());
  TypeState& state = it->second;
  // Of an older response than the last: the client will answer that one too, with its newest names.
  const bool stale = !state.nonce.empty() && !request.response_nonce().empty() &&
                     request.response_nonce() != state.nonce;
  if (stale) return;
  if (ReadNames(it->first, state, request)) state.owes_response = true;
  if (first || request.response_nonce().empty()) state.owes_response = true;
  ReadAnswer(it->first, state, request);
  Respond(it->first, state);
}

// Whether names were added, which asks for a response.
bool SotwStream::ReadNames(std::string_view type_url, TypeState& state, const Request& request) {
  std::vector<std::string> names(request.resource_names().begin(), request.resource_names().end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const bool listed_star = std::erase(names, "*") > 0;
  state.named = state.named || listed_star || !names.empty();
  const bool wildcard = ListsEverything(type_url) && (listed_star || !state.named);
  const bool added =
      (wildcard && !state.wildcard) ||
      !std::includes(state.names.begin(), state.names.end(), names.begin(), names.end());
  state.names = std::move(names);
  state.wildcard = wildcard;
  if (wildcard) return added;
  // What the client does not want any more it forgets, and must be sent again if asked for.
  std::erase_if(state.sent.resources,
                [&](const ServedResource& each) { return !Contains(state.names, each.name); });
  std::erase_if(state.sent.absent,
                [&](const std::string& name) { return !Contains(state.names, name); });
  return added;
}

void SotwStream::ReadAnswer(std::string_view type_url, TypeState& state, const Request& request) {
  const bool is_answer = state.unanswered && !request.response_nonce().empty();
  if (is_answer) state.unanswered = false;
  if (is_answer && request.has_error_detail()) {
    client_.OnNack(type_url, state.version, request.error_detail().message());
  }
  if (type_url != proto::kListenerTypeUrl || state.unanswered) return;
  std::vector<std::string> in_use;
  for (const ServedResource& resource : state.sent.resources) in_use.push_back(resource.name);
  client_.Uses(in_use);
}

void SotwStream::Push() {
  if (client_.node() == nullptr) return;
  KeepLingering();
  InPushOrder(types_,
              [this](std::string_view type_url, TypeState& state) { Respond(type_url, state); });
}

// Clusters and EndpointSets that vanish together with a change of Listeners or RouteConfigs.
void SotwStream::KeepLingering() {
  if (!WouldDiffer(proto::kListenerTypeUrl) && !WouldDiffer(proto::kRouteConfigTypeUrl)) return;
  for (const std::string_view type_url : {proto::kClusterTypeUrl, proto::kEndpointSetTypeUrl}) {
    const auto it = types_.find(type_url);
    if (it == types_.end()) continue;
    TypeState& state = it->second;
    state.lingering.clear();
    std::vector<ServedResource> left = AnswerFor(type_url, state).resources;
    for (const ServedResource& resource : state.sent.resources) {
      if (!Has(left, resource.name)) state.lingering.push_back(resource);
    }
    if (!state.lingering.empty()) linger_timer_.ArmAt(context_.loop.Now() + kLinger);
  }
}

void SotwStream::EndLingering() {
  for (auto& [type_url, state] : types_) {
    if (state.lingering.empty()) continue;
    state.lingering.clear();
    Respond(type_url, state);
  }
}

bool SotwStream::WouldDiffer(std::string_view type_url) {
  const auto it = types_.find(type_url);
  return it != types_.end() && AnswerFor(type_url, it->second) != it->second.sent;
}

SotwStream::Answer SotwStream::AnswerFor(std::string_view type_url, const TypeState& state) {
  ServedResources served =
      context_.source.Resources(*client_.node(), type_url, state.names, state.wildcard);
  Answer answer;
  answer.withheld = !served.withheld.empty();
  answer.resources = std::move(served.resources);
  SortByName(answer.resources);
  std::vector<ServedResource> lingering;
  for (const ServedResource& resource : state.lingering) {
    const bool wanted = state.wildcard || Contains(state.names, resource.name);
    if (wanted && !Has(answer.resources, resource.name)) lingering.push_back(resource);
  }
  if (!lingering.empty()) {
    answer.resources.insert(answer.resources.end(), lingering.begin(), lingering.end());
    SortByName(answer.resources);
  }
  for (const std::string& name : state.names) {
    if (!Has(answer.resources, name) && !Contains(served.withheld, name)) {
      answer.absent.push_back(name);
    }
  }
  return answer;
}

void SotwStream::Respond(std::string_view type_url, TypeState& state) {
  if (state.unanswered) return;  // the client's answer comes first
  if (state.names.empty() && !state.wildcard) {
    state.owes_response = false;
    state.sent = {};
    return;
  }
  Answer answer = AnswerFor(type_url, state);
  const bool empty = answer.resources.empty() && answer.absent.empty();
  if (answer.withheld && (empty || ListsEverything(type_url))) return;
  answer.withheld = false;
  if (!state.owes_response && answer == state.sent) return;
  Send(type_url, state, std::move(answer));
}

void SotwStream::Send(std::string_view type_url, TypeState& state, Answer answer) {
  discovery::DiscoveryResponse response;
  state.nonce = client_.NextNonce();
  state.version = std::to_string(context_.version);
  response.set_type_url(std::string(type_url));
  response.set_version_info(state.version);
  response.set_nonce(state.nonce);
  response.mutable_control_plane()->set_identifier("meshlib");
  for (const ServedResource& resource : answer.resources) {
    google::protobuf::Any& any = *response.add_resources();
    any.set_type_url(std::string(type_url));
    any.set_value(*resource.body);
  }
  for (const std::string& name : answer.absent) {
    discovery::ResourceError& error = *response.add_resource_errors();
    error.mutable_resource_name()->set_name(name);
    error.mutable_error_detail()->set_code(static_cast<int>(absl::StatusCode::kNotFound));
  }
  state.sent = std::move(answer);
  state.owes_response = false;
  state.unanswered = true;
  sink_.Send(response.SerializeAsString());
}

}  // namespace meshlib::ads_server
