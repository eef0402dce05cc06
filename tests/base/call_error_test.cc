// SPDX-License-Identifier: Apache-2.0
#include "meshlib/call_error.h"

#include <gtest/gtest.h>

namespace meshlib {
namespace {

TEST(CallErrorTest, TravelsInAStatus) {
  const CallError error{CallErrorReason::kNoHealthyEndpoint, 503, 2};
  const absl::Status status = MakeCallError(error, "pick: cluster \"cart\": no healthy endpoint");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "pick: cluster \"cart\": no healthy endpoint");
  EXPECT_EQ(CallErrorOf(status), error);
  EXPECT_EQ(CallErrorOf(status)->flag(), "UH");
}

TEST(CallErrorTest, AForeignStatusHasNone) {
  EXPECT_EQ(CallErrorOf(absl::UnavailableError("x")), std::nullopt);
  EXPECT_EQ(CallErrorOf(absl::OkStatus()), std::nullopt);
}

TEST(CallErrorTest, EveryReasonHasAFlag) {
  for (int i = 0; i <= static_cast<int>(CallErrorReason::kShutdown); ++i) {
    const CallError error{static_cast<CallErrorReason>(i)};
    EXPECT_FALSE(error.flag().empty());
    EXPECT_EQ(CallErrorOf(MakeCallError(error, "x")), error);
  }
}

}  // namespace
}  // namespace meshlib
