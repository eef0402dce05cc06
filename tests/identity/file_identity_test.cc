// SPDX-License-Identifier: Apache-2.0
#include "identity/file_identity.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "fake/bounded_run.h"
#include "fake/recorded_identity.h"
#include "manifest/temp_directory.h"
#include "tls/authority.h"
#include "tls/private_key.h"

namespace meshlib::identity {
namespace {

namespace fs = std::filesystem;

// PEM texts of one identity.
struct Pair {
  std::string chain;
  std::string key;
};

// The system's clock, but for a time of day that can be stopped.
class StoppableClock final : public base::Clock {
 public:
  absl::Time Now() const override { return clock_.Now(); }
  absl::Time WallNow() const override { return stopped_at_.value_or(clock_.WallNow()); }
  // A moment before the next second.
  void StopTimeOfDay() {
    stopped_at_ =
        absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.WallNow())) + absl::Milliseconds(900);
  }
  void MoveTimeOfDay(absl::Duration by) { *stopped_at_ += by; }

 private:
  base::SystemClock clock_;
  std::optional<absl::Time> stopped_at_;
};

class FileIdentityTest : public ::testing::Test {
 protected:
  Pair Make(const std::string& account, absl::Duration begins_in = -absl::Hours(1),
            absl::Duration ends_in = absl::Hours(1)) const {
    const auto key = tls::PrivateKey::Generate().value();
    tls::LeafOptions leaf;
    leaf.names = {{.type = tls::SubjectAltName::Type::kUri,
                   .value = "spiffe://cluster.local/ns/default/sa/" + account}};
    leaf.not_before = clock_.WallNow() + begins_in;
    leaf.not_after = clock_.WallNow() + ends_in;
    return {authority_->SignKey(*key, leaf).value(), key->ToPem()};
  }
  void Write(const std::string& name, const std::string& text) {
    directory_.Write(name, text);
    fs::permissions(directory_.At(name), fs::perms::owner_read | fs::perms::owner_write);
  }
  void WriteAll(const std::string& prefix, const Pair& pair) {
    Write(prefix + "key.pem", pair.key);
    Write(prefix + "cert-chain.pem", pair.chain);
    Write(prefix + "root-cert.pem", authority_->root_pem());
  }
  void Start() {
    source_ = FileIdentitySource::Start({.directory = directory_.path(),
                                         .settle = absl::Milliseconds(100),
                                         .watch = {.quiet = absl::Milliseconds(5)}},
                                        *loop_, clock_, &observer_)
                  .value();
  }
  std::string Id() const {
    const auto current = source_->Current();
    return current == nullptr ? "" : current->spiffe_id.substr(current->spiffe_id.rfind('/') + 1);
  }
  // Runs the loop until `done`, for at most 10 s.
  void Await(const std::string& what, const std::function<bool()>& done) {
    EXPECT_TRUE(fake::RunUntil(*loop_, clock_, done))
        << "waited for " << what << "; " << observer_.newest();
  }
  void AwaitProblem(const std::string& text) {
    Await("a problem: " + text, [&] { return observer_.newest().find(text) != std::string::npos; });
  }

  StoppableClock clock_;
  const std::shared_ptr<const tls::Authority> authority_ =
      tls::Authority::Generate("cluster.local", clock_.WallNow() - absl::Hours(10),
                               clock_.WallNow() + absl::Hours(1000))
          .value();
  const std::unique_ptr<net::Loop> loop_ = net::Loop::Create(clock_).value();
  manifest::TempDirectory directory_;
  fake::RecordedIdentity observer_;
  std::unique_ptr<FileIdentitySource> source_;
};

TEST_F(FileIdentityTest, ReadsTheFilesOfIstio) {
  WriteAll("", Make("reviews"));
  Start();
  EXPECT_EQ(Id(), "reviews");
  EXPECT_EQ(source_->Current()->roots()->size(), 1u);
  EXPECT_TRUE(source_->status().ok());
}

TEST_F(FileIdentityTest, ReadsTheFilesOfAKubernetesSecret) {
  const Pair pair = Make("reviews");
  Write("tls.crt", pair.chain);
  Write("tls.key", pair.key);
  Write("ca.crt", authority_->root_pem());
  Start();
  EXPECT_EQ(Id(), "reviews");
}

TEST_F(FileIdentityTest, FilesMayComeLater) {
  Start();
  EXPECT_FALSE(source_->status().ok());
  WriteAll("", Make("reviews"));
  Await("the identity", [&] { return Id() == "reviews"; });
  EXPECT_TRUE(source_->status().ok()) << source_->status();
}

TEST_F(FileIdentityTest, AHalfWrittenPairIsNeitherUsedNorReported) {
  WriteAll("", Make("old"));
  Start();
  const Pair fresh = Make("new");
  Write("cert-chain.pem", fresh.chain);
  base::Timer timer(loop_->timers(), [&] {
    EXPECT_EQ(Id(), "old");
    Write("key.pem", fresh.key);
  });
  loop_->Poll();
  timer.ArmAt(loop_->Now() + absl::Milliseconds(40));
  Await("the new identity", [&] { return Id() == "new"; });
  EXPECT_TRUE(observer_.problems.empty()) << observer_.newest();
}

TEST_F(FileIdentityTest, AKeyOfAnotherCertificateIsReportedAndTheLastGoodStays) {
  WriteAll("", Make("old"));
  Start();
  Write("key.pem", Make("other").key);
  AwaitProblem("the last good certificate stays in use");
  EXPECT_NE(observer_.newest().find(directory_.At("cert-chain.pem") + " and key.pem"),
            std::string::npos)
      << observer_.newest();
  EXPECT_EQ(Id(), "old");
  EXPECT_FALSE(source_->status().ok());
}

TEST_F(FileIdentityTest, FollowsTheLinkSwapOfKubernetes) {
  WriteAll("..2026_01/", Make("old"));
  fs::create_symlink("..2026_01", directory_.At("..data"));
  for (const char* name : {"cert-chain.pem", "key.pem", "root-cert.pem"}) {
    fs::create_symlink("..data/" + std::string(name), directory_.At(name));
  }
  Start();
  EXPECT_EQ(Id(), "old");
  WriteAll("..2026_02/", Make("new"));
  fs::create_symlink("..2026_02", directory_.At("..data_tmp"));
  fs::rename(directory_.At("..data_tmp"), directory_.At("..data"));
  fs::remove_all(directory_.At("..2026_01"));
  Await("the new identity", [&] { return Id() == "new"; });
  EXPECT_TRUE(observer_.problems.empty()) << observer_.newest();
}

TEST_F(FileIdentityTest, TellsOfEveryIdentityOnce) {
  WriteAll("", Make("one"));
  Start();
  int told = 0;
  const base::Subscription watch = source_->Watch([&] { ++told; });
  loop_->Poll();
  Write("unrelated", "x");
  const Pair two = Make("two");
  WriteAll("", two);
  Await("the second", [&] { return Id() == "two"; });
  EXPECT_EQ(observer_.identities, 2);
}

TEST_F(FileIdentityTest, BadFilesAreNamedWithTheirCause) {
  const Pair good = Make("reviews");
  struct Row {
    const char* file;
    std::string text;
    const char* cause;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"cert-chain.pem", "hello", "no certificate"},
           {"key.pem", "hello", "no private key"},
           {"root-cert.pem", "hello", "no certificate"},
           {"key.pem", "", "key.pem: it is empty"},
           {"cert-chain.pem", Make("reviews", -absl::Hours(2), -absl::Hours(1)).chain, "key"}}) {
    WriteAll("", good);
    Write(row.file, row.text);
    observer_.problems.clear();
    Start();
    ASSERT_EQ(observer_.problems.size(), 1u) << row.file;
    EXPECT_NE(observer_.newest().find(row.cause), std::string::npos) << observer_.newest();
    EXPECT_NE(observer_.newest().find(directory_.path()), std::string::npos) << observer_.newest();
    EXPECT_EQ(source_->Current(), nullptr);
  }
}

TEST_F(FileIdentityTest, BadInput30WorldReadableKeyIsRefused) {
  WriteAll("", Make("reviews"));
  fs::permissions(directory_.At("key.pem"), fs::perms::others_read, fs::perm_options::add);
  Start();
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(observer_.newest().find("key.pem: all users of this machine can read"),
            std::string::npos)
      << observer_.newest();
}

TEST_F(FileIdentityTest, BadInputExpiredCertificateIsRefused) {
  WriteAll("", Make("reviews", -absl::Hours(2), -absl::Hours(1)));
  Start();
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(observer_.newest().find("expired"), std::string::npos) << observer_.newest();
}

TEST_F(FileIdentityTest, BadInputClockBehindWaitsUntilTheCertificateBegins) {
  clock_.StopTimeOfDay();
  WriteAll("", Make("reviews", absl::Seconds(1)));
  Start();
  EXPECT_EQ(source_->Current(), nullptr);
  EXPECT_NE(observer_.newest().find("not valid before"), std::string::npos) << observer_.newest();
  clock_.MoveTimeOfDay(absl::Seconds(1));
  Await("the certificate to begin", [&] { return Id() == "reviews"; });
}

TEST_F(FileIdentityTest, ACertificateThatEndsSoonIsLoud) {
  WriteAll("", Make("reviews", -absl::Hours(10), absl::Hours(1)));
  Start();
  AwaitProblem("was not replaced");
  EXPECT_EQ(observer_.problems.back().urgency, Urgency::kUrgent);
  EXPECT_NE(source_->status().message().find("ends in "), absl::string_view::npos)
      << source_->status();
  EXPECT_EQ(source_->record().failed, 1u);
  EXPECT_TRUE(source_->record().failing_since);
  WriteAll("", Make("renewed"));
  Await("the renewed one", [&] { return Id() == "renewed"; });
  EXPECT_TRUE(source_->status().ok()) << source_->status();
  EXPECT_EQ(source_->record().succeeded, 2u);
  EXPECT_FALSE(source_->record().failing_since);
}

TEST_F(FileIdentityTest, BadFilesInTheLastQuarterAreUrgent) {
  WriteAll("", Make("reviews", -absl::Hours(10), absl::Hours(1)));
  Start();
  AwaitProblem("was not replaced");
  Write("key.pem", Make("other").key);
  AwaitProblem("the last good certificate stays in use");
  EXPECT_EQ(observer_.problems.back().urgency, Urgency::kUrgent);
}

TEST_F(FileIdentityTest, ADirectoryThatIsNotThereIsAnError) {
  const auto source =
      FileIdentitySource::Start({.directory = directory_.At("none")}, *loop_, clock_, nullptr);
  EXPECT_EQ(source.status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace meshlib::identity
