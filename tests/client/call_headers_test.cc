// SPDX-License-Identifier: Apache-2.0
#include "client/call_headers.h"

#include <gtest/gtest.h>

namespace meshlib::client {
namespace {

using policy::RouterHeaders;

class CallHeadersTest : public ::testing::Test {
 protected:
  RouterHeaders Manage(Headers headers, const resource::HttpSettings& http = {}) {
    head_.scheme = "http";
    head_.headers = std::move(headers);
    return ManageRequestHeaders(http, random_, &head_);
  }
  std::string Get(std::string_view name) {
    return std::string(head_.headers.Get(name).value_or("none"));
  }

  base::Random random_{7};
  route::OutgoingHead head_;
};

// What came out of an Envoy 1.40 with a sidecar's outbound connection manager.
TEST_F(CallHeadersTest, TheProgramsOwnRequestsLoseWhatOnlyRequestsFromInsideMayCarry) {
  const char* const removed[] = {
      "x-envoy-retry-on",
      "x-envoy-max-retries",
      "x-envoy-upstream-rq-timeout-ms",
      "x-envoy-upstream-rq-per-try-timeout-ms",
      "x-envoy-retry-grpc-on",
      "x-envoy-retriable-status-codes",
      "x-envoy-retriable-header-names",
      "x-envoy-hedge-on-per-try-timeout",
      "x-envoy-upstream-alt-stat-name",
      "x-envoy-ip-tags",
      "x-envoy-original-url",
      "x-envoy-expected-rq-timeout-ms",
      "x-envoy-internal",
      "x-envoy-force-trace",
      "x-envoy-upstream-stream-duration-ms",
  };
  const char* const kept[] = {
      "x-envoy-original-path", "x-envoy-external-address",
      "x-envoy-peer-metadata", "x-envoy-downstream-service-cluster",
      "x-envoy-original-host", "x-envoy-is-timeout-retry",
  };
  Headers headers;
  for (const char* name : removed) headers.Add(name, "1");
  for (const char* name : kept) headers.Add(name, "1");
  EXPECT_EQ(Manage(headers), RouterHeaders::kIgnored);
  for (const char* name : removed) EXPECT_FALSE(head_.headers.Has(name)) << name;
  for (const char* name : kept) EXPECT_TRUE(head_.headers.Has(name)) << name;
}

TEST_F(CallHeadersTest, SchemeAndRequestIdAreAddedWhereTheyAreMissing) {
  Manage({});
  EXPECT_EQ(Get("x-forwarded-proto"), "http");
  const std::string id = Get("x-request-id");
  ASSERT_EQ(id.size(), 36u) << id;
  EXPECT_EQ(id[14], '4') << id;
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  Manage({});
  EXPECT_NE(Get("x-request-id"), id);
  Manage({{"x-forwarded-proto", "https"}, {"x-request-id", "mine"}});
  EXPECT_EQ(Get("x-forwarded-proto"), "https");
  EXPECT_EQ(Get("x-request-id"), "mine");
  Manage({}, {.generate_request_id = false});
  EXPECT_EQ(Get("x-request-id"), "none");
}

TEST_F(CallHeadersTest, AtTheEdgeRequestIdsFromOutsideAreReplacedUnlessPreserved) {
  resource::HttpSettings edge;
  edge.use_remote_address = true;
  Manage({{"x-request-id", "theirs"}, {"x-envoy-decorator-operation", "x"}}, edge);
  EXPECT_EQ(Get("x-request-id").size(), 36u);
  EXPECT_EQ(Get("x-envoy-decorator-operation"), "none");
  edge.preserve_external_request_id = true;
  Manage({{"x-request-id", "theirs"}}, edge);
  EXPECT_EQ(Get("x-request-id"), "theirs");
}

TEST_F(CallHeadersTest, RequestsFromAnInternalAddressKeepTheirRouterHeaders) {
  resource::HttpSettings http;
  http.use_remote_address = true;
  http.internal_addresses = {resource::CidrRange::FromString("10.0.0.0/8").value()};
  const Headers inside = {{"x-forwarded-for", "10.1.2.3"}, {"x-envoy-retry-on", "5xx"}};
  EXPECT_EQ(Manage(inside, http), RouterHeaders::kHonoured);
  EXPECT_EQ(Get("x-envoy-retry-on"), "5xx");
  EXPECT_EQ(Get("x-envoy-internal"), "true");
  EXPECT_EQ(Manage({{"x-forwarded-for", "8.8.8.8"}, {"x-envoy-retry-on", "5xx"}}, http),
            RouterHeaders::kIgnored);
  EXPECT_EQ(Get("x-envoy-retry-on"), "none");
}

// What came out of an Envoy 1.40 as a gateway, whose client is the last in x-forwarded-for here.
TEST_F(CallHeadersTest, BadInput19_AtTheEdgeNobodyElseSaysWhoTheClientIs) {
  const struct {
    const char* name;
    uint32_t hops;
    Headers headers;
    const char *external, *proto;
  } rows[] = {
      {"alone", 0, {{"x-forwarded-for", "9.0.0.1"}}, "9.0.0.1", "http"},
      {"forged", 0, {{"x-forwarded-for", "10.1.2.3,9.0.0.1"}}, "9.0.0.1", "http"},
      {"IPv6", 0, {{"x-forwarded-for", "2001:DB8::1"}}, "2001:db8::1", "http"},
      {"unknown", 0, {}, "none", "http"},
      {"behind a proxy",
       1,
       {{"x-forwarded-for", "8.8.8.8, 10.1.2.3,9.0.0.1"}},
       "10.1.2.3",
       "https"},
      {"fields are one list",
       1,
       {{"x-forwarded-for", "8.8.8.8"}, {"x-forwarded-for", "7.7.7.7,9.0.0.1"}},
       "7.7.7.7",
       "https"},
      {"a proxy that says nothing", 1, {{"x-forwarded-for", "9.0.0.1"}}, "9.0.0.1", "https"},
      {"a proxy that says nonsense", 1, {{"x-forwarded-for", "x,9.0.0.1"}}, "9.0.0.1", "https"},
  };
  for (const auto& row : rows) {
    Headers headers = row.headers;
    for (const char* name : {"x-envoy-external-address", "x-envoy-original-path",
                             "x-envoy-downstream-service-cluster", "x-envoy-peer-metadata"}) {
      headers.Add(name, "forged");
    }
    headers.Add("x-forwarded-proto", "https");
    Manage(headers, {.use_remote_address = true, .xff_num_trusted_hops = row.hops});
    EXPECT_EQ(Get("x-envoy-external-address"), row.external) << row.name;
    EXPECT_EQ(Get("x-forwarded-proto"), row.proto) << row.name;
    EXPECT_EQ(Get("x-envoy-original-path"), "none") << row.name;
    EXPECT_EQ(Get("x-envoy-downstream-service-cluster"), "none") << row.name;
    EXPECT_EQ(Get("x-envoy-peer-metadata"), "forged") << row.name;
  }
}

TEST_F(CallHeadersTest, AtTheEdgeAClientFromInsideIsBelieved) {
  resource::HttpSettings edge;
  edge.use_remote_address = true;
  edge.internal_addresses = {resource::CidrRange::FromString("10.0.0.0/8").value()};
  Manage({{"x-forwarded-for", "10.1.2.3"},
          {"x-envoy-external-address", "8.8.8.8"},
          {"x-envoy-original-path", "/a"}},
         edge);
  EXPECT_EQ(Get("x-envoy-external-address"), "8.8.8.8");
  EXPECT_EQ(Get("x-envoy-original-path"), "/a");
  EXPECT_EQ(Get("x-forwarded-proto"), "http");
}

}  // namespace
}  // namespace meshlib::client
