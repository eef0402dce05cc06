// SPDX-License-Identifier: Apache-2.0
#include "server/refusal_log.h"

#include <algorithm>

#include "absl/hash/hash.h"
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

bool RefusalLog::Seen::IsDue(uint64_t count, int64_t now) const {
  return count >= kLoggedEvery || now >= due.load(std::memory_order_relaxed);
}

std::optional<uint64_t> RefusalLog::Count(std::string_view reason, absl::Time now) {
  Seen& seen = Find(reason);
  const int64_t at = absl::ToUnixNanos(now);
  const uint64_t count = seen.counted.fetch_add(1, std::memory_order_relaxed) + 1;
  if (!seen.IsDue(count, at)) return std::nullopt;
  base::MutexLock lock(mutex_);
  // Another thread may have logged meanwhile, and told of this one.
  const uint64_t left = seen.counted.load(std::memory_order_relaxed);
  if (left == 0 || !seen.IsDue(left, at)) return std::nullopt;
  seen.due.store(absl::ToUnixNanos(now + kLoggedAgainAfter), std::memory_order_relaxed);
  return seen.counted.exchange(0, std::memory_order_relaxed) - 1;
}

RefusalLog::Seen& RefusalLog::Find(std::string_view reason) {
  // Before the search, which then sees all that there will be.
  const bool is_full = is_full_.load(std::memory_order_acquire);
  Seen* const seen = Search(reason)->load(std::memory_order_acquire);
  if (seen != nullptr) return *seen;
  return is_full ? others_ : Add(reason);
}

RefusalLog::Seen& RefusalLog::Add(std::string_view reason) {
  base::MutexLock lock(mutex_);
  // Another thread may have been faster.
  std::atomic<Seen*>& slot = *Search(reason);
  if (Seen* const seen = slot.load(std::memory_order_relaxed)) return *seen;
  if (seen_.size() == kMaxReasons) return others_;
  Seen& added = seen_.emplace_back();
  added.reason = reason;
  slot.store(&added, std::memory_order_release);
  is_full_.store(seen_.size() == kMaxReasons, std::memory_order_release);
  return added;
}

RefusalLog::Slots::iterator RefusalLog::Search(std::string_view reason) {
  for (size_t at = absl::HashOf(base::AbslView(reason));; ++at) {
    const Slots::iterator slot = slots_.begin() + at % slots_.size();
    const Seen* const seen = slot->load(std::memory_order_acquire);
    if (seen == nullptr || seen->reason == reason) return slot;
  }
}

}  // namespace meshlib::server
