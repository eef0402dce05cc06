// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_ads_transport.h"

#include <sys/socket.h>

#include <filesystem>

#include "ads_pair.h"
#include "net/socket.h"

namespace meshlib::rpc {
namespace {

class GrpcAdsTransportTest : public AdsPair {
 protected:
  // The first thing that is known of a stream to `address`.
  std::string FirstStatus(const std::string& address) {
    GrpcAdsTransport transport(*loop_, address);
    const auto client = Client(transport);
    const std::string before = client->StreamStatus().ToString();
    std::string seen;
    const auto watch = Watch(*client, "a", seen);
    Await("a status", [&] { return client->StreamStatus().ToString() != before; });
    return client->StreamStatus().ToString();
  }
  static size_t Entries(const char* directory) {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory),
                                             std::filesystem::directory_iterator()));
  }
};

// Accepts connections on a port and answers each with the same bytes, and a close.
class RudePeer final : public net::FdHandler {
 public:
  RudePeer(net::Loop& loop, std::string answer)
      : loop_(loop),
        answer_(std::move(answer)),
        listener_(net::Listen(resource::Address::FromIp("127.0.0.1", 0).value()).value()) {
    EXPECT_TRUE(loop_.Watch(listener_.get(), net::kReadable, this).ok());
  }
  ~RudePeer() override { loop_.Unwatch(listener_.get(), this); }
  std::string address() const { return net::LocalAddress(listener_.get())->ToString(); }

  void OnReady(uint32_t /*readiness*/) override {
    auto accepted = net::Accept(listener_.get());
    if (!accepted.ok() || !accepted->has_value()) return;
    send((*accepted)->fd.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
  }

 private:
  net::Loop& loop_;
  const std::string answer_;
  const net::Fd listener_;
};

TEST_F(GrpcAdsTransportTest, SaysItsTarget) {
  EXPECT_EQ(GrpcAdsTransport(*loop_, "127.0.0.1:15010").ToString(), "grpc://127.0.0.1:15010");
  EXPECT_EQ(GrpcAdsTransport(*loop_, "unix:/run/ads.sock").ToString(), "unix:/run/ads.sock");
}

TEST_F(GrpcAdsTransportTest, AnAbsentServerIsNamed) {
  net::Fd listener = net::Listen(resource::Address::FromIp("127.0.0.1", 0).value()).value();
  const std::string address = net::LocalAddress(listener.get())->ToString();
  listener.Reset();
  const std::string status = FirstStatus(address);
  EXPECT_TRUE(status.starts_with("UNAVAILABLE: xds: rpc: grpc://" + address + ": ")) << status;
  EXPECT_NE(status.find("onnection refused"), std::string::npos) << status;
}

TEST_F(GrpcAdsTransportTest, AnAbsentUnixSocketIsNamed) {
  const std::string status = FirstStatus("unix:/nonexistent/ads.sock");
  EXPECT_TRUE(status.starts_with("UNAVAILABLE: xds: rpc: unix:/nonexistent/ads.sock: ")) << status;
}

TEST_F(GrpcAdsTransportTest, APeerOfAnotherProtocolIsNamed) {
  const RudePeer peer(*loop_, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  const std::string status = FirstStatus(peer.address());
  EXPECT_TRUE(status.starts_with("UNAVAILABLE: xds: rpc: grpc://" + peer.address())) << status;
}

TEST_F(GrpcAdsTransportTest, APeerThatClosesAtOnceIsNamed) {
  const RudePeer peer(*loop_, "");
  const std::string status = FirstStatus(peer.address());
  EXPECT_TRUE(status.starts_with("UNAVAILABLE: xds: rpc: grpc://" + peer.address())) << status;
}

TEST_F(GrpcAdsTransportTest, AMessageOf10MegabytesArrives) {
  StartServer({.listen = "127.0.0.1:0"});
  Set("a", std::string(10 << 20, 'x'));
  GrpcAdsTransport transport(*loop_, Address());
  const auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  Await("a", [&] { return seen.size() == 10u << 20; });
}

TEST_F(GrpcAdsTransportTest, ConfigurationSurvivesARestartOfTheServerAndGoesOn) {
  StartServer({.listen = "127.0.0.1:0"});
  const std::string address = Address();
  Set("a", "1");
  GrpcAdsTransport transport(*loop_, address);
  const auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  Await("a", [&] { return seen == "1"; });
  rpc_server_ = nullptr;
  Await("the loss", [&] { return !client->StreamStatus().ok(); });
  EXPECT_EQ(seen, "1");
  Set("a", "2");
  StartServer({.listen = address});
  Await("the change", [&] { return seen == "2"; });
}

TEST_F(GrpcAdsTransportTest, StreamsThatComeAndGoLeaveNothingBehind) {
  StartServer({.listen = "127.0.0.1:0"});
  Set("a", "1");
  const auto round = [&] {
    GrpcAdsTransport transport(*loop_, Address());
    const auto client = Client(transport);
    std::string seen;
    const auto watch = Watch(*client, "a", seen);
    Await("a", [&] { return seen == "1"; });
  };
  const auto settled = [&] { return ads_server_.stream_count() == 0; };
  for (int i = 0; i < 20; ++i) round();
  Await("the streams' ends", settled);
  const size_t descriptors = Entries("/proc/self/fd");
  const size_t threads = Entries("/proc/self/task");
  for (int i = 0; i < 60; ++i) round();
  Await("the streams' ends", settled);
  // gRPC closes sockets and ends threads a little later than streams.
  EXPECT_LE(Entries("/proc/self/fd"), descriptors + 6);
  EXPECT_LE(Entries("/proc/self/task"), threads + 4);
}

TEST_F(GrpcAdsTransportTest, AServerThatFlapsCostsNothing) {
  StartServer({.listen = "127.0.0.1:0"});
  const std::string address = Address();
  GrpcAdsTransport transport(*loop_, address);
  const auto client = Client(transport);
  std::string seen;
  const auto watch = Watch(*client, "a", seen);
  int version = 0;
  const auto round = [&] {
    Set("a", std::to_string(++version));
    Await("a", [&] { return seen == std::to_string(version); });
    rpc_server_ = nullptr;
    Await("the loss", [&] { return !client->StreamStatus().ok(); });
    StartServer({.listen = address});
  };
  for (int i = 0; i < 2; ++i) round();
  const size_t descriptors = Entries("/proc/self/fd");
  const size_t threads = Entries("/proc/self/task");
  for (int i = 0; i < 4; ++i) round();
  EXPECT_LE(Entries("/proc/self/fd"), descriptors + 6);
  EXPECT_LE(Entries("/proc/self/task"), threads + 4);
}

TEST_F(GrpcAdsTransportTest, AStreamMayBeDestroyedBeforeItIsConnected) {
  StartServer({.listen = "127.0.0.1:0"});
  GrpcAdsTransport transport(*loop_, Address());
  for (int i = 0; i < 20; ++i) {
    const auto client = Client(transport);
    std::string seen;
    const auto watch = Watch(*client, "a", seen);
    loop_->Poll();
  }
  Await("no stream", [&] { return ads_server_.stream_count() == 0; });
}

// Both sides of delta over a real stream: what changed, what appears, what goes, and a reconnect.
TEST_F(GrpcAdsTransportTest, CarriesDeltaToTheSameClient) {
  StartServer({.listen = "127.0.0.1:0"});
  Set("a", "1");
  GrpcAdsTransport transport(*loop_, Address());
  xds::AdsClient client(*loop_, transport, xds::MakeDeltaProtocol(xds::NodeIdentity{.name = "a"}),
                        base::Random(1));
  std::string a, b;
  const auto watch_a = Watch(client, "a", a);
  const auto watch_b = Watch(client, "b", b);
  Await("a", [&] { return a == "1"; });
  Await("the absence of b", [&] { return b.starts_with("!"); });
  Set("b", "1");
  Await("b", [&] { return b == "1"; });
  Set("a", "2");
  Await("the change", [&] { return a == "2"; });
  source_.Remove(proto::kClusterTypeUrl, "b");
  source_.Publish();
  Await("the removal", [&] { return b.starts_with("!"); });
}

}  // namespace
}  // namespace meshlib::rpc
