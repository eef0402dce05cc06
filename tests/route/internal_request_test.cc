// SPDX-License-Identifier: Apache-2.0
#include "route/internal_request.h"

#include <gtest/gtest.h>

#include <vector>

namespace meshlib::route {
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

// What came out of an Envoy 1.40.
TEST(InternalRequestTest, WhatOnlyProxiesMaySayIsRemovedAndMoreAtTheEdge) {
  const struct {
    const char* name;
    bool behind;
    bool at_edge;
  } rows[] = {
      {"x-envoy-retry-on", true, true},
      {"x-envoy-retry-grpc-on", true, true},
      {"x-envoy-max-retries", true, true},
      {"x-envoy-retriable-status-codes", true, true},
      {"x-envoy-retriable-header-names", true, true},
      {"x-envoy-hedge-on-per-try-timeout", true, true},
      {"x-envoy-upstream-rq-timeout-ms", true, true},
      {"x-envoy-upstream-rq-per-try-timeout-ms", true, true},
      {"x-envoy-upstream-rq-timeout-alt-response", true, true},
      {"x-envoy-upstream-alt-stat-name", true, true},
      {"x-envoy-upstream-stream-duration-ms", true, true},
      {"x-envoy-expected-rq-timeout-ms", true, true},
      {"x-envoy-force-trace", true, true},
      {"x-envoy-internal", true, true},
      {"x-envoy-ip-tags", true, true},
      {"x-envoy-original-url", true, true},
      {"x-envoy-decorator-operation", false, true},
      {"x-envoy-downstream-service-cluster", false, true},
      {"x-envoy-downstream-service-node", false, true},
      {"x-envoy-original-path", false, true},
      {"x-envoy-original-host", false, true},
      {"x-envoy-external-address", false, false},
      {"x-envoy-attempt-count", false, false},
      {"x-envoy-peer-metadata", false, false},
      {"x-envoy-is-timeout-retry", false, false},
      {"x-request-id", false, false},
  };
  Headers behind;
  for (const auto& row : rows) {
    behind.Add(row.name, "1");
    behind.Add(row.name, "2");
  }
  Headers at_edge = behind;
  RemoveInternalHeaders(false, behind);
  RemoveInternalHeaders(true, at_edge);
  for (const auto& row : rows) {
    EXPECT_EQ(behind.Has(row.name), !row.behind) << row.name;
    EXPECT_EQ(at_edge.Has(row.name), !row.at_edge) << row.name;
  }
}

}  // namespace
}  // namespace meshlib::route
