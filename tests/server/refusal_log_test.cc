// SPDX-License-Identifier: Apache-2.0
#include "server/refusal_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace meshlib::server {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(StableReasonTest, WhatDiffersFromPeerToPeerIsLeftOut) {
  const struct {
    const char* reason;
    const char* stable;
  } rows[] = {
      {"", ""},
      {"plaintext where TLS is due", "plaintext where TLS is due"},
      {"certificate expired 3h ago (subject CN=a)", "certificate expired ago"},
      {"certificate expired 20s ago", "certificate expired ago"},
      {"the peer refused us: alert unknown_ca", "the peer refused us alert unknown_ca"},
      {"there are no roots for the trust domain of spiffe://a.example/ns/b/sa/c",
       "there are no roots for the trust domain of"},
      {"the peer does not speak TLS: it begins with \"GET / HTTP\"",
       "the peer does not speak TLS it begins with"},
      {"10.0.0.1:80", ""},
      {"  two  spaces  ", "two spaces"},
  };
  for (const auto& row : rows) EXPECT_EQ(StableReason(row.reason), row.stable) << row.reason;
}

TEST(RefusalLogTest, OneReasonDoesNotHideAnother) {
  RefusalLog log;
  EXPECT_EQ(log.Count("no certificate", kStart), 0u);
  EXPECT_EQ(log.Count("no certificate", kStart), std::nullopt);
  EXPECT_EQ(log.Count("certificate expired", kStart), 0u);
  EXPECT_EQ(log.Count("no certificate", kStart), std::nullopt);
  EXPECT_EQ(log.Count("certificate expired", kStart), std::nullopt);
}

TEST(RefusalLogTest, AThousandOrAMinuteLaterItIsLoggedAgainWithTheNumberLeftOut) {
  RefusalLog log;
  EXPECT_EQ(log.Count("a", kStart), 0u);
  for (int i = 0; i < 999; ++i) EXPECT_EQ(log.Count("a", kStart), std::nullopt) << i;
  EXPECT_EQ(log.Count("a", kStart), 999u);
  EXPECT_EQ(log.Count("a", kStart + absl::Seconds(59)), std::nullopt);
  EXPECT_EQ(log.Count("a", kStart + absl::Seconds(60)), 1u);
  EXPECT_EQ(log.Count("a", kStart + absl::Hours(1)), 0u);
}

TEST(RefusalLogTest, ReasonsBeyondTheLimitCountAsOne) {
  RefusalLog log;
  for (size_t i = 0; i < RefusalLog::kMaxReasons; ++i) {
    EXPECT_EQ(log.Count(std::to_string(i), kStart), 0u);
  }
  EXPECT_EQ(log.Count("one more", kStart), 0u);
  EXPECT_EQ(log.Count("and another", kStart), std::nullopt);
  EXPECT_EQ(log.Count("0", kStart), std::nullopt);
}

// What threads count at the same time. Each thread has its share of `calls`.
struct Told {
  uint64_t lines = 0;
  uint64_t calls = 0;  // those of the lines, and those that they say were left out
};

template <typename ReasonOf>
Told CountTogether(RefusalLog& log, int threads, int calls, ReasonOf reason_of) {
  std::atomic<uint64_t> lines = 0;
  std::atomic<uint64_t> told = 0;
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&] {
      for (int i = 0; i < calls / threads; ++i) {
        const std::optional<uint64_t> left_out = log.Count(reason_of(i), kStart);
        if (!left_out) continue;
        ++lines;
        told += *left_out + 1;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  return {lines, told};
}

TEST(RefusalLogTest, WhatThreadsLeaveOutIsToldOnce) {
  RefusalLog log;
  const Told told = CountTogether(log, 4, 100'000, [](int) { return std::string("a"); });
  EXPECT_GT(told.lines, 1u);
  EXPECT_LE(told.lines, 100u);
  const std::optional<uint64_t> left_out = log.Count("a", kStart + absl::Minutes(1));
  ASSERT_TRUE(left_out.has_value());
  EXPECT_EQ(told.calls + *left_out, 100'000u);
}

TEST(RefusalLogTest, AReasonIsNewToOneThreadOnly) {
  RefusalLog log;
  const auto reason_of = [](int i) {
    return std::to_string(static_cast<size_t>(i) % RefusalLog::kMaxReasons);
  };
  const Told told = CountTogether(log, 4, 4 * 96, reason_of);
  EXPECT_EQ(told.lines, RefusalLog::kMaxReasons);
}

}  // namespace
}  // namespace meshlib::server
