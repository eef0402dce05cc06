// SPDX-License-Identifier: Apache-2.0
#include "route/client_address.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::route {
namespace {

TEST(ClientAddressTest, IsWhatTrustedProxiesSay) {
  const struct {
    const char* name;
    bool use_remote_address;
    uint32_t hops;
    Headers headers;
    const char* expected;
  } rows[] = {
      {"none told", false, 0, {}, "10.0.0.9"},
      {"the last is who called us", false, 0, {{"x-forwarded-for", "1.1.1.1, 2.2.2.2"}}, "2.2.2.2"},
      {"one hop back", false, 1, {{"x-forwarded-for", "1.1.1.1, 2.2.2.2"}}, "1.1.1.1"},
      {"not so many", false, 2, {{"x-forwarded-for", "1.1.1.1, 2.2.2.2"}}, "10.0.0.9"},
      {"several fields are one list",
       false,
       1,
       {{"x-forwarded-for", "1.1.1.1"}, {"x-forwarded-for", "2.2.2.2"}},
       "1.1.1.1"},
      {"IPv6", false, 0, {{"x-forwarded-for", "2001:db8::1"}}, "2001:db8::1"},
      {"garbage", false, 0, {{"x-forwarded-for", "1.1.1.1, unknown"}}, "10.0.0.9"},
      {"an empty item", false, 0, {{"x-forwarded-for", "1.1.1.1,"}}, "10.0.0.9"},
      {"nobody is trusted", true, 0, {{"x-forwarded-for", "1.1.1.1"}}, "10.0.0.9"},
      {"one proxy is trusted", true, 1, {{"x-forwarded-for", "1.1.1.1, 2.2.2.2"}}, "2.2.2.2"},
      {"two are", true, 2, {{"x-forwarded-for", "1.1.1.1, 2.2.2.2"}}, "1.1.1.1"},
  };
  for (const auto& row : rows) {
    resource::HttpSettings settings;
    settings.use_remote_address = row.use_remote_address;
    settings.xff_num_trusted_hops = row.hops;
    const auto direct = *resource::Address::FromIp("10.0.0.9", 1234);
    EXPECT_EQ(ClientAddress(settings, row.headers, direct).IpString(), row.expected) << row.name;
  }
}

}  // namespace
}  // namespace meshlib::route
