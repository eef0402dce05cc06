// SPDX-License-Identifier: Apache-2.0
#include "ads_server/inbound_registrations.h"

#include <gtest/gtest.h>

#include "fake/fake_event_loop.h"
#include "fake/fake_port_probe.h"

namespace meshlib::ads_server {
namespace {

// Which address a Listener's name registers; empty: none.
std::string Registered(const std::vector<std::string>& node_ips, const std::string& bound) {
  fake::FakeEventLoop loop;
  fake::FakePortProbe probe(loop);
  registry::Registry registry(loop, probe);
  probe.open() = {"127.0.1.1:80", "10.0.0.1:80", "[fd00::1]:80", "[::1]:80"};
  InboundRegistrations registrations(&registry);
  Node node;
  node.ips = node_ips;
  registrations.Update(node, {"xds.istio.io/grpc/lds/inbound/" + bound});
  loop.RunUntilIdle();
  return registry.workloads().empty() ? "" : registry.workloads()[0].address;
}

TEST(InboundRegistrationsTest, TheNameSaysTheAddress) {
  EXPECT_EQ(Registered({}, "127.0.1.1:80"), "127.0.1.1");
  EXPECT_EQ(Registered({"10.0.0.1"}, "127.0.1.1:80"), "127.0.1.1");
  EXPECT_EQ(Registered({}, "[::1]:80"), "::1");
}

TEST(InboundRegistrationsTest, TheNodeSaysTheAddressOfAnUnspecifiedOne) {
  EXPECT_EQ(Registered({"10.0.0.1", "fd00::1"}, "0.0.0.0:80"), "10.0.0.1");
  EXPECT_EQ(Registered({"10.0.0.1", "fd00::1"}, "[::]:80"), "fd00::1");
  EXPECT_EQ(Registered({"10.0.0.1"}, "[::]:80"), "10.0.0.1");
  EXPECT_EQ(Registered({"fd00::1"}, "0.0.0.0:80"), "");
  EXPECT_EQ(Registered({}, "0.0.0.0:80"), "");
}

TEST(InboundRegistrationsTest, NamesThatSayNoAddressRegisterNothing) {
  for (const char* name :
       {"", "80", "localhost:80", "127.0.1.1", "127.0.1.1:0", "127.0.1.1:70000", "unix:/tmp/x"}) {
    EXPECT_EQ(Registered({"10.0.0.1"}, name), "") << name;
  }
}

}  // namespace
}  // namespace meshlib::ads_server
