// SPDX-License-Identifier: Apache-2.0
// RefusalLog: which of many refusals are worth a line in the log.

#ifndef MESHLIB_SERVER_REFUSAL_LOG_H_
#define MESHLIB_SERVER_REFUSAL_LOG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
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

  // How many like this one were left out since the last that was logged; absent: leave it out.
  std::optional<uint64_t> Count(std::string_view reason, absl::Time now);

 private:
  struct Seen {
    uint64_t left_out = 0;
    absl::Time logged = absl::InfinitePast();
  };
  Seen& Find(std::string_view reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;
  absl::flat_hash_map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
  Seen others_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_REFUSAL_LOG_H_
