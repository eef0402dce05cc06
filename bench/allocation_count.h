// SPDX-License-Identifier: Apache-2.0
// How often this process has allocated from the heap by operator new.

#ifndef BENCH_ALLOCATION_COUNT_H_
#define BENCH_ALLOCATION_COUNT_H_

#include <cstdint>

namespace bench {

// Over all threads since the start. Thread-safe.
uint64_t AllocationCount();

}  // namespace bench

#endif  // BENCH_ALLOCATION_COUNT_H_
