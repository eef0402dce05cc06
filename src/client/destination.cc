// SPDX-License-Identifier: Apache-2.0
#include "client/destination.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "resource/address.h"

namespace meshlib::client {
namespace {

using base::AbslView;

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

absl::Status Invalid(std::string_view what, std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("client: ", AbslView(what), ": \"", AbslView(text), "\""));
}

// RFC 9112 section 3.2: no spaces, no controls, and ASCII only.
bool IsTarget(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~' || c == '%' || c == '!' || c == '$' || c == '&' || c == '\'' || c == '(' ||
         c == ')' || c == '*' || c == '+' || c == ',' || c == ';' || c == '=';
}

void Lower(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
}

void AppendPort(uint16_t port, std::string& text) {
  char digits[8];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), port);
  text.append(":").append(digits, end);
}

std::optional<uint16_t> PortOf(std::string_view digits) {
  uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || last != end || port == 0) return std::nullopt;
  return port;
}

}  // namespace

absl::Status Destination::Decode(const HttpRequest& request, const NameRules& rules) {
  if (!IsOfSameOrigin(request.url, request.authority)) {
    decoded_ = false;
    if (absl::Status origin = DecodeOrigin(request.url, request.authority); !origin.ok()) {
      return origin;
    }
    const bool absolute = host.ends_with('.');
    if (absolute) host.pop_back();
    host_and_port.assign(host);
    AppendPort(port, host_and_port);
    NameListeners(rules, absolute);
    decoded_ = true;
  }
  return DecodePath(std::string_view(request.url).substr(origin_.size()), request.url);
}

bool Destination::IsOfSameOrigin(std::string_view url, std::string_view override_authority) const {
  if (!decoded_ || !url.starts_with(origin_) || override_authority != override_authority_) {
    return false;
  }
  const std::string_view rest = url.substr(origin_.size());
  if (rest.starts_with('/')) return true;
  return !origin_.empty() && (rest.empty() || rest.front() == '?' || rest.front() == '#');
}

absl::Status Destination::DecodeOrigin(std::string_view url, std::string_view override_authority) {
  tls = absl::StartsWithIgnoreCase(AbslView(url), AbslView(kHttps));
  port = tls ? 443 : 80;
  origin_.clear();
  override_authority_.assign(override_authority);
  if (tls || absl::StartsWithIgnoreCase(AbslView(url), AbslView(kHttp))) {
    const size_t scheme = tls ? kHttps.size() : kHttp.size();
    origin_.assign(url.substr(0, url.find_first_of("/?#", scheme)));
    authority.assign(origin_, scheme);
    if (absl::Status decoded = DecodeAuthority(authority, true); !decoded.ok()) return decoded;
  } else if (!url.starts_with('/') || override_authority.empty()) {
    return Invalid("URL is not absolute (http[s]://HOST[:PORT]/PATH)", url);
  }
  if (override_authority.empty()) return absl::OkStatus();
  authority.assign(override_authority);
  // The connection goes to the URL's port, whatever the Host says.
  return DecodeAuthority(authority, origin_.empty());
}

absl::Status Destination::DecodePath(std::string_view target, std::string_view url) {
  path.clear();
  if (!target.starts_with('/')) path.push_back('/');
  path.append(target.substr(0, target.find('#')));
  if (IsTarget(path)) return absl::OkStatus();
  return Invalid("URL has a space, control or non-ASCII byte", url);
}

absl::Status Destination::DecodeAuthority(std::string_view text, bool with_port) {
  std::string_view rest = text;
  std::string_view name;
  if (rest.starts_with('[')) {
    const size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return Invalid("bracket is not closed", text);
    name = rest.substr(1, bracket - 1);
    rest = rest.substr(bracket + 1);
    const auto address = resource::Address::FromIp(name, 0);
    if (!address || address->family() != resource::Address::Family::kIpv6) {
      return Invalid("not an IPv6 address", text);
    }
    host.assign(name);
  } else {
    name = rest.substr(0, rest.find(':'));
    rest = rest.substr(name.size());
    host.assign(name);
    Lower(host);
    if (host.empty() || host.size() > 255 ||
        !std::all_of(host.begin(), host.end(), IsHostCharacter)) {
      return Invalid("not a host name", text);
    }
  }
  if (rest.empty()) return absl::OkStatus();
  const std::optional<uint16_t> given = PortOf(rest.substr(1));
  if (rest.front() != ':' || !given) return Invalid("not a port", text);
  if (with_port) port = *given;
  return absl::OkStatus();
}

// The search list of a pod: NAMESPACE.svc.DOMAIN svc.DOMAIN DOMAIN (Kubernetes' dns-pod-service).
void Destination::NameListeners(const NameRules& rules, bool absolute) {
  listener_count = 0;
  in_cluster_domain = false;
  const auto dots = std::count(host.begin(), host.end(), '.');
  const bool is_ip =
      host.find(':') != std::string::npos || resource::Address::FromIp(host, 0).has_value();
  const bool is_local = host == "localhost" || host.ends_with(".localhost");
  if (is_ip || is_local || absolute) {
    AddListener({});
  } else if (dots == 0) {
    AddListener({rules.pod_namespace, "svc", rules.cluster_domain});
    in_cluster_domain = true;
    return;
  } else if (dots == 1) {
    AddListener({"svc", rules.cluster_domain});
    AddListener({});
  } else if (dots == 2 && host.ends_with(".svc")) {
    AddListener({rules.cluster_domain});
    in_cluster_domain = true;
    return;
  } else {
    AddListener({});
  }
  in_cluster_domain = host.ends_with(rules.cluster_domain) &&
                      host.size() > rules.cluster_domain.size() &&
                      host[host.size() - rules.cluster_domain.size() - 1] == '.';
}

void Destination::AddListener(std::initializer_list<std::string_view> labels) {
  std::string& name = listener_names[listener_count++];
  const bool bracketed = host.find(':') != std::string::npos;
  name.clear();
  if (bracketed) name.push_back('[');
  name.append(host);
  if (bracketed) name.push_back(']');
  for (const std::string_view label : labels) name.append(".").append(label);
  AppendPort(port, name);
}

}  // namespace meshlib::client
