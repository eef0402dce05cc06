// SPDX-License-Identifier: Apache-2.0
#include "translate/cluster_name.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/string_view.h"

namespace meshlib::translate {
namespace {

constexpr uint32_t kMaxPort = 65535;

std::optional<uint32_t> ParsePort(std::string_view text) {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(base::AbslView(text), &port) || port == 0 || port > kMaxPort) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

std::string ClusterKey::ToString() const {
  return absl::StrCat("outbound|", port, "|", subset, "|", host);
}

std::string ClusterKey::Sni() const {
  return absl::StrCat("outbound_.", port, "_.", subset, "_.", host);
}

std::optional<ClusterKey> ParseClusterKey(std::string_view name) {
  const std::vector<std::string> parts = absl::StrSplit(base::AbslView(name), '|');
  if (parts.size() != 4 || parts[0] != "outbound" || parts[3].empty()) return std::nullopt;
  const std::optional<uint32_t> port = ParsePort(parts[1]);
  if (!port) return std::nullopt;
  return ClusterKey{.port = *port, .subset = parts[2], .host = parts[3]};
}

std::optional<HostPort> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::optional<uint32_t> port = ParsePort(text.substr(colon + 1));
  if (!port) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  return HostPort{.host = std::string(host), .port = *port};
}

}  // namespace meshlib::translate
