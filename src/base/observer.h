// SPDX-License-Identifier: Apache-2.0
// Observer: what telemetry is told of each Call.

#ifndef MESHLIB_BASE_OBSERVER_H_
#define MESHLIB_BASE_OBSERVER_H_

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "meshlib/call_error.h"

namespace meshlib::base {

// One finished Call. Views are valid during the call of the Observer.
struct CallRecord {
  enum class Side : uint8_t { kClient, kServer };
  Side side = Side::kClient;
  std::string_view method, authority, path, route, cluster, endpoint;
  int status = 0;  // 0: none
  std::string_view flag = "-";
  int attempts = 0;
  absl::Duration duration;
  uint64_t request_bytes = 0;
  uint64_t response_bytes = 0;
};

// Called on loops, must not block. Thread-safe.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnCallEnd(const CallRecord& record) = 0;
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_OBSERVER_H_
