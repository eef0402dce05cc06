// SPDX-License-Identifier: Apache-2.0
#include "server/refusal_log.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace meshlib::server
