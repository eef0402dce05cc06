// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "meshlib/report.h"

namespace meshlib {
namespace {

constexpr const char* kMe = "spiffe://cluster.local/ns/default/sa/me";
const absl::Time kEnd = absl::FromUnixSeconds(1'700'000'000);

struct Row {
  const char* text;
  IdentityReport report;
};

TEST(IdentityReportTest, SaysForPeopleHowItStands) {
  const Row rows[] = {
      {"no certificate", {}},
      {"spiffe://cluster.local/ns/default/sa/me until 2023-11-14T22:13:20Z",
       {.spiffe_id = kMe, .expires_at = kEnd}},
      {"spiffe://cluster.local/ns/default/sa/me until 2023-11-14T22:13:20Z, renewed once",
       {.spiffe_id = kMe, .expires_at = kEnd, .renewals = 1}},
      {"no certificate, failed 3 times, failing since 2023-11-14T22:13:20Z: connection refused",
       {.failed_renewals = 3, .failing_since = kEnd, .last_error = "connection refused"}},
      {"spiffe://cluster.local/ns/default/sa/me until 2023-11-14T22:13:20Z, renewed 7 times, "
       "failed once",
       {.spiffe_id = kMe, .expires_at = kEnd, .renewals = 7, .failed_renewals = 1}},
  };
  for (const Row& row : rows) EXPECT_EQ(row.report.ToString(), row.text);
}

}  // namespace
}  // namespace meshlib
