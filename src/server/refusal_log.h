// SPDX-License-Identifier: Apache-2.0
// RefusalLog: which of many refusals are worth a line in the log.

#ifndef MESHLIB_SERVER_REFUSAL_LOG_H_
#define MESHLIB_SERVER_REFUSAL_LOG_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace meshlib::server {

// `reason` without what differs from peer to peer: up to the first quote or parenthesis, and only
// words of letters. "certificate expired 3h ago (CN=a)" is "certificate expired ago".
std::string StableReason(std::string_view reason);

// Noise of one reason must not hide another: for each, the first is logged, and then one in a
// thousand or one in a minute. Reasons beyond kMaxReasons count as one. Thread-safe.
class RefusalLog final {
 public:
  static constexpr size_t kMaxReasons = 32;

  RefusalLog() = default;
  RefusalLog(const RefusalLog&) = delete;
  RefusalLog& operator=(const RefusalLog&) = delete;

  // How many like this one were left out since the last that was logged; absent: leave it out,
  // which costs a look-up and a count, without a lock or an allocation. Threads may be a minute
  // apart.
  std::optional<uint64_t> Count(std::string_view reason, absl::Time now);

 private:
  struct Seen {
    std::string reason;
    std::atomic<uint64_t> counted{0};  // since the last that was logged
    std::atomic<int64_t> due{std::numeric_limits<int64_t>::min()};  // Unix time in ns
    bool IsDue(uint64_t count, int64_t now) const;
  };
  // A hash table without removal. At least half of it stays empty, so that every search ends.
  using Slots = std::array<std::atomic<Seen*>, 2 * kMaxReasons>;

  // Where it is or belongs.
  Slots::iterator Search(std::string_view reason);
  Seen& Find(std::string_view reason);
  Seen& Add(std::string_view reason);

  // Synchronise themselves.
  Slots slots_{};
  Seen others_;
  std::atomic<bool> is_full_{false};

  base::Mutex mutex_;  // of whoever logs, or adds a reason
  std::deque<Seen> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_REFUSAL_LOG_H_
