// SPDX-License-Identifier: Apache-2.0
#include "mesh/outage_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake/fake_clock.h"

namespace meshlib::mesh {
namespace {

class OutageLogTest : public ::testing::Test {
 protected:
  // Warnings since the last call.
  std::vector<std::string> Warnings() { return std::exchange(warnings_, {}); }

  std::vector<std::string> warnings_;
  fake::FakeClock clock_;
  Log log_{[this](LogSeverity severity, std::string_view line) {
    if (severity == LogSeverity::kWarning) warnings_.emplace_back(line);
  }};
  OutageLog outages_{"grpc://plane:1", clock_, log_};
  const absl::Status refused_ = absl::UnavailableError("connection refused");
};

TEST_F(OutageLogTest, AnOutageIsTwoWarningsHoweverManyAttempts) {
  outages_.OnAnswered();
  for (int i = 0; i < 7; ++i) {
    outages_.OnStreamDown(refused_);
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(Warnings(), std::vector<std::string>{
                            "xds: grpc://plane:1: connection refused; the last configuration "
                            "stays, trying again until it answers"});
  outages_.OnAnswered();
  EXPECT_EQ(Warnings(),
            std::vector<std::string>{"xds: grpc://plane:1 is back after 7s and 7 failed attempts"});
  outages_.OnStreamDown(refused_);
  EXPECT_EQ(Warnings().size(), 1u) << "the next outage is one of its own";
}

TEST_F(OutageLogTest, AControlPlaneThatComesLaterIsToldAsSuch) {
  outages_.OnStreamDown(refused_);
  EXPECT_EQ(Warnings(), std::vector<std::string>{
                            "xds: grpc://plane:1: connection refused; no configuration yet, "
                            "trying again until it answers"});
  clock_.Advance(absl::Milliseconds(250));
  outages_.OnAnswered();
  EXPECT_EQ(Warnings(), std::vector<std::string>{
                            "xds: grpc://plane:1 answers after 200ms and 1 failed attempts"});
}

TEST_F(OutageLogTest, StreamsThatTheServerEndsAreNoOutage) {
  outages_.OnAnswered();
  outages_.OnStreamDown(absl::OkStatus());
  outages_.OnAnswered();
  EXPECT_TRUE(Warnings().empty());
}

}  // namespace
}  // namespace meshlib::mesh
