// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_context.h"

#include <algorithm>
#include <array>
#include <utility>

namespace meshlib::xds {
namespace {

// A resource with 100 000 bad endpoints must not become a NACK of megabytes.
constexpr size_t kMaxErrorsTold = 20;
constexpr size_t kMaxEntries = 1000;

// Fields of a route, and what a VirtualService calls them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kIstioFields = {{
    {"typed_per_filter_config[\"envoy.filters.http.cors\"]", "corsPolicy"},
    {"typed_per_filter_config[\"envoy.filters.http.fault\"]", "fault"},
    {"route.request_mirror_policies", "mirrors"},
    {"route.retry_policy.retry_on", "retries.retryOn"},
    {"route.retry_policy", "retries"},
    {"route.cors", "corsPolicy"},
    {"match", "match"},
}};

std::string IstioField(std::string_view xds_field) {
  for (const auto& [xds, istio] : kIstioFields) {
    if (xds_field == xds) return std::string(istio);
    const bool is_below = xds_field.starts_with(xds) && xds_field[xds.size()] == '.';
    if (is_below) return std::string(istio) + std::string(xds_field.substr(xds.size()));
  }
  return std::string(xds_field);
}

}  // namespace

DecodeContext::Scope DecodeContext::In(std::string_view field) {
  const size_t outer = path_.size();
  if (!path_.empty()) path_ += '.';
  path_ += field;
  return Scope(*this, outer, origin_, origin_path_size_);
}

DecodeContext::Scope DecodeContext::In(std::string_view field, int index) {
  const size_t outer = path_.size();
  if (!path_.empty()) path_ += '.';
  path_ += field;
  path_ += '[';
  path_ += std::to_string(index);
  path_ += ']';
  return Scope(*this, outer, origin_, origin_path_size_);
}

DecodeContext::Scope DecodeContext::In(std::string_view field, std::string_view key) {
  const size_t outer = path_.size();
  if (!path_.empty()) path_ += '.';
  path_ += field;
  path_ += "[\"";
  path_ += key;
  path_ += "\"]";
  return Scope(*this, outer, origin_, origin_path_size_);
}

DecodeContext::Scope DecodeContext::Of(const resource::Origin& origin) {
  const resource::Origin* const outer = origin_;
  const size_t outer_path_size = origin_path_size_;
  if (!origin.empty()) {
    origin_ = &origin;
    origin_path_size_ = path_.size();
  }
  return Scope(*this, path_.size(), outer, outer_path_size);
}

void DecodeContext::Error(std::string_view field, std::string_view message) {
  if (++errors_ > kMaxErrorsTold) return;
  if (!problems_.empty()) problems_ += "; ";
  const std::string path = PathOf(field);
  if (!path.empty()) problems_ += path + ": ";
  problems_ += message;
}

void DecodeContext::Ignored(std::string_view field, std::string_view message) {
  Add(resource::Disposition::kIgnored, field, message);
}

void DecodeContext::Approximated(std::string_view field, std::string_view message) {
  Add(resource::Disposition::kApproximated, field, message);
}

absl::Status DecodeContext::status() const {
  if (errors_ == 0) return absl::OkStatus();
  std::string text = problems_;
  if (errors_ > kMaxErrorsTold) {
    text += "; and " + std::to_string(errors_ - kMaxErrorsTold) + " more problems";
  }
  return absl::InvalidArgumentError(text);
}

void DecodeContext::Add(resource::Disposition disposition, std::string_view field,
                        std::string_view message) {
  if (++entries_ > kMaxEntries) return;
  std::string path = PathOf(field);
  resource::Origin origin = OriginOf(path);
  report_.push_back({.disposition = disposition,
                     .resource_type = std::string(resource_type_),
                     .resource_name = name_,
                     .field = std::move(path),
                     .message = std::string(message),
                     .origin = std::move(origin)});
}

resource::Origin DecodeContext::OriginOf(std::string_view path) const {
  if (origin_ == nullptr) return {};
  resource::Origin origin = *origin_;
  if (origin.field.empty()) return origin;
  std::string_view below = path.substr(std::min(path.size(), origin_path_size_));
  if (below.starts_with('.')) below.remove_prefix(1);
  if (!below.empty()) origin.field += "." + IstioField(below);
  return origin;
}

std::string DecodeContext::PathOf(std::string_view field) const {
  if (field.empty()) return path_;
  if (path_.empty()) return std::string(field);
  return path_ + "." + std::string(field);
}

}  // namespace meshlib::xds
