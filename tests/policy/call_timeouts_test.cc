// SPDX-License-Identifier: Apache-2.0
#include "policy/call_timeouts.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace meshlib::policy {
namespace {

using Limit = std::optional<absl::Duration>;
constexpr std::nullopt_t kNone = std::nullopt;

constexpr char kExpected[] = "x-envoy-expected-rq-timeout-ms";
const Limit kShort = absl::Microseconds(999);

Limit Ms(int64_t milliseconds) { return absl::Milliseconds(milliseconds); }

struct Row {
  std::string name;
  Limit route, per_try, stream, listener_stream;  // settings
  Headers request;
  Limit want_route, want_per_try, want_stream;
};

class CallTimeoutsTest : public testing::TestWithParam<Row> {};

TEST_P(CallTimeoutsTest, AreDecidedAsEnvoyDoes) {
  const Row& row = GetParam();
  resource::ForwardAction action;
  action.timeout = row.route;
  action.max_stream_duration = row.stream;
  resource::RetryPolicy retry;
  retry.per_try_timeout = row.per_try;
  resource::HttpSettings http;
  http.max_stream_duration = row.listener_stream;
  const CallTimeouts timeouts =
      DecideTimeouts(action, &retry, http, row.request, RouterHeaders::kHonoured);
  EXPECT_EQ(timeouts.route, row.want_route);
  EXPECT_EQ(timeouts.per_try, row.want_per_try);
  EXPECT_EQ(timeouts.stream, row.want_stream);
}

std::vector<Row> Rows() {
  const Headers route_7{{"x-envoy-upstream-rq-timeout-ms", "7"}};
  const Headers route_0{{"x-envoy-upstream-rq-timeout-ms", "0"}};
  const Headers route_bad{{"x-envoy-upstream-rq-timeout-ms", "7s"}};
  const Headers negative{{"x-envoy-upstream-rq-timeout-ms", "-7"}};
  const Headers per_try_3{{"x-envoy-upstream-rq-per-try-timeout-ms", "3"}};
  const Headers both{{"x-envoy-upstream-rq-timeout-ms", "7"},
                     {"x-envoy-upstream-rq-per-try-timeout-ms", "9"}};
  return {
      {"default_is_15s", {}, {}, {}, {}, {}, Ms(15'000), kNone, kNone},
      {"zero_is_none", Ms(0), {}, {}, {}, {}, kNone, kNone, kNone},
      {"as_configured", Ms(900), Ms(300), {}, {}, {}, Ms(900), Ms(300), kNone},
      {"per_try_as_long_as_the_route", Ms(900), Ms(900), {}, {}, {}, Ms(900), kNone, kNone},
      {"per_try_without_route_limit", Ms(0), Ms(900), {}, {}, {}, kNone, Ms(900), kNone},
      {"less_than_a_millisecond_is_none", kShort, kShort, kShort, {}, {}, kNone, kNone, kNone},
      {"routes_less_than_a_millisecond", kShort, {}, {}, {}, {}, kNone, kNone, kNone},
      {"per_try_zero", Ms(900), Ms(0), {}, {}, {}, Ms(900), kNone, kNone},
      {"stream_replaces_the_route", Ms(900), {}, Ms(50), {}, {}, kNone, kNone, Ms(50)},
      {"stream_zero_is_none", Ms(900), {}, Ms(0), Ms(70), {}, kNone, kNone, kNone},
      {"listeners_stream_is_besides", Ms(900), {}, {}, Ms(70), {}, Ms(900), kNone, Ms(70)},
      {"routes_stream_wins", {}, {}, Ms(50), Ms(70), {}, kNone, kNone, Ms(50)},
      {"header_wins", Ms(900), {}, {}, {}, route_7, Ms(7), kNone, kNone},
      {"header_besides_stream", {}, {}, Ms(50), {}, route_7, Ms(7), kNone, Ms(50)},
      {"header_zero_is_none", Ms(900), {}, {}, {}, route_0, kNone, kNone, kNone},
      {"bad_header_is_ignored", Ms(900), {}, {}, {}, route_bad, Ms(900), kNone, kNone},
      {"negative_header_is_ignored", Ms(900), {}, {}, {}, negative, Ms(900), kNone, kNone},
      {"per_try_header_wins", Ms(900), Ms(300), {}, {}, per_try_3, Ms(900), Ms(3), kNone},
      {"headers_compare_too", Ms(900), Ms(300), {}, {}, both, Ms(7), kNone, kNone},
  };
}

std::string RowName(const testing::TestParamInfo<Row>& row) { return row.param.name; }

INSTANTIATE_TEST_SUITE_P(Settings, CallTimeoutsTest, testing::ValuesIn(Rows()), RowName);

TEST(DecideTimeoutsTest, HeadersOfExternalRequestsDoNotCount) {
  const CallTimeouts timeouts = DecideTimeouts(
      {}, nullptr, {}, Headers{{"x-envoy-upstream-rq-timeout-ms", "7"}}, RouterHeaders::kIgnored);
  EXPECT_EQ(timeouts.route, Ms(15'000));
}

TEST(DecideTimeoutsTest, TheRoutesIdleTimeoutReplacesTheListeners) {
  const auto idle = [](Limit route, Limit listener) {
    resource::ForwardAction action;
    action.idle_timeout = route;
    resource::HttpSettings http;
    http.stream_idle_timeout = listener;
    return DecideTimeouts(action, nullptr, http, {}, RouterHeaders::kHonoured).idle;
  };
  EXPECT_EQ(idle({}, {}), absl::Minutes(5));
  EXPECT_EQ(idle({}, Ms(30)), Ms(30));
  EXPECT_EQ(idle({}, Ms(0)), kNone);
  EXPECT_EQ(idle(Ms(20), Ms(30)), Ms(20));
  EXPECT_EQ(idle(Ms(0), Ms(30)), kNone);
}

class DeadlineTest : public testing::Test {
 protected:
  absl::Time At(int64_t ms) const { return absl::UnixEpoch() + absl::Milliseconds(ms); }
  const absl::Time never_ = absl::InfiniteFuture();
};

TEST_F(DeadlineTest, TheEarliestEndOfTheCallCounts) {
  CallTimeouts timeouts;
  timeouts.route = Ms(100);
  timeouts.stream = Ms(150);
  EXPECT_EQ(CallDeadline(timeouts, At(0), At(20), never_),
            (Deadline{At(120), CallErrorReason::kPeerTimeout}));
  EXPECT_EQ(CallDeadline(timeouts, At(0), At(60), never_),
            (Deadline{At(150), CallErrorReason::kDeadline}));
  EXPECT_EQ(CallDeadline(timeouts, At(0), At(20), At(30)),
            (Deadline{At(30), CallErrorReason::kDeadline}));
  EXPECT_EQ(CallDeadline({}, At(0), At(20), never_).at, never_);
}

TEST_F(DeadlineTest, TheRoutesTimeoutDoesNotCountTheSendingOfTheRequest) {
  CallTimeouts timeouts;
  timeouts.route = Ms(100);
  EXPECT_EQ(CallDeadline(timeouts, At(0), std::nullopt, never_).at, never_);
}

TEST_F(DeadlineTest, AnAttemptEndsByItsOwnTimeoutOrWithTheCall) {
  CallTimeouts timeouts;
  timeouts.per_try = Ms(40);
  const Deadline call{At(120), CallErrorReason::kPeerTimeout};
  EXPECT_EQ(AttemptDeadline(timeouts, At(10), At(10), call).at, At(50));
  EXPECT_EQ(AttemptDeadline(timeouts, At(10), At(30), call).at, At(70));
  EXPECT_EQ(AttemptDeadline(timeouts, At(60), At(30), call).at, At(100));
  EXPECT_EQ(AttemptDeadline(timeouts, At(100), At(30), call), call);
  EXPECT_EQ(AttemptDeadline(timeouts, At(10), std::nullopt, call), call);
}

TEST_F(DeadlineTest, ThePeerIsToldWhatIsLeft) {
  const auto expected = [](Limit route, Limit per_try, absl::Duration elapsed) {
    CallTimeouts timeouts;
    timeouts.route = route;
    timeouts.per_try = per_try;
    Headers headers{{kExpected, "old"}};
    SetExpectedTimeout(timeouts, elapsed, headers);
    return std::string(*headers.Get(kExpected));
  };
  const auto ms = [](double milliseconds) { return absl::Milliseconds(milliseconds); };
  EXPECT_EQ(expected({}, {}, ms(0)), "old");
  EXPECT_EQ(expected(Ms(100), {}, ms(0)), "100");
  EXPECT_EQ(expected(ms(1234.9), {}, ms(0)), "1234");
  EXPECT_EQ(expected(Ms(100), Ms(30), ms(0)), "30");
  EXPECT_EQ(expected(Ms(100), Ms(30), ms(80)), "20");
  EXPECT_EQ(expected(Ms(100), {}, ms(30.9)), "70");
  EXPECT_EQ(expected(Ms(100), {}, ms(99.9)), "1");
  EXPECT_EQ(expected(Ms(100), {}, ms(100)), "1");
  EXPECT_EQ(expected({}, Ms(30), ms(500)), "30");
}

TEST(RouterHeadersTest, AreNotForwarded) {
  Headers headers{{"accept", "*/*"},
                  {"x-envoy-retry-on", "5xx"},
                  {"x-envoy-max-retries", "2"},
                  {"x-envoy-upstream-rq-timeout-ms", "7"},
                  {"x-envoy-upstream-rq-per-try-timeout-ms", "7"},
                  {"x-envoy-attempt-count", "1"}};
  RemoveRouterHeaders(headers);
  EXPECT_EQ(headers, (Headers{{"accept", "*/*"}, {"x-envoy-attempt-count", "1"}}));
}

}  // namespace
}  // namespace meshlib::policy
