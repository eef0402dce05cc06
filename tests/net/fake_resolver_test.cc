// SPDX-License-Identifier: Apache-2.0
#include "fake/fake_resolver.h"

#include <gtest/gtest.h>

namespace meshlib::fake {
namespace {

TEST(FakeResolverTest, AnswersWhenToldToAndByFamily) {
  FakeResolver resolver;
  resolver.Set("shop.example", {"10.0.0.1", "::1"});
  std::string log;
  const auto any = resolver.Resolve("shop.example", net::AddressFamily::kAny, [&](auto answer) {
    log += std::to_string(answer->addresses.size());
  });
  const auto v6 = resolver.Resolve("shop.example", net::AddressFamily::kIpv6,
                                   [&](auto answer) { log += answer->addresses[0].ToString(); });
  const auto absent = resolver.Resolve("absent.example", net::AddressFamily::kAny,
                                       [&](auto answer) { log += answer.ok() ? "?" : "!"; });
  EXPECT_EQ(log, "");
  resolver.Deliver();
  EXPECT_EQ(log, "2[::1]:0!");
  EXPECT_EQ(resolver.questions(), 3);
}

TEST(FakeResolverTest, CancelledQuestionsAreNotAnswered) {
  FakeResolver resolver;
  resolver.Break(absl::UnavailableError("down"));
  {
    const auto gone = resolver.Resolve("a", net::AddressFamily::kAny, [](auto) { FAIL(); });
  }
  resolver.Deliver();
}

}  // namespace
}  // namespace meshlib::fake
