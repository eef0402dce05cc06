#include "policy/internal_request.h"

#include <gtest/gtest.h>

namespace meshlib::policy {
namespace {

struct Row {
  const char* forwarded_for;
  bool internal;
};

TEST(InternalRequestTest, OneForwardedPrivateAddressMakesARequestInternal) {
  const Row rows[] = {
      {"10.1.2.3", true},     {" 10.1.2.3 ", true},
      {"127.0.0.1", true},    {"172.16.0.1", true},
      {"172.31.255.1", true}, {"172.32.0.1", false},
      {"192.168.7.7", true},  {"192.169.0.1", false},
      {"8.8.8.8", false},     {"10.0.0.1,10.0.0.2", false},
      {"::1", true},          {"fd00::1", true},
      {"fc12::1", true},      {"2001:db8::1", false},
      {"::", false},          {"", false},
      {"10.0.0.1:80", false}, {"localhost", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(IsInternalRequest(Headers{{"x-forwarded-for", row.forwarded_for}}), row.internal)
        << row.forwarded_for;
  }
}

TEST(InternalRequestTest, WithoutOrWithSeveralFieldsItIsNot) {
  EXPECT_FALSE(IsInternalRequest(Headers{{"accept", "10.0.0.1"}}));
  EXPECT_FALSE(
      IsInternalRequest(Headers{{"x-forwarded-for", "10.0.0.1"}, {"x-forwarded-for", "10.0.0.1"}}));
}

}  // namespace
}  // namespace meshlib::policy
