// SPDX-License-Identifier: Apache-2.0
#include "meshlib/headers.h"

#include <algorithm>
#include <span>

namespace meshlib {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

void Headers::Add(std::string_view name, std::string_view value) {
  const size_t offset = buffer_.size();
  AddLowerCase(name, value);
  for (char& c : std::span(buffer_).subspan(offset, name.size())) c = Lower(c);
}

void Headers::AddLowerCase(std::string_view name, std::string_view value) {
  entries_.push_back({static_cast<uint32_t>(buffer_.size()), static_cast<uint32_t>(name.size()),
                      static_cast<uint32_t>(value.size())});
  buffer_.append(name).append(value);
}

void Headers::Set(std::string_view name, std::string_view value) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (at(i).name != name) continue;
    // Rewritten at the end of the buffer; the old bytes stay until Clear().
    Add(name, value);
    entries_[i] = entries_.back();
    entries_.pop_back();
    const auto same = [&](const Entry& e) {
      return std::string_view(buffer_.data() + e.offset, e.name_size) == name;
    };
    entries_.erase(
        std::remove_if(entries_.begin() + static_cast<std::ptrdiff_t>(i) + 1, entries_.end(), same),
        entries_.end());
    return;
  }
  Add(name, value);
}

size_t Headers::Remove(std::string_view name) {
  return std::erase_if(entries_, [&](const Entry& e) {
    return std::string_view(buffer_.data() + e.offset, e.name_size) == name;
  });
}

void Headers::Clear() {
  buffer_.clear();
  entries_.clear();
}

std::optional<std::string_view> Headers::Get(std::string_view name) const {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Field field = at(i);
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Headers::GetJoined(std::string_view name,
                                                   std::string* storage) const {
  std::optional<std::string_view> first;
  bool joined = false;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Field field = at(i);
    if (field.name != name) continue;
    if (!first) {
      first = field.value;
      continue;
    }
    if (!joined) storage->assign(*first);
    joined = true;
    storage->append(",").append(field.value);
  }
  return joined ? std::optional<std::string_view>(*storage) : first;
}

bool Headers::Equals(const Headers& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

}  // namespace meshlib
