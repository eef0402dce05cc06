// SPDX-License-Identifier: Apache-2.0
// Sessions are resumed with the context that made them, and peers are asked for who they are again
// (row 22 of the bad inputs).

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fake/test_ca.h"
#include "tls/engine_pair.h"

namespace meshlib::tls {
namespace {

using fake::Dns;
using fake::TestCa;
using fake::TestIdentity;

// Refuses everybody when told so.
class Moody final : public PeerVerifier {
 public:
  absl::Status Verify(const PeerCertificate& /*peer*/) const override {
    asked.fetch_add(1);
    return refuses ? absl::InvalidArgumentError("not today") : absl::OkStatus();
  }
  mutable std::atomic<int> asked = 0;
  bool refuses = false;
};

class ResumptionTest : public testing::TestWithParam<ProtocolVersion> {
 protected:
  ResumptionTest()
      : client_{.name = "reviews:443",
                .identity = workload_.pair(),
                .roots = ca_.roots(),
                .verifiers = {client_mood_},
                .sni = "reviews",
                .max_version = GetParam(),
                .now = [this] { return now_; }},
        server_{.name = "0.0.0.0:443",
                .identity = serving_.pair(),
                .client_roots = ca_.roots(),
                .require_client_certificate = true,
                .verifiers = {server_mood_},
                .max_version = GetParam(),
                .now = [this] { return now_; }} {}

  // Connects once; afterwards the client has a session.
  static void Connect(const std::shared_ptr<const ClientContext>& client,
                      const std::shared_ptr<const ServerContext>& server, bool resumed) {
    EnginePair pair(client, server);
    ASSERT_TRUE(pair.Shake()) << pair.Errors();
    EXPECT_EQ(pair.client.resumed(), resumed);
    EXPECT_EQ(pair.server.resumed(), resumed);
    ASSERT_NE(pair.server.peer(), nullptr);
    ASSERT_NE(pair.client.peer(), nullptr);
    EXPECT_EQ(pair.client.peer()->subject, "CN=reviews");
    EXPECT_EQ(pair.server.peer()->names.front().value, "spiffe://cluster.local/ns/a/sa/web");
    EXPECT_EQ(pair.ToServer("hello"), "hello");
    EXPECT_EQ(pair.ToClient("hello"), "hello");
  }

  absl::Time now_ = absl::Now();
  const TestCa ca_ = TestCa::Root();
  const TestIdentity serving_ = ca_.Leaf(
      {.common_name = "reviews", .names = {Dns("reviews")}, .not_after = now_ + absl::Minutes(10)});
  const TestIdentity workload_ = ca_.Workload("spiffe://cluster.local/ns/a/sa/web");
  const std::shared_ptr<Moody> client_mood_ = std::make_shared<Moody>();
  const std::shared_ptr<Moody> server_mood_ = std::make_shared<Moody>();
  ClientSettings client_;
  ServerSettings server_;
};

INSTANTIATE_TEST_SUITE_P(Versions, ResumptionTest,
                         testing::Values(ProtocolVersion::kTls12, ProtocolVersion::kTls13),
                         [](const auto& version) {
                           return version.param == ProtocolVersion::kTls12 ? "Tls12" : "Tls13";
                         });

TEST_P(ResumptionTest, ResumesWithTheSameContexts) {
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  Connect(client, server, false);
  for (int i = 0; i < 5; ++i) Connect(client, server, true);
}

TEST_P(ResumptionTest, DoesNotResumeWhenToldSo) {
  client_.resumes = false;
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  for (int i = 0; i < 3; ++i) Connect(client, server, false);
}

TEST_P(ResumptionTest, AsksVerifiersEveryTime) {
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  for (int i = 1; i <= 3; ++i) {
    Connect(client, server, i > 1);
    EXPECT_EQ(client_mood_->asked, i);
    EXPECT_EQ(server_mood_->asked, i);
  }
}

TEST_P(ResumptionTest, BadInput22_ClientRefusesTheResumedServer) {
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  Connect(client, server, false);
  client_mood_->refuses = true;
  EnginePair pair(client, server);
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.client.error(), absl::UnauthenticatedError("TLS to reviews:443: not today"));
  ReadAll(pair.server);
  EXPECT_EQ(pair.server.error(), absl::UnauthenticatedError("TLS on 0.0.0.0:443: the peer refused "
                                                            "us: alert certificate_unknown"));
}

TEST_P(ResumptionTest, BadInput22_ServerRefusesTheResumedClient) {
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  Connect(client, server, false);
  server_mood_->refuses = true;
  EnginePair pair(client, server);
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.server.error(), absl::UnauthenticatedError("TLS on 0.0.0.0:443: not today"));
  EXPECT_EQ(pair.client.error(), absl::UnauthenticatedError("TLS to reviews:443: the peer refused "
                                                            "us: alert certificate_unknown"));
}

TEST_P(ResumptionTest, BadInput22_NewContextsResumeNothing) {
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  Connect(client, server, false);
  Connect(MakeClient(client_), server, false);
  Connect(client, MakeServer(server_), false);
}

TEST_P(ResumptionTest, BadInput22_RotatedRootsOfTheServerRefuseOldClients) {
  const auto client = MakeClient(client_);
  Connect(client, MakeServer(server_), false);
  server_.client_roots = TestCa::Root({.common_name = "new root"}).roots();
  EnginePair pair(client, MakeServer(server_));
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.server.error().code(), absl::StatusCode::kUnauthenticated);
}

TEST_P(ResumptionTest, BadInput22_RotatedRootsOfTheClientRefuseOldServers) {
  const auto server = MakeServer(server_);
  Connect(MakeClient(client_), server, false);
  client_.roots = TestCa::Root({.common_name = "new root"}).roots();
  EnginePair pair(MakeClient(client_), server);
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.client.error().code(), absl::StatusCode::kUnauthenticated);
}

TEST_P(ResumptionTest, ContextsServeManyThreads) {
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  std::atomic<int> done = 0;
  const auto connect = [&] {
    for (int i = 0; i < 10; ++i) {
      EnginePair pair(client, server);
      if (pair.Shake() && pair.ToClient("hello") == "hello") done.fetch_add(1);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(connect);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 40);
}

TEST_P(ResumptionTest, DoesNotOfferSessionsOfExpiredCertificates) {
  const auto client = MakeClient(client_);
  Connect(client, MakeServer(server_), false);
  now_ += absl::Minutes(11);
  server_.identity = ca_.Leaf({.common_name = "reviews", .names = {Dns("reviews")}}).pair();
  Connect(client, MakeServer(server_), false);
}

TEST_P(ResumptionTest, ClientsWithoutCertificatesResumeAsSuch) {
  client_.identity = nullptr;
  server_.require_client_certificate = false;
  const auto client = MakeClient(client_);
  const auto server = MakeServer(server_);
  for (const bool resumed : {false, true}) {
    EnginePair pair(client, server);
    ASSERT_TRUE(pair.Shake()) << pair.Errors();
    EXPECT_EQ(pair.server.resumed(), resumed);
    EXPECT_EQ(pair.server.peer(), nullptr);
    EXPECT_EQ(server_mood_->asked, 0);
    EXPECT_EQ(pair.ToClient("tickets come with the first bytes"),
              "tickets come with the first bytes");
  }
}

}  // namespace
}  // namespace meshlib::tls
