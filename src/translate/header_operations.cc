// SPDX-License-Identifier: Apache-2.0
#include "translate/header_operations.h"

#include <map>
#include <string_view>

#include "absl/strings/match.h"

namespace meshlib::translate {
namespace {

using xds_core::HeaderValueOption;

bool IsAuthority(const std::string& name) {
  return absl::EqualsIgnoreCase(name, ":authority") || absl::EqualsIgnoreCase(name, "host");
}

bool IsInternal(const std::string& name) {
  return absl::StartsWith(name, ":") || absl::EqualsIgnoreCase(name, "host");
}

// Returns the authority among them.
std::string Append(const std::map<std::string, std::string>& headers,
                   HeaderValueOption::HeaderAppendAction action,
                   std::vector<HeaderValueOption>& out) {
  std::string authority;
  for (const auto& [name, value] : headers) {
    if (IsAuthority(name)) authority = value;
    if (IsInternal(name)) continue;
    HeaderValueOption& option = out.emplace_back();
    option.mutable_header()->set_key(name);
    option.mutable_header()->set_value(value);
    option.set_append_action(action);
  }
  return authority;
}

std::vector<std::string> Removable(const std::vector<std::string>& names) {
  std::vector<std::string> removable;
  for (const std::string& name : names) {
    if (!IsInternal(name)) removable.push_back(name);
  }
  return removable;
}

}  // namespace

HeaderChanges TranslateHeaders(const manifest::HeaderPolicy& policy) {
  constexpr auto kSet = HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD;
  constexpr auto kAdd = HeaderValueOption::APPEND_IF_EXISTS_OR_ADD;
  HeaderChanges changes;
  const std::string set = Append(policy.request.set, kSet, changes.request_add);
  const std::string added = Append(policy.request.add, kAdd, changes.request_add);
  changes.authority = set.empty() ? added : set;
  Append(policy.response.set, kSet, changes.response_add);
  Append(policy.response.add, kAdd, changes.response_add);
  changes.request_remove = Removable(policy.request.remove);
  changes.response_remove = Removable(policy.response.remove);
  return changes;
}

}  // namespace meshlib::translate
