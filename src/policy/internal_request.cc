// SPDX-License-Identifier: Apache-2.0
#include "policy/internal_request.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "resource/address.h"

namespace meshlib::policy {
namespace {

using resource::Address;
using resource::CidrRange;

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

}  // namespace

bool IsInternalRequest(const Headers& headers, std::span<const CidrRange> internal) {
  if (internal.empty()) return false;
  std::optional<std::string_view> only;
  for (const Headers::Field& field : headers) {
    if (field.name != "x-forwarded-for") continue;
    if (only.has_value()) return false;
    only = field.value;
  }
  if (!only.has_value()) return false;
  const std::optional<Address> address = Address::FromIp(Trimmed(*only), 0);
  return address && std::any_of(internal.begin(), internal.end(),
                                [&](const CidrRange& range) { return range.Contains(*address); });
}

}  // namespace meshlib::policy
