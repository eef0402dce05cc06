// SPDX-License-Identifier: Apache-2.0
#include "access/header_index.h"

#include <algorithm>
#include <map>

#include "base/string_view.h"
#include "route/joined_header.h"

namespace meshlib::access {
namespace {

using Keys = std::vector<std::pair<TextKey, uint32_t>>;

std::vector<uint32_t> NumbersOf(const Keys& keys) {
  std::vector<uint32_t> numbers;
  for (const auto& [key, number] : keys) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool IsRepeated(std::string_view name, const Headers& headers) {
  return std::count_if(headers.begin(), headers.end(),
                       [&](const Headers::Field& field) { return field.name == name; }) > 1;
}

}  // namespace

HeaderIndex::HeaderIndex(std::vector<std::pair<HeaderKey, uint32_t>> keys) {
  std::map<std::string, Keys> by_name;
  for (auto& [key, number] : keys) by_name[key.name].emplace_back(std::move(key.value), number);
  for (auto& [name, values] : by_name) {
    NumberSet all(NumbersOf(values));
    const bool is_joined = route::IsJoinedHeader(route::MessageKind::kRequest, name);
    names_.emplace(name, OfName{TextIndex(std::move(values)), std::move(all), is_joined});
  }
}

void HeaderIndex::Find(const route::RequestHead& head, BitSpan out) const {
  const std::pair<std::string_view, std::string_view> pseudo[] = {
      {":authority", head.authority}, {":path", head.path}, {":scheme", head.scheme}};
  for (const auto& [name, value] : pseudo) {
    if (const OfName* found = Named(name)) found->values.Find(value, out);
  }
  for (const Headers::Field field : *head.headers) {
    const OfName* found = Named(field.name);
    if (found == nullptr) continue;
    if (found->is_joined && IsRepeated(field.name, *head.headers)) {
      found->all.AddTo(out);
    } else {
      found->values.Find(field.value, out);
    }
  }
}

const HeaderIndex::OfName* HeaderIndex::Named(std::string_view name) const {
  const auto found = names_.find(base::AbslView(name));
  return found == names_.end() ? nullptr : &found->second;
}

}  // namespace meshlib::access
