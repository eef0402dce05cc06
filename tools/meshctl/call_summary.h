// SPDX-License-Identifier: Apache-2.0
// CallSummary: what became of many Calls.

#ifndef MESHCTL_CALL_SUMMARY_H_
#define MESHCTL_CALL_SUMMARY_H_

#include <atomic>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/mutex.h"
#include "meshlib/http_client.h"

namespace meshctl {

// Thread-safe.
class CallSummary final {
 public:
  explicit CallSummary(int total) : total_(total), started_(absl::Now()) {}

  // Whether one more Call is to be made.
  bool Begin() { return begun_.fetch_add(1) < total_; }
  void End(const meshlib::HttpExchange& exchange, absl::Duration took);

  // Overwrites the current line, at most ten times a second.
  void DrawProgress(std::ostream& out);

  // Counts by status, cluster and endpoint, and latency percentiles. REQUIRES: all have ended.
  std::string ToString();
  // Calls without an answer.
  int failed() const;

 private:
  const int total_;
  const absl::Time started_;
  std::atomic<int> begun_{0};
  std::atomic<int> ended_{0};
  absl::Time drawn_ = absl::InfinitePast();  // by the one thread that draws

  mutable meshlib::base::Mutex mutex_;
  int failed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> by_outcome_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> by_cluster_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> by_endpoint_ ABSL_GUARDED_BY(mutex_);
  std::vector<double> milliseconds_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshctl

#endif  // MESHCTL_CALL_SUMMARY_H_
