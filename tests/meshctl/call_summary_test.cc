// SPDX-License-Identifier: Apache-2.0
#include "call_summary.h"

#include <gtest/gtest.h>

#include "meshlib/call_error.h"

namespace meshctl {
namespace {

TEST(CallSummaryTest, CountsByStatusClusterAndEndpoint) {
  CallSummary summary(3);
  meshlib::HttpExchange exchange;
  exchange.info = {.cluster = "outbound|80||a", .endpoint = "127.0.0.1:80", .route = "r"};
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(summary.Begin());
    summary.End(exchange, absl::Milliseconds(i + 1));
  }
  ASSERT_TRUE(summary.Begin());
  exchange.status = meshlib::MakeCallError({.reason = meshlib::CallErrorReason::kNoHealthyEndpoint},
                                           "pick: nobody is there");
  summary.End(exchange, absl::Milliseconds(9));
  EXPECT_FALSE(summary.Begin());

  const std::string text = summary.ToString();
  EXPECT_EQ(summary.failed(), 1);
  EXPECT_NE(text.find("2   66.7%  200\n"), std::string::npos) << text;
  EXPECT_NE(text.find("1   33.3%  failed UH pick: nobody is there\n"), std::string::npos) << text;
  EXPECT_NE(text.find("3  100.0%  127.0.0.1:80\n"), std::string::npos) << text;
  EXPECT_NE(text.find("p50        2.000 ms"), std::string::npos) << text;
}

}  // namespace
}  // namespace meshctl
