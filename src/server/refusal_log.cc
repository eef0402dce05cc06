// SPDX-License-Identifier: Apache-2.0
#include "server/refusal_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/string_view.h"

namespace meshlib::server {
namespace {

constexpr uint64_t kLoggedEvery = 1000;
constexpr absl::Duration kLoggedAgainAfter = absl::Minutes(1);

std::string_view WithoutPunctuation(std::string_view word) {
  while (!word.empty() && (word.back() == ':' || word.back() == ',' || word.back() == ';')) {
    word.remove_suffix(1);
  }
  return word;
}

bool IsOfLetters(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '\'';
  });
}

}  // namespace

std::string StableReason(std::string_view reason) {
  std::string stable;
  std::string_view rest = reason.substr(0, reason.find_first_of("\"("));
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = WithoutPunctuation(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!IsOfLetters(word)) continue;
    if (!stable.empty()) stable.push_back(' ');
    stable.append(word);
  }
  return stable;
}

std::optional<uint64_t> RefusalLog::Count(std::string_view reason, absl::Time now) {
  base::MutexLock lock(mutex_);
  Seen& seen = Find(reason);
  const bool is_due = now - seen.logged >= kLoggedAgainAfter || seen.left_out + 1 >= kLoggedEvery;
  if (!is_due) {
    ++seen.left_out;
    return std::nullopt;
  }
  seen.logged = now;
  return std::exchange(seen.left_out, 0);
}

RefusalLog::Seen& RefusalLog::Find(std::string_view reason) {
  const auto found = seen_.find(base::AbslView(reason));
  if (found != seen_.end()) return found->second;
  return seen_.size() == kMaxReasons ? others_ : seen_[std::string(reason)];
}

}  // namespace meshlib::server
