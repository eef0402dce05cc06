// SPDX-License-Identifier: Apache-2.0
#include "identity/ca_identity.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "fake/fake_certificate_service.h"
#include "fake/fake_event_loop.h"
#include "fake/recorded_identity.h"

namespace meshlib::identity {
namespace {

using Leaf = fake::FakeCertificateService::Leaf;

const WorkloadName kReviews{.service_account = "reviews"};

class CaIdentityTest : public ::testing::Test {
 protected:
  CaIdentityTest() { Start({.name = kReviews}); }

  void Start(CaIdentityOptions options) {
    source_ = nullptr;
    source_ = std::make_unique<CaIdentitySource>(std::move(options), service_, loop_, loop_.clock(),
                                                 base::Random(1), &observer_);
  }
  void IssueFor(absl::Duration lifetime) {
    service_.Issue({.name = kReviews, .ends_in = lifetime});
    loop_.RunUntilIdle();
  }
  void Fail(const std::string& cause) {
    service_.Answer(absl::UnavailableError(cause));
    loop_.RunUntilIdle();
  }
  void AwaitRequest() {
    for (int i = 0; i < 200'000 && !service_.waiting(); ++i) loop_.Advance(absl::Seconds(1));
    ASSERT_TRUE(service_.waiting());
  }
  std::string Problem() const { return std::string(source_->status().message()); }

  fake::FakeEventLoop loop_;
  fake::FakeCertificateService service_{loop_.clock()};
  fake::RecordedIdentity observer_;
  std::unique_ptr<CaIdentitySource> source_;
};

TEST_F(CaIdentityTest, AsksAtOnceAndHasNothingUntilAnswered) {
  EXPECT_EQ(service_.asked(), 1);
  EXPECT_EQ(service_.lifetime(), absl::Hours(24));
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_FALSE(source_->status().ok());
}

TEST_F(CaIdentityTest, PublishesWhatTheAuthorityIssues) {
  int told = 0;
  const base::Subscription watch = source_->Watch([&] { ++told; });
  IssueFor(absl::Hours(24));
  const auto identity = source_->Current();
  ASSERT_NE(identity, nullptr);
  EXPECT_EQ(identity->spiffe_id, "spiffe://cluster.local/ns/default/sa/reviews");
  EXPECT_EQ(identity->trust_domain, "cluster.local");
  EXPECT_EQ(identity->roots()->size(), 1u);
  EXPECT_EQ(identity->expires_at, loop_.clock().WallNow() + absl::Hours(24));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(observer_.identities, 1);
  EXPECT_TRUE(source_->status().ok()) << source_->status();
}

TEST_F(CaIdentityTest, TellsWatchersWhyThereIsNoCertificateYetAndNotWhyThereIsNoNewOne) {
  int told = 0;
  const base::Subscription watch = source_->Watch([&] { ++told; });
  Fail("connection refused");
  EXPECT_EQ(told, 1);
  AwaitRequest();
  Fail("connection refused");
  EXPECT_EQ(told, 2);
  AwaitRequest();
  IssueFor(absl::Hours(24));
  EXPECT_EQ(told, 3);
  AwaitRequest();
  Fail("connection refused");
  EXPECT_EQ(told, 3);
}

TEST_F(CaIdentityTest, TellsEveryWatcherButThoseThatHaveEnded) {
  int first = 0, second = 0;
  base::Subscription one = source_->Watch([&] { ++first; });
  const base::Subscription two = source_->Watch([&] {
    ++second;
    one.Reset();
  });
  IssueFor(absl::Hours(24));
  AwaitRequest();
  IssueFor(absl::Hours(24));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
}

TEST_F(CaIdentityTest, RenewsAtHalfLifeGiveOrTakeOnePercent) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    source_ = nullptr;
    CaIdentitySource source({.name = kReviews}, service_, loop_, loop_.clock(), base::Random(seed),
                            nullptr);
    IssueFor(absl::Hours(100));
    const int asked = service_.asked();
    loop_.Advance(absl::Hours(49) - absl::Seconds(1));
    EXPECT_EQ(service_.asked(), asked) << seed;
    loop_.Advance(absl::Hours(2) + absl::Minutes(1));
    EXPECT_GT(service_.asked(), asked) << seed;
  }
}

TEST_F(CaIdentityTest, KeepsTheOldCertificateUntilTheNewOneIsThere) {
  IssueFor(absl::Hours(24));
  const auto old = source_->Current();
  AwaitRequest();
  EXPECT_EQ(source_->Current(), old);
  IssueFor(absl::Hours(24));
  EXPECT_NE(source_->Current(), old);
}

TEST_F(CaIdentityTest, EveryCertificateHasAKeyOfItsOwn) {
  IssueFor(absl::Hours(24));
  AwaitRequest();
  const std::string first = service_.requests().front();
  service_.Issue({.name = kReviews, .other_request = first});
  EXPECT_NE(observer_.newest().find("key"), std::string::npos) << observer_.newest();
  EXPECT_NE(first, service_.requests().back());
}

TEST_F(CaIdentityTest, RootsOfOldAndNewAreKeptWhileEitherIsInUse) {
  IssueFor(absl::Hours(24));
  AwaitRequest();
  service_.ChangeRoot();
  IssueFor(absl::Hours(24));
  EXPECT_EQ(source_->Current()->roots()->size(), 2u);
  loop_.Advance(absl::Hours(11));  // the first certificate has some minutes to live
  EXPECT_EQ(source_->Current()->roots()->size(), 2u);
  int told = 0;
  const base::Subscription watch = source_->Watch([&] { ++told; });
  loop_.Advance(absl::Minutes(70));
  EXPECT_EQ(source_->Current()->roots()->size(), 1u);
  EXPECT_EQ(told, 1);
}

TEST_F(CaIdentityTest, CertificatesOfSecondsRotateInSeconds) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(service_.waiting()) << round;
    IssueFor(absl::Seconds(10));
    loop_.Advance(absl::Seconds(6));  // the renewal has been asked for since a second
  }
  EXPECT_EQ(observer_.identities, 20);
  EXPECT_TRUE(observer_.problems.empty()) << observer_.newest();
}

TEST_F(CaIdentityTest, BacksOffExponentiallyUntilAMinute) {
  std::vector<double> waits;
  for (int i = 0; i < 12; ++i) {
    Fail("connection refused");
    const absl::Time failed = loop_.Now();
    while (!service_.waiting()) loop_.Advance(absl::Milliseconds(100));
    waits.push_back(absl::ToDoubleSeconds(loop_.Now() - failed));
  }
  EXPECT_NEAR(waits.front(), 1, 0.31);
  EXPECT_GT(waits[4], 3 * waits.front());
  EXPECT_LT(waits.back(), 73);
  EXPECT_GT(waits.back(), 47);
}

TEST_F(CaIdentityTest, AFailedRenewalIsUrgentWellBeforeTheEnd) {
  IssueFor(absl::Hours(24));
  AwaitRequest();
  Fail("connection refused");
  bool was_urgent = false;
  while (loop_.clock().WallNow() < source_->Current()->expires_at) {
    if (service_.waiting()) Fail("connection refused");
    const bool urgent = observer_.problems.back().urgency == Urgency::kUrgent;
    const absl::Duration remaining = source_->Current()->expires_at - loop_.clock().WallNow();
    if (urgent && !was_urgent) {
      EXPECT_GT(remaining, absl::Hours(5));
    }
    was_urgent = was_urgent || urgent;
    loop_.Advance(absl::Seconds(10));
  }
  EXPECT_TRUE(was_urgent);
  EXPECT_FALSE(source_->status().ok());
  EXPECT_NE(Problem().find("connection refused"), std::string::npos) << Problem();
}

TEST_F(CaIdentityTest, CountsRenewalsAndFailures) {
  Fail("connection refused");
  AwaitRequest();
  IssueFor(absl::Hours(24));
  EXPECT_EQ(source_->record().succeeded, 1u);
  EXPECT_EQ(source_->record().failed, 1u);
  EXPECT_EQ(source_->record().failing_since, std::nullopt);
  AwaitRequest();
  const absl::Time began = loop_.clock().WallNow();
  for (int i = 0; i < 3; ++i) {
    Fail("connection refused");
    AwaitRequest();
  }
  EXPECT_EQ(source_->record().failed, 4u);
  EXPECT_EQ(source_->record().failing_since, began);
  IssueFor(absl::Hours(24));
  EXPECT_EQ(source_->record().succeeded, 2u);
  EXPECT_EQ(source_->record().failing_since, std::nullopt);
}

TEST_F(CaIdentityTest, AFailureIsToldMoreUrgentlyAndMoreOftenTowardsTheEnd) {
  IssueFor(absl::Hours(24));
  AwaitRequest();
  size_t retrying = 0, urgent = 0;
  while (loop_.clock().WallNow() < source_->Current()->expires_at) {
    if (service_.waiting()) Fail("connection refused");
    loop_.Advance(absl::Seconds(10));
  }
  for (const auto& problem : observer_.problems) {
    const bool is_urgent = problem.urgency == Urgency::kUrgent;
    EXPECT_TRUE(is_urgent || urgent == 0) << "less urgent again";
    ++(is_urgent ? urgent : retrying);
    EXPECT_NE(problem.text.find("the certificate in use is valid for "), std::string::npos);
  }
  EXPECT_GT(retrying, 300u);  // of six hours: about one a minute
  EXPECT_GT(urgent, 300u);
}

TEST_F(CaIdentityTest, AnExpiredCertificateStaysAndTheStatusSaysSo) {
  IssueFor(absl::Hours(1));
  loop_.Advance(absl::Minutes(31));
  Fail("connection refused");
  while (loop_.clock().WallNow() < source_->Current()->expires_at + absl::Minutes(5)) {
    if (service_.waiting()) Fail("connection refused");
    loop_.Advance(absl::Seconds(10));
  }
  ASSERT_NE(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("expired 5m"), std::string::npos) << Problem();
  AwaitRequest();
  IssueFor(absl::Hours(1));
  EXPECT_TRUE(source_->status().ok()) << source_->status();
}

TEST_F(CaIdentityTest, RenewsSoonAfterTheClockHasJumpedPastHalfLife) {
  IssueFor(absl::Hours(24));
  loop_.clock().JumpWall(absl::Hours(20));  // the laptop slept
  loop_.Advance(absl::Seconds(31));
  EXPECT_EQ(service_.asked(), 2);
}

TEST_F(CaIdentityTest, CancelsItsRequestWhenItEnds) {
  ASSERT_TRUE(service_.waiting());
  source_ = nullptr;
  EXPECT_FALSE(service_.waiting());
}

// The answers that must not become an identity.

TEST_F(CaIdentityTest, BadInputAuthorityUnreachable) {
  Fail("rpc: grpcs://istiod:15012: connection refused");
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("connection refused; there is no certificate yet"), std::string::npos)
      << Problem();
  ASSERT_EQ(observer_.problems.size(), 1u);
  EXPECT_EQ(observer_.problems[0].urgency, Urgency::kUrgent);
}

TEST_F(CaIdentityTest, BadInputAuthoritySlow) {
  loop_.Advance(absl::Seconds(11));
  EXPECT_NE(observer_.newest().find("no answer within 10s"), std::string::npos)
      << observer_.newest();
  AwaitRequest();
  EXPECT_EQ(service_.asked(), 2);  // asked again, and the first is forgotten
  IssueFor(absl::Hours(24));
  EXPECT_NE(source_->Current(), nullptr);
}

TEST_F(CaIdentityTest, BadInput34_AnAuthorityCannotForgeLogLines) {
  Fail("no\r\nidentity: spiffe://cluster.local/ns/default/sa/admin until \x1b[2J");
  EXPECT_EQ(Problem().find_first_of("\r\n\x1b"), std::string::npos) << Problem();
  EXPECT_NE(Problem().find("no  identity: "), std::string::npos) << Problem();
}

struct BadAnswer {
  const char* name;
  std::vector<std::string> answer;
  const char* cause;
};

TEST_F(CaIdentityTest, BadInputAuthorityAnsweringGarbage) {
  const auto good = service_.Chain({.name = kReviews});
  const auto row = [&](const char* name, std::vector<std::string> answer, const char* cause) {
    return BadAnswer{name, std::move(answer), cause};
  };
  std::string cut = good[0].substr(0, good[0].size() / 2);
  for (const BadAnswer& bad :
       {row("nothing", {}, "has 0 parts"), row("no roots", {good[0]}, "has 1 parts"),
        row("no PEM", {"hello", good[1]}, "no certificate"),
        row("half a certificate", {cut, good[1]}, "PEM"),
        row("no PEM as roots", {good[0], "hello"}, "no certificate"),
        row("only roots", {good[1], good[1]}, "key")}) {
    service_.Answer(bad.answer);
    loop_.RunUntilIdle();
    EXPECT_EQ(source_->Current(), nullptr) << bad.name;
    EXPECT_NE(Problem().find(bad.cause), std::string::npos) << bad.name << ": " << Problem();
    AwaitRequest();
  }
}

TEST_F(CaIdentityTest, BadInputCertificateOfAnotherKey) {
  fake::FakeCertificateService other(loop_.clock());
  CaIdentitySource stranger({.name = kReviews}, other, loop_, loop_.clock(), base::Random(2),
                            nullptr);
  service_.Issue({.name = kReviews, .other_request = other.requests().back()});
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("key"), std::string::npos) << Problem();
}

TEST_F(CaIdentityTest, BadInputCertificateOfAnotherIdentity) {
  service_.Issue({.name = {.service_account = "ratings"}});
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("is for spiffe://cluster.local/ns/default/sa/ratings, this workload is "
                           "spiffe://cluster.local/ns/default/sa/reviews"),
            std::string::npos)
      << Problem();
}

TEST_F(CaIdentityTest, BadInputCertificateOfAnotherTrustDomain) {
  service_.Issue({.name = {.trust_domain = "example.org", .service_account = "reviews"}});
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("example.org"), std::string::npos) << Problem();
}

TEST_F(CaIdentityTest, BadInputCertificateAlreadyExpired) {
  service_.Issue({.name = kReviews, .begins_in = -absl::Hours(2), .ends_in = -absl::Hours(1)});
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("expired"), std::string::npos) << Problem();
}

TEST_F(CaIdentityTest, BadInputCertificateOfAnAuthorityThatIsNotAmongItsRoots) {
  auto chain = service_.Chain({.name = kReviews});
  service_.ChangeRoot();
  chain.back() = service_.root_pem();
  service_.Answer(chain);
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("authority"), std::string::npos) << Problem();
}

TEST_F(CaIdentityTest, BadInputClockBehindWaitsUntilTheCertificateBegins) {
  service_.Issue({.name = kReviews, .begins_in = absl::Seconds(40)});
  loop_.RunUntilIdle();
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("a clock is wrong"), std::string::npos) << Problem();
  loop_.Advance(absl::Seconds(39));
  EXPECT_EQ(source_->Current(), nullptr);
  loop_.Advance(absl::Seconds(2));
  ASSERT_NE(source_->Current(), nullptr);
  EXPECT_EQ(service_.asked(), 1);
}

TEST_F(CaIdentityTest, BadInputClockFarBehindAsksAgain) {
  service_.Issue({.name = kReviews, .begins_in = absl::Hours(3)});
  EXPECT_NE(Problem().find("a clock is wrong"), std::string::npos) << Problem();
  loop_.clock().JumpWall(absl::Hours(3));  // somebody sets it
  AwaitRequest();
  IssueFor(absl::Hours(24));
  EXPECT_NE(source_->Current(), nullptr);
}

TEST_F(CaIdentityTest, BadInputClockAheadSeesOnlyExpiredCertificates) {
  loop_.clock().JumpWall(absl::Hours(48));
  service_.Issue({.name = kReviews, .begins_in = -absl::Hours(48), .ends_in = -absl::Hours(24)});
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(Problem().find("this clock says"), std::string::npos) << Problem();
}

}  // namespace
}  // namespace meshlib::identity
