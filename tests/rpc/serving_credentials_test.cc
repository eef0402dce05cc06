// SPDX-License-Identifier: Apache-2.0
// A serving certificate that is replaced under a running server.

#include "rpc/serving_credentials.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

#include "identity/certificate_messages.h"
#include "secure_pair.h"

namespace meshlib::rpc {
namespace {

class ServingCredentialsTest : public SecurePair {
 protected:
  ServingCredentialsTest() { Renew(); }

  void Start() {
    StartServer({.listen = "127.0.0.1:0",
                 .tls =
                     [this] {
                       ++asked_;
                       std::lock_guard lock(mutex_);
                       return current_;
                     },
                 .certificates = &by_token_});
  }
  // Replaces the certificate; its text as servers show it.
  std::string Renew() {
    std::lock_guard lock(mutex_);
    current_ = std::make_shared<const identity::ServingCertificate>(
        authority_->IssueServing({"127.0.0.1"}).value());
    return current_->chain_pem;
  }
  // What the server shows to a client that connects now.
  std::string Shown() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = authority_->root_pem();
    grpc::GenericStub stub(
        grpc::CreateCustomChannel(Address(), grpc::SslCredentials(tls), arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer response;
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    stub.UnaryCall(&context, std::string(identity::kCreateCertificateMethod), {}, &request,
                   &response, [&](const grpc::Status&) {
                     std::lock_guard lock(mutex);
                     done = true;
                     changed.notify_all();
                   });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done; });
    const auto shown = context.auth_context()->FindPropertyValues("x509_pem_cert");
    return shown.empty() ? "" : std::string(shown[0].data(), shown[0].size());
  }

  std::atomic<int> asked_{0};
  std::mutex mutex_;
  std::shared_ptr<const identity::ServingCertificate> current_;
};

TEST_F(ServingCredentialsTest, ANewClientSeesTheNewCertificate) {
  Start();
  for (int round = 0; round < 3; ++round) {
    const std::string certificate = Renew();
    EXPECT_EQ(Shown(), certificate) << round;
    EXPECT_EQ(Shown(), certificate) << round;
  }
}

TEST_F(ServingCredentialsTest, StreamsThatLiveStayUp) {
  Set("a", "one");
  Start();
  GrpcAdsTransport transport(*loop_, Address(), Security());
  const auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  Await("the first version", [&] { return seen == "one"; });
  const std::string certificate = Renew();
  EXPECT_EQ(Shown(), certificate);
  const int handshakes = asked_;
  Set("a", "two");
  Await("the second version", [&] { return seen == "two"; });
  EXPECT_EQ(asked_, handshakes) << "the stream was made anew";
}

TEST_F(ServingCredentialsTest, ACertificateThatIsNoneLeavesTheOneBefore) {
  Start();
  const std::string certificate = Renew();
  EXPECT_EQ(Shown(), certificate);
  {
    std::lock_guard lock(mutex_);
    current_ = std::make_shared<const identity::ServingCertificate>(
        identity::ServingCertificate{.chain_pem = "hello", .key_pem = "hello", .not_after = {}});
  }
  EXPECT_EQ(Shown(), certificate);
}

}  // namespace
}  // namespace meshlib::rpc
