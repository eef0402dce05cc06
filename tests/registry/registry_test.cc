// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_port_probe.h"

namespace meshlib::registry {
namespace {

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    watch_ = registry_->Watch([this] { ++changes_; });
  }

  static Registration Reviews(uint16_t port, const std::string& ip = "127.0.1.1") {
    return {.workload = {.name = "reviews-v1",
                         .name_space = "default",
                         .service_account = "reviews",
                         .labels = {{"app", "reviews"}},
                         .address = ip,
                         .ports = {}},
            .port = port};
  }
  // "reviews-v1@127.0.1.1:9080,9081 ..."
  std::string Ready() {
    std::string text;
    for (const Workload& workload : registry_->workloads()) {
      absl::StrAppend(&text, text.empty() ? "" : " ", workload.name, "@", workload.address, ":",
                      absl::StrJoin(workload.ports, ","));
    }
    return text;
  }
  int Changes() { return std::exchange(changes_, 0); }

  fake::FakeEventLoop loop_;
  fake::FakePortProbe probe_{loop_};
  std::unique_ptr<Registry> registry_ = std::make_unique<Registry>(loop_, probe_);
  int changes_ = 0;
  base::Subscription watch_;
};

TEST_F(RegistryTest, AWorkloadIsReadyWhenItsPortAccepts) {
  const auto registration = registry_->Register(Reviews(9080));
  loop_.Advance(absl::Seconds(2));
  EXPECT_EQ(Ready(), "");
  probe_.open().insert("127.0.1.1:9080");
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9080");
}

TEST_F(RegistryTest, AReadyPortIsCheckedEveryFewSeconds) {
  probe_.open().insert("127.0.1.1:9080");
  const auto registration = registry_->Register(Reviews(9080));
  loop_.RunUntilIdle();
  const int probes = probe_.probes();
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(probe_.probes() - probes, 20);
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9080");
}

TEST_F(RegistryTest, AWorkloadThatClosesItsPortIsGoneThoughItsRegistrationStays) {
  probe_.open().insert("127.0.1.1:9080");
  const auto registration = registry_->Register(Reviews(9080));
  loop_.RunUntilIdle();
  probe_.open().clear();
  loop_.Advance(absl::Seconds(4));
  EXPECT_EQ(Ready(), "");
  probe_.open().insert("127.0.1.1:9080");
  loop_.Advance(absl::Seconds(2));
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9080");
}

TEST_F(RegistryTest, OneMissedCheckIsForgiven) {
  probe_.open().insert("127.0.1.1:9080");
  const auto registration = registry_->Register(Reviews(9080));
  loop_.Advance(absl::Seconds(6));
  Changes();
  probe_.open().clear();
  loop_.Advance(absl::Milliseconds(3001));
  probe_.open().insert("127.0.1.1:9080");
  loop_.Advance(absl::Seconds(10));
  EXPECT_EQ(Changes(), 0);
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9080");
}

TEST_F(RegistryTest, APortThatIsOpenAtOnceIsReadyAtOnce) {
  probe_.open().insert("127.0.1.1:9080");
  const auto registration = registry_->Register(Reviews(9080));
  loop_.RunUntilIdle();
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9080");
  EXPECT_EQ(Changes(), 1);
}

TEST_F(RegistryTest, ProbesGetRarer) {
  const auto registration = registry_->Register(Reviews(9080));
  loop_.Advance(absl::Minutes(1));
  EXPECT_GT(probe_.probes(), 50);
  EXPECT_LT(probe_.probes(), 70);
}

TEST_F(RegistryTest, PortsOfOneWorkloadAreMerged) {
  probe_.open() = {"127.0.1.1:9081", "127.0.1.1:9080"};
  const auto second = registry_->Register(Reviews(9081));
  auto first = registry_->Register(Reviews(9080));
  loop_.RunUntilIdle();
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9080,9081");
  EXPECT_EQ(Changes(), 1);
  first.Reset();
  loop_.RunUntilIdle();
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9081");
  EXPECT_EQ(Changes(), 1);
}

TEST_F(RegistryTest, AReconnectThatOverlapsIsNoChange) {
  probe_.open().insert("127.0.1.1:9080");
  auto old_stream = registry_->Register(Reviews(9080));
  loop_.RunUntilIdle();
  EXPECT_EQ(Changes(), 1);
  const auto new_stream = registry_->Register(Reviews(9080));
  loop_.RunUntilIdle();
  old_stream.Reset();
  loop_.RunUntilIdle();
  EXPECT_EQ(Ready(), "reviews-v1@127.0.1.1:9080");
  EXPECT_EQ(Changes(), 0);
}

TEST_F(RegistryTest, AWorkloadIsGoneWithItsRegistration) {
  probe_.open().insert("127.0.1.1:9080");
  auto registration = registry_->Register(Reviews(9080));
  loop_.RunUntilIdle();
  registration.Reset();
  EXPECT_EQ(Ready(), "");
}

TEST_F(RegistryTest, RegistrationsThatEndBeforeTheyAreReadyAreForgotten) {
  auto registration = registry_->Register(Reviews(9080));
  registration.Reset();
  probe_.open().insert("127.0.1.1:9080");
  loop_.Advance(absl::Milliseconds(400));
  EXPECT_EQ(Ready(), "");
  EXPECT_EQ(Changes(), 0);
}

TEST_F(RegistryTest, AnAddressThatIsNoIpIsNeverReady) {
  const auto registration = registry_->Register(Reviews(9080, "reviews.example"));
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(Ready(), "");
}

TEST_F(RegistryTest, AfterAStartNothingIsToldOfServicesWithoutWorkloads) {
  EXPECT_FALSE(registry_->MayTell(false));
  loop_.Advance(absl::Milliseconds(4999));
  EXPECT_FALSE(registry_->MayTell(false));
  EXPECT_EQ(Changes(), 0);
  loop_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(registry_->MayTell(false));
  EXPECT_EQ(Changes(), 1);
}

TEST_F(RegistryTest, AfterAStartAServiceWithAWorkloadIsToldWhenRegistrationsAreQuiet) {
  probe_.open().insert("127.0.1.1:9080");
  loop_.Advance(absl::Milliseconds(300));
  const auto first = registry_->Register(Reviews(9080));
  loop_.Advance(absl::Milliseconds(400));
  EXPECT_FALSE(registry_->MayTell(true));
  const auto second = registry_->Register(Reviews(9080, "127.0.1.2"));
  loop_.Advance(absl::Milliseconds(499));
  EXPECT_FALSE(registry_->MayTell(true)) << "the second registration has disturbed";
  Changes();
  loop_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(registry_->MayTell(true));
  EXPECT_FALSE(registry_->MayTell(false));
  EXPECT_EQ(Changes(), 1);
}

TEST_F(RegistryTest, WithholdingEndsFiveSecondsAfterTheStart) {
  std::vector<base::Subscription> registrations;
  for (uint16_t i = 0; i < 20; ++i) {
    registrations.push_back(registry_->Register(Reviews(static_cast<uint16_t>(9000 + i))));
    loop_.Advance(absl::Milliseconds(250));
  }
  EXPECT_TRUE(registry_->MayTell(true));
  EXPECT_TRUE(registry_->MayTell(false));
  registrations.push_back(registry_->Register(Reviews(9999)));
  EXPECT_TRUE(registry_->MayTell(false)) << "only the start is uncertain";
}

TEST_F(RegistryTest, WithholdingCanBeTurnedOff) {
  Registry registry(loop_, probe_, {.at_most = absl::ZeroDuration()});
  EXPECT_TRUE(registry.MayTell(false));
}

TEST_F(RegistryTest, SubscriptionsMayOutliveTheRegistry) {
  auto registration = registry_->Register(Reviews(9080));
  registry_.reset();
  loop_.RunUntilIdle();
  registration.Reset();
  watch_.Reset();
}

}  // namespace
}  // namespace meshlib::registry
