// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_certificate_service.h"

#include <optional>
#include <string>
#include <vector>

#include "identity/issued_identity.h"
#include "net/socket.h"
#include "secure_pair.h"
#include "tls/signing_request.h"

namespace meshlib::rpc {
namespace {

namespace fs = std::filesystem;
using identity::WorkloadName;

class GrpcCertificateServiceTest : public SecurePair {
 protected:
  using Answer = absl::StatusOr<std::vector<std::string>>;

  Answer Ask(const GrpcCertificateServiceOptions& options) {
    GrpcCertificateService service(*loop_, clock_, options);
    std::optional<Answer> answer;
    const base::Subscription call = service.CreateCertificate(
        tls::MakeSigningRequest(*key_, "spiffe://cluster.local/ns/any/sa/body").value(),
        absl::Seconds(60), [&](Answer got) { answer = std::move(got); });
    Await("an answer", [&] { return answer.has_value(); });
    return answer.value_or(absl::DeadlineExceededError("none"));
  }
  Answer AskOverTls() { return Ask({.address = Address(), .security = Security()}); }
  bool IsFor(const Answer& answer, const WorkloadName& name) const {
    if (!answer.ok()) return false;
    return identity::CheckIssued(*answer, *key_, name, clock_.WallNow()).ok();
  }
  static std::string Text(const Answer& answer) { return std::string(answer.status().message()); }

  const std::shared_ptr<const tls::PrivateKey> key_ = tls::PrivateKey::Generate().value();
};

TEST_F(GrpcCertificateServiceTest, IssuesOverTlsToTheHolderOfAToken) {
  StartTlsServer();
  WriteToken("shop", "cart");
  const Answer answer = AskOverTls();
  EXPECT_TRUE(IsFor(answer, {.name_space = "shop", .service_account = "cart"})) << answer.status();
}

TEST_F(GrpcCertificateServiceTest, ReadsTokenAndRootsAnewForEachCall) {
  StartTlsServer();
  GrpcCertificateService service(*loop_, clock_, {.address = Address(), .security = Security()});
  const auto ask = [&] {
    std::optional<Answer> answer;
    const base::Subscription call = service.CreateCertificate(
        tls::MakeSigningRequest(*key_, "spiffe://cluster.local/ns/any/sa/body").value(),
        absl::Seconds(60), [&](Answer got) { answer = std::move(got); });
    Await("an answer", [&] { return answer.has_value(); });
    return *answer;
  };
  fs::remove(directory_.At("token"));
  EXPECT_NE(Text(ask()).find(directory_.At("token") + ": No such file"), std::string::npos);
  WriteToken("shop", "cart");
  EXPECT_TRUE(ask().ok());
  fs::remove(directory_.At("root.pem"));
  EXPECT_NE(Text(ask()).find(directory_.At("root.pem") + ": No such file"), std::string::npos);
  directory_.Write("root.pem", authority_->root_pem());
  EXPECT_TRUE(ask().ok());
}

TEST_F(GrpcCertificateServiceTest, OnAUnixSocketTheRequestSaysForWhom) {
  StartServer({.unix_path = SocketPath(), .certificates = &open_});
  const Answer answer = Ask({.address = "unix:" + SocketPath(),
                             .metadata = {{"NAMESPACE", "a"}, {"SERVICE_ACCOUNT", "b"}}});
  EXPECT_TRUE(IsFor(answer, {.name_space = "a", .service_account = "b"})) << answer.status();
}

TEST_F(GrpcCertificateServiceTest, TheServersCertificateMustBeForItsName) {
  StartServer({.listen = "127.0.0.1:0",
               .tls = ServingAs("istiod.istio-system.svc"),
               .certificates = &by_token_});
  EXPECT_FALSE(AskOverTls().ok());
  ControlPlaneSecurity security = Security();
  security.server_name = "istiod.istio-system.svc";
  EXPECT_TRUE(Ask({.address = Address(), .security = security}).ok());
}

TEST_F(GrpcCertificateServiceTest, CertificatesAreNeverIssuedOverPlaintextTcp) {
  for (const identity::CertificateEndpoint* endpoint : {&open_, &by_token_}) {
    const auto server = GrpcAdsServer::Start(*loop_, ads_server_,
                                             {.listen = "127.0.0.1:0", .certificates = endpoint});
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
  }
  StartServer({.listen = "127.0.0.1:0"});
  EXPECT_EQ(Ask({.address = Address()}).status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(GrpcCertificateServiceTest, NothingIsIssuedWithoutProofWhereOthersCanEnter) {
  const auto over_tls = GrpcAdsServer::Start(
      *loop_, ads_server_,
      {.listen = "127.0.0.1:0", .tls = ServingAs("127.0.0.1"), .certificates = &open_});
  EXPECT_EQ(over_tls.status().code(), absl::StatusCode::kInvalidArgument);
  fs::permissions(directory_.path(), fs::perms::group_exec, fs::perm_options::add);
  const auto over_unix = GrpcAdsServer::Start(*loop_, ads_server_,
                                              {.unix_path = SocketPath(), .certificates = &open_});
  EXPECT_EQ(over_unix.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_NE(std::string(over_unix.status().message()).find("chmod 700"), std::string::npos);
  EXPECT_FALSE(fs::exists(SocketPath()));
}

TEST_F(GrpcCertificateServiceTest, BadInputTokenOfAnotherAuthorityOrExpired) {
  StartTlsServer();
  const auto other = identity::CertificateAuthority::InMemory({}, clock_).value();
  const absl::Time now = clock_.WallNow();
  WriteTokenText(other->tokens().Issue({"shop", "cart", now, now + absl::Hours(1)}).value());
  EXPECT_EQ(AskOverTls().status().code(), absl::StatusCode::kUnauthenticated);
  WriteToken("shop", "cart", -absl::Hours(1));
  const Answer expired = AskOverTls();
  EXPECT_EQ(expired.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_NE(Text(expired).find("it expired 1h"), std::string::npos) << Text(expired);
}

TEST_F(GrpcCertificateServiceTest, BadInputTokenFileWorldReadableIsNotSent) {
  StartTlsServer();
  fs::permissions(directory_.At("token"), fs::perms::others_read, fs::perm_options::add);
  const Answer answer = AskOverTls();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_NE(Text(answer).find("chmod 600"), std::string::npos) << Text(answer);
}

TEST_F(GrpcCertificateServiceTest, BadInputAuthorityWithACertificateOfAnotherRoot) {
  StartTlsServer();
  const auto other = identity::CertificateAuthority::InMemory({}, clock_).value();
  directory_.Write("root.pem", other->root_pem());
  EXPECT_EQ(AskOverTls().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(GrpcCertificateServiceTest, BadInputAuthorityUnreachableIsNamed) {
  const Answer answer = Ask({.address = "127.0.0.1:1", .security = Security()});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(Text(answer).find("grpcs://127.0.0.1:1"), std::string::npos) << Text(answer);
}

TEST_F(GrpcCertificateServiceTest, BadInputAuthorityThatNeverAnswersCanBeGivenUp) {
  const net::Fd silent = net::Listen(resource::Address::FromIp("127.0.0.1", 0).value()).value();
  GrpcCertificateService service(
      *loop_, clock_,
      {.address = net::LocalAddress(silent.get())->ToString(), .security = Security()});
  bool answered = false;
  base::Subscription call =
      service.CreateCertificate("PEM", absl::Seconds(60), [&](const Answer&) { answered = true; });
  call.Reset();
  EXPECT_FALSE(answered);  // and its end does not wait for the peer
}

class SecureAdsTest : public SecurePair {
 protected:
  // What a client by the files sees of the Cluster "a", or of its stream.
  std::string See() {
    GrpcAdsTransport transport(*loop_, Address(), Security());
    const auto client = Client(transport);
    const absl::Status before = client->StreamStatus();
    std::string seen;
    const auto watch = Watch(*client, "a", seen);
    Await("an answer", [&] { return !seen.empty() || client->StreamStatus() != before; });
    return seen.empty() ? client->StreamStatus().ToString() : seen;
  }
};

TEST_F(SecureAdsTest, StreamsAreServedOverTlsToTheHolderOfAToken) {
  Set("a", "one");
  StartTlsServer();
  EXPECT_EQ(See(), "one");
}

TEST_F(SecureAdsTest, ATokenForAnotherNamespaceOrAccountIsDenied) {
  StartTlsServer();
  WriteToken("shop", "default");
  EXPECT_NE(See().find("PERMISSION_DENIED"), std::string::npos);
  WriteToken("default", "cart");
  EXPECT_NE(See().find("its token is for default/cart"), std::string::npos);
}

TEST_F(SecureAdsTest, AStreamWithoutAGoodTokenIsRefused) {
  StartTlsServer();
  WriteTokenText("opaque");
  EXPECT_NE(See().find("UNAUTHENTICATED"), std::string::npos);
}

TEST_F(SecureAdsTest, FilesThatAreNotThereEndTheStreamWithTheirName) {
  StartTlsServer();
  fs::remove(directory_.At("token"));
  EXPECT_NE(See().find(directory_.At("token")), std::string::npos);
  fs::remove(directory_.At("root.pem"));
  EXPECT_NE(See().find(directory_.At("root.pem")), std::string::npos);
}

}  // namespace
}  // namespace meshlib::rpc
