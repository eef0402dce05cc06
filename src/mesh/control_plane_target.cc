// SPDX-License-Identifier: Apache-2.0
#include "mesh/control_plane_target.h"

#include <charconv>

namespace meshlib::mesh {
namespace {

absl::Status Malformed(std::string_view text, const std::string& cause) {
  return absl::InvalidArgumentError("control plane \"" + std::string(text) + "\": " + cause +
                                    "; it is yaml:DIR, grpcs://HOST:PORT, grpc://HOST:PORT or "
                                    "unix:PATH");
}

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

absl::StatusOr<ControlPlaneTarget> ParseHostPort(std::string_view text, std::string_view rest,
                                                 bool secure) {
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return Malformed(text, "no HOST:PORT");
  if (!IsPort(rest.substr(colon + 1))) return Malformed(text, "the port is not 1 to 65535");
  if (rest.find_first_of("/ \t") != std::string_view::npos) return Malformed(text, "no HOST:PORT");
  return ControlPlaneTarget{ControlPlaneTarget::Kind::kGrpc, std::string(rest), secure};
}

}  // namespace

absl::StatusOr<ControlPlaneTarget> ParseControlPlaneTarget(std::string_view text) {
  using Kind = ControlPlaneTarget::Kind;
  if (text.empty()) return Malformed(text, "it is empty");
  if (text.starts_with("yaml:")) {
    if (text.size() == 5) return Malformed(text, "no directory");
    return ControlPlaneTarget{Kind::kYaml, std::string(text.substr(5))};
  }
  if (text.starts_with("unix:")) {
    std::string_view path = text.substr(5);
    if (path.starts_with("//")) path.remove_prefix(2);
    if (path.empty()) return Malformed(text, "no path");
    if (path.size() > 107) return Malformed(text, "the path is longer than 107 bytes");
    return ControlPlaneTarget{Kind::kGrpc, "unix:" + std::string(path)};
  }
  if (text.starts_with("grpcs://")) return ParseHostPort(text, text.substr(8), true);
  if (text.starts_with("grpc://")) return ParseHostPort(text, text.substr(7), false);
  return Malformed(text, "unknown scheme");
}

}  // namespace meshlib::mesh
