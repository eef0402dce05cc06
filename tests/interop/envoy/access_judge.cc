// SPDX-License-Identifier: Apache-2.0
// access_judge: whether meshlib allows requests, to be compared with what a real Envoy does.
//
// Reads JSON lines, answers each with one:
//   {"table": BASE64}   a RouteConfiguration in the wire format, whose VirtualHost has RBAC filters
//                       -> {} or {"nack": TEXT}
//   {"request": {"method", "path", "authority", "headers": [[NAME, VALUE]...], "settings": {...},
//                "port", "source", "server_name", "peer": {"uris", "dns", "subject"}}}
//                       -> the decision about it, by the filters that were taken last
// Texts are Latin-1: every code point is a byte.

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "access/policy.h"
#include "judge_loop.h"
#include "latin1.h"
#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "meshlib/envoy/extensions/filters/http/rbac/v3/rbac.pb.h"
#include "proto/any.h"
#include "route/client_address.h"
#include "route/path_normalization.h"
#include "xds/decode_rbac.h"

namespace meshlib {
namespace {

using nlohmann::json;
namespace rbac = envoy::extensions::filters::http::rbac::v3;

resource::EscapedSlashes EscapedSlashesOf(const std::string& action) {
  if (action == "REJECT_REQUEST") return resource::EscapedSlashes::kReject;
  if (action == "UNESCAPE_AND_REDIRECT") return resource::EscapedSlashes::kUnescapeAndRedirect;
  return action.empty() ? resource::EscapedSlashes::kKeep
                        : resource::EscapedSlashes::kUnescapeAndForward;
}

resource::HttpSettings SettingsOf(const json& in) {
  resource::HttpSettings settings;
  settings.normalize_path = in.value("normalize_path", false);
  settings.merge_slashes = in.value("merge_slashes", false);
  settings.escaped_slashes = EscapedSlashesOf(in.value("path_with_escaped_slashes_action", ""));
  settings.use_remote_address = in.value("use_remote_address", false);
  settings.xff_num_trusted_hops = in.value("xff_num_trusted_hops", 0u);
  return settings;
}

Headers HeadersOf(const json& in) {
  Headers headers;
  for (const json& field : in) {
    headers.Add(BytesOf(field.at(0).get<std::string>()), BytesOf(field.at(1).get<std::string>()));
  }
  return headers;
}

class Judge final {
 public:
  json Take(const std::string& base64) {
    std::string bytes;
    envoy::config::route::v3::RouteConfiguration table;
    if (!absl::Base64Unescape(base64, &bytes) || !table.ParseFromString(bytes)) {
      return {{"nack", "no RouteConfiguration"}};
    }
    std::map<std::string, google::protobuf::Any> ordered;
    for (const auto& [name, any] : table.virtual_hosts(0).typed_per_filter_config()) {
      ordered.emplace(name, any);
    }
    resource::Report report;
    xds::DecodeContext context("RBAC", report);
    std::vector<resource::RbacFilter> filters;
    for (const auto& [name, any] : ordered) {
      rbac::RBACPerRoute override;
      if (!proto::UnpackAny(any, override)) return {{"nack", "no RBACPerRoute"}};
      auto filter = xds::DecodeRbac(proto::PackAny(override.rbac()), context);
      if (filter) filters.push_back(*std::move(filter));
    }
    if (context.has_errors()) return {{"nack", std::string(context.status().message())}};
    policy_ = access::Policy::Compile(filters);
    return json::object();
  }

  json Decide(const json& in) const {
    const resource::HttpSettings settings = SettingsOf(in.at("settings"));
    std::string path = BytesOf(in.at("path").get<std::string>());
    bool redirect = false;
    if (!route::ApplyPathSettings(settings, path, &redirect)) {
      if (!redirect) return {{"status", 400}};
      return {{"status", 307}, {"location", Utf8Of(path)}};
    }
    const Headers headers = HeadersOf(in.at("headers"));
    const std::string method = BytesOf(in.at("method").get<std::string>());
    const std::string authority = BytesOf(in.at("authority").get<std::string>());
    const std::string server_name = in.at("server_name").get<std::string>();
    const auto direct = *resource::Address::FromIp(in.at("source").get<std::string>(), 1);
    const auto local = *resource::Address::FromIp("127.0.0.1", in.at("port").get<uint16_t>());
    const resource::Address remote = route::ClientAddress(settings, headers, direct);
    const access::Peer peer = PeerOf(in);
    return Tell({.head = {.method = method,
                          .path = path,
                          .authority = authority,
                          .scheme = in.contains("peer") ? "https" : "http",
                          .headers = &headers},
                 .peer = in.contains("peer") ? &peer : nullptr,
                 .destination = &local,
                 .direct_remote = &direct,
                 .remote = &remote,
                 .server_name = server_name});
  }

 private:
  static access::Peer PeerOf(const json& in) {
    if (!in.contains("peer")) return {};
    const json& peer = in.at("peer");
    return {.uris = peer.at("uris").get<std::vector<std::string>>(),
            .dns_names = peer.at("dns").get<std::vector<std::string>>(),
            .subject = peer.at("subject").get<std::string>()};
  }

  json Tell(const access::Request& request) const {
    const access::Verdict verdict =
        policy_ == nullptr ? access::Verdict{} : policy_->Check(request);
    static constexpr const char* kShadow[] = {"none", "allowed", "denied"};
    json decision = {{"status", verdict.allowed ? 200 : 403},
                     {"logged", !verdict.audit_policy.empty()}};
    decision["shadow"] = {kShadow[static_cast<size_t>(verdict.shadow)],
                          std::string(verdict.shadow_policy)};
    if (!verdict.allowed) decision["details"] = verdict.Details();
    return decision;
  }

  std::shared_ptr<const access::Policy> policy_;
};

}  // namespace
}  // namespace meshlib

int main() {
  meshlib::AnswerQuestions(meshlib::Judge());
  return 0;
}
