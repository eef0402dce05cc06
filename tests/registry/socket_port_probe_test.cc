// SPDX-License-Identifier: Apache-2.0
#include "registry/socket_port_probe.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/socket.h"

namespace meshlib::registry {
namespace {

class SocketPortProbeTest : public ::testing::Test {
 protected:
  absl::Status Probe(const resource::Address& address) {
    SocketPortProbe probe(*loop_);
    std::optional<absl::Status> result;
    const auto probing =
        probe.Probe(address, [&](absl::Status status) { result = std::move(status); });
    EXPECT_FALSE(result.has_value()) << "not inside Probe()";
    loop_->Run([&] { return result.has_value(); });
    return *result;
  }

  base::SystemClock clock_;
  std::unique_ptr<net::Loop> loop_ = net::Loop::Create(clock_).value();
  const resource::Address any_port_ = resource::Address::FromIp("127.0.0.1", 0).value();
};

TEST_F(SocketPortProbeTest, AListeningPortAccepts) {
  const net::Fd listener = net::Listen(any_port_).value();
  EXPECT_TRUE(Probe(net::LocalAddress(listener.get()).value()).ok());
}

TEST_F(SocketPortProbeTest, AClosedPortIsRefused) {
  net::Fd listener = net::Listen(any_port_).value();
  const resource::Address address = net::LocalAddress(listener.get()).value();
  listener.Reset();
  EXPECT_EQ(Probe(address).code(), absl::StatusCode::kUnavailable);
}

TEST_F(SocketPortProbeTest, ACancelledProbeSaysNothing) {
  const net::Fd listener = net::Listen(any_port_).value();
  SocketPortProbe probe(*loop_);
  bool told = false;
  {
    const auto probing = probe.Probe(net::LocalAddress(listener.get()).value(),
                                     [&](const absl::Status&) { told = true; });
  }
  loop_->Poll();
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace meshlib::registry
