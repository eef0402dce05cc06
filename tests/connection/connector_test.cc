// SPDX-License-Identifier: Apache-2.0
#include "connection/connector.h"

#include <gtest/gtest.h>

#include <optional>

#include "connection/pool_fixture.h"

namespace meshlib::connection {
namespace {

using fake::ScriptedPeer;
using resource::Address;

class ConnectorTest : public PoolFixture {
 protected:
  absl::StatusOr<net::Fd> Connect(const std::vector<Address>& addresses) {
    std::optional<absl::StatusOr<net::Fd>> result;
    Connector connector(*loop_);
    connector.Start(addresses, absl::Seconds(5),
                    [&](absl::StatusOr<net::Fd> fd) { result.emplace(std::move(fd)); });
    EXPECT_FALSE(result.has_value()) << "ended inside Start()";
    Await([&] { return result.has_value(); });
    return *std::move(result);
  }
};

TEST_F(ConnectorTest, TheNextAddressIsTriedAtOnceAfterAFailure) {
  ScriptedPeer v6(ScriptedPeer::Answering(""), "[::1]:0");
  const Address refused = Address::FromIp("127.0.0.1", v6.port()).value();
  EXPECT_TRUE(Connect({refused, v6.address()}).ok());
}

TEST_F(ConnectorTest, TheErrorOfTheLastAddressIsReported) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  const Address address = peer.address();
  peer.Stop();
  EXPECT_EQ(Connect({address}).status().message(),
            "connect " + address.ToString() + ": connection refused");
  const absl::Status absent =
      Connect({Address::FromUnixPath("/nonexistent/meshlib.sock").value()}).status();
  EXPECT_EQ(absent.message(), "connect unix:/nonexistent/meshlib.sock: no such file or directory");
}

TEST_F(ConnectorTest, ASilentAddressDoesNotHoldBackTheNext) {
  // A listener whose queue is full answers no SYN.
  net::Fd silent = net::Listen(*Address::FromIp("127.0.0.1", 0), {.backlog = 0}).value();
  const Address address = net::LocalAddress(silent.get()).value();
  std::vector<net::Fd> filling;
  for (int i = 0; i < 3; ++i) filling.push_back(net::StartConnect(address).value());
  ScriptedPeer peer(ScriptedPeer::Answering(""), "[::1]:0");
  EXPECT_TRUE(Connect({address, peer.address()}).ok());
}

}  // namespace
}  // namespace meshlib::connection
