// SPDX-License-Identifier: Apache-2.0
// Latencies and CPU time of a benchmark run, printed as one line of JSON.

#ifndef BENCH_LATENCY_H_
#define BENCH_LATENCY_H_

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

inline double CpuMicroseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

// What one client did. The latencies are of all its connections. Thread-compatible.
struct Run {
  std::vector<float> microseconds;
  double seconds = 0;
  double cpu_us = 0;
  uint64_t allocations = 0;
  uint64_t failed = 0;
};

inline double Percentile(std::vector<float>& sorted, double percent) {
  if (sorted.empty()) return 0;
  return static_cast<double>(
      sorted[static_cast<size_t>(percent / 100 * static_cast<double>(sorted.size() - 1))]);
}

inline void Print(Run& run) {
  std::sort(run.microseconds.begin(), run.microseconds.end());
  const double count = static_cast<double>(std::max<size_t>(run.microseconds.size(), 1));
  std::printf(
      "{\"calls\":%zu,\"failed\":%llu,\"p50_us\":%.2f,\"p99_us\":%.2f,\"rps\":%.0f,"
      "\"cpu_us_per_call\":%.3f,\"allocations_per_call\":%.4f}\n",
      run.microseconds.size(), static_cast<unsigned long long>(run.failed),
      Percentile(run.microseconds, 50), Percentile(run.microseconds, 99), count / run.seconds,
      run.cpu_us / count, static_cast<double>(run.allocations) / count);
}

}  // namespace bench

#endif  // BENCH_LATENCY_H_
