// SPDX-License-Identifier: Apache-2.0
#include "policy/internal_request.h"

#include <gtest/gtest.h>

#include <vector>

namespace meshlib::policy {
namespace {

std::vector<resource::CidrRange> Inside() {
  std::vector<resource::CidrRange> ranges;
  for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "127.0.0.1", "fc00::/7", "::1/128"}) {
    ranges.push_back(resource::CidrRange::FromString(text).value());
  }
  return ranges;
}

struct Row {
  const char* forwarded_for;
  bool internal;
};

TEST(InternalRequestTest, OneForwardedAddressInAConfiguredRangeMakesARequestInternal) {
  const Row rows[] = {
      {"10.1.2.3", true},     {" 10.1.2.3 ", true},
      {"127.0.0.1", true},    {"127.0.0.2", false},
      {"172.31.255.1", true}, {"172.32.0.1", false},
      {"8.8.8.8", false},     {"10.0.0.1,10.0.0.2", false},
      {"::1", true},          {"fd00::1", true},
      {"fc12::1", true},      {"2001:db8::1", false},
      {"::", false},          {"", false},
      {"10.0.0.1:80", false}, {"localhost", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(IsInternalRequest(Headers{{"x-forwarded-for", row.forwarded_for}}, Inside()),
              row.internal)
        << row.forwarded_for;
  }
}

TEST(InternalRequestTest, WithoutOrWithSeveralFieldsItIsNot) {
  EXPECT_FALSE(IsInternalRequest(Headers{{"accept", "10.0.0.1"}}, Inside()));
  EXPECT_FALSE(IsInternalRequest(
      Headers{{"x-forwarded-for", "10.0.0.1"}, {"x-forwarded-for", "10.0.0.1"}}, Inside()));
}

TEST(InternalRequestTest, WithoutConfiguredRangesNobodyIsInternal) {
  EXPECT_FALSE(IsInternalRequest(Headers{{"x-forwarded-for", "10.0.0.1"}}, {}));
}

}  // namespace
}  // namespace meshlib::policy
