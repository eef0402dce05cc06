// SPDX-License-Identifier: Apache-2.0
#include "call_summary.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "meshlib/call_error.h"

namespace meshctl {
namespace {

constexpr int kBarWidth = 40;

template <typename... Args>
std::string Format(const char* format, Args... args) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), format, args...);
  return text.data();
}

std::string Outcome(const meshlib::HttpExchange& exchange) {
  if (exchange.status.ok()) return std::to_string(exchange.response.status);
  const auto error = meshlib::CallErrorOf(exchange.status);
  return "failed " + (error ? std::string(error->flag()) + " " : std::string()) +
         std::string(exchange.status.message());
}

std::string Table(const char* title, const std::map<std::string, int>& counts, int total) {
  std::string text = std::string(title) + "\n";
  for (const auto& [name, count] : counts) {
    text += Format("  %8d  %5.1f%%  ", count, 100.0 * count / std::max(total, 1)) + name + "\n";
  }
  return text;
}

}  // namespace

void CallSummary::End(const meshlib::HttpExchange& exchange, absl::Duration took) {
  ended_.fetch_add(1);
  meshlib::base::MutexLock lock(mutex_);
  if (!exchange.status.ok()) ++failed_;
  ++by_outcome_[Outcome(exchange)];
  if (!exchange.info.cluster.empty()) ++by_cluster_[exchange.info.cluster];
  if (!exchange.info.endpoint.empty()) ++by_endpoint_[exchange.info.endpoint];
  milliseconds_.push_back(absl::ToDoubleMilliseconds(took));
}

void CallSummary::DrawProgress(std::ostream& out) {
  const absl::Time now = absl::Now();
  if (now - drawn_ < absl::Milliseconds(100)) return;
  drawn_ = now;
  const int ended = ended_.load();
  const int filled = static_cast<int>(static_cast<int64_t>(kBarWidth) * ended / total_);
  out << "\r[" << std::string(static_cast<size_t>(filled), '#')
      << std::string(static_cast<size_t>(kBarWidth - filled), ' ') << "] " << ended << "/" << total_
      << std::flush;
}

int CallSummary::failed() const {
  meshlib::base::MutexLock lock(mutex_);
  return failed_;
}

std::string CallSummary::ToString() {
  const double seconds = absl::ToDoubleSeconds(absl::Now() - started_);
  meshlib::base::MutexLock lock(mutex_);
  const int total = static_cast<int>(milliseconds_.size());
  std::sort(milliseconds_.begin(), milliseconds_.end());
  std::string text = Format("%d calls in %.2f s, %.0f/s, %d failed\n", total, seconds,
                            total / std::max(seconds, 1e-9), failed_);
  text += Table("by status", by_outcome_, total) + Table("by cluster", by_cluster_, total) +
          Table("by endpoint", by_endpoint_, total) + "latency\n";
  for (const double percent : {50.0, 90.0, 99.0, 99.9, 100.0}) {
    if (milliseconds_.empty()) break;
    const auto rank = static_cast<size_t>(percent / 100 * (total - 1) + 0.5);
    text += Format("  p%-5g %9.3f ms\n", percent, milliseconds_[rank]);
  }
  return text;
}

}  // namespace meshctl
