// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_ads_server.h"

#include <sys/stat.h>

#include "ads_pair.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "net/socket.h"

namespace meshlib::rpc {
namespace {

class GrpcAdsServerTest : public AdsPair {};

// A client without any protocol: it writes what the test says and keeps what comes.
class RawClient final : public xds::AdsStreamHandler {
 public:
  RawClient(base::EventLoop& loop, const std::string& address, xds::AdsMethod method)
      : transport_(loop, address), stream_(transport_.Open(method, *this)) {}
  void Send(const std::string& bytes) { stream_->Send(bytes); }
  const std::optional<absl::Status>& closed() const { return closed_; }
  // The newest message.
  const std::string& received() const { return received_; }

  void OnConnected() override {}
  void OnMessage(std::string bytes) override { received_ = std::move(bytes); }
  void OnClosed(const absl::Status& status) override { closed_ = status; }

 private:
  GrpcAdsTransport transport_;
  std::unique_ptr<xds::AdsStream> stream_;
  std::optional<absl::Status> closed_;
  std::string received_;
};

TEST_F(GrpcAdsServerTest, ServesOverTcp) {
  StartServer({.listen = "127.0.0.1:0"});
  Set("a", "1");
  GrpcAdsTransport transport(*loop_, Address());
  const auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  Await("a", [&] { return seen == "1"; });
  Set("a", "2");
  Await("the change", [&] { return seen == "2"; });
}

TEST_F(GrpcAdsServerTest, ServesOverAUnixSocketOfItsOwner) {
  StartServer({.unix_path = TemporaryPath()});
  struct stat info = {};
  ASSERT_EQ(stat(TemporaryPath().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
  Set("a", "1");
  GrpcAdsTransport transport(*loop_, "unix:" + TemporaryPath());
  const auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  Await("a", [&] { return seen == "1"; });
  rpc_server_ = nullptr;
  EXPECT_NE(stat(TemporaryPath().c_str(), &info), 0) << "the socket's file was left";
}

TEST_F(GrpcAdsServerTest, KnowsWhenAClientIsGone) {
  StartServer({.listen = "127.0.0.1:0"});
  GrpcAdsTransport transport(*loop_, Address());
  auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  Await("an answer", [&] { return !seen.empty(); });
  EXPECT_EQ(ads_server_.stream_count(), 1u);
  client = nullptr;
  Await("the stream's end", [&] { return ads_server_.stream_count() == 0; });
}

TEST_F(GrpcAdsServerTest, TellsAClientThatItDoesNotUnderstand) {
  StartServer({.listen = "127.0.0.1:0"});
  RawClient client(*loop_, Address(), xds::AdsMethod::kStateOfTheWorld);
  client.Send("\xff garbage");
  Await("the end", [&] { return client.closed().has_value(); });
  EXPECT_EQ(client.closed()->ToString(),
            absl::StrCat("INVALID_ARGUMENT: rpc: grpc://", Address(),
                         ": ads_server: a message of 9 bytes that is not a DiscoveryRequest"));
  Await("the stream's end", [&] { return ads_server_.stream_count() == 0; });
}

TEST_F(GrpcAdsServerTest, ServesDelta) {
  StartServer({.listen = "127.0.0.1:0"});
  Set("a", "1");
  RawClient client(*loop_, Address(), xds::AdsMethod::kDelta);
  envoy::service::discovery::v3::DeltaDiscoveryRequest request;
  request.mutable_node()->set_id("a");
  request.set_type_url(std::string(proto::kClusterTypeUrl));
  request.add_resource_names_subscribe("a");
  client.Send(request.SerializeAsString());
  Await("the answer", [&] { return !client.received().empty(); });
  envoy::service::discovery::v3::DeltaDiscoveryResponse response;
  ASSERT_TRUE(response.ParseFromString(client.received()));
  ASSERT_EQ(response.resources_size(), 1);
  EXPECT_EQ(response.resources(0).name(), "a");
}

TEST_F(GrpcAdsServerTest, APortInUseIsNamed) {
  const net::Fd other = net::Listen(resource::Address::FromIp("127.0.0.1", 0).value()).value();
  const std::string address = net::LocalAddress(other.get())->ToString();
  const auto started = GrpcAdsServer::Start(*loop_, ads_server_, {.listen = address});
  EXPECT_NE(started.status().message().find(address), std::string::npos) << started.status();
  EXPECT_NE(started.status().message().find("in use"), std::string::npos) << started.status();
}

TEST_F(GrpcAdsServerTest, TwoServersDoNotShareAPort) {
  StartServer({.listen = "127.0.0.1:0"});
  EXPECT_FALSE(GrpcAdsServer::Start(*loop_, ads_server_, {.listen = Address()}).ok());
}

TEST_F(GrpcAdsServerTest, TheUnixSocketOfALiveServerIsNotTaken) {
  StartServer({.unix_path = TemporaryPath()});
  EXPECT_FALSE(GrpcAdsServer::Start(*loop_, ads_server_, {.unix_path = TemporaryPath()}).ok());
  Set("a", "1");
  GrpcAdsTransport transport(*loop_, "unix:" + TemporaryPath());
  const auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  Await("a", [&] { return seen == "1"; });
}

TEST_F(GrpcAdsServerTest, AddressesThatCannotBeAreErrors) {
  for (const GrpcAdsServerOptions& options :
       std::vector<GrpcAdsServerOptions>{{},
                                         {.listen = "192.0.2.1:0"},
                                         {.listen = "nonsense"},
                                         {.listen = "127.0.0.1:70000"},
                                         {.unix_path = std::string(200, 'x')},
                                         {.unix_path = "/nonexistent/ads.sock"}}) {
    const auto started = GrpcAdsServer::Start(*loop_, ads_server_, options);
    EXPECT_FALSE(started.ok());
    EXPECT_EQ(started.status().message().find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace meshlib::rpc
