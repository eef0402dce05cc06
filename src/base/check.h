// SPDX-License-Identifier: Apache-2.0
// Check macros: what to do when an invariant of ours does not hold.
//
// A library never aborts its host: MESHLIB_DCHECK is for provable invariants and is nothing in
// release builds; MESHLIB_BUG reports an impossible state once per place and lets the caller fail
// the one Call or Connection that met it.

#ifndef MESHLIB_BASE_CHECK_H_
#define MESHLIB_BASE_CHECK_H_

#include <atomic>
#include <cassert>
#include <string_view>

namespace meshlib::base {

// Writes "meshlib bug at FILE:LINE: MESSAGE" to stderr. Thread-safe.
void ReportBug(std::string_view file, int line, std::string_view message);

}  // namespace meshlib::base

#ifdef NDEBUG
#define MESHLIB_DCHECK(condition) static_cast<void>(0)
#else
#define MESHLIB_DCHECK(condition) assert(condition)
#endif

#define MESHLIB_BUG(message)                                        \
  do {                                                              \
    static ::std::atomic<bool> meshlib_bug_reported{false};         \
    if (!meshlib_bug_reported.exchange(true))                       \
      ::meshlib::base::ReportBug(__FILE_NAME__, __LINE__, message); \
  } while (false)

#endif  // MESHLIB_BASE_CHECK_H_
