// SPDX-License-Identifier: Apache-2.0
#include "snapshot/dns_endpoints.h"

#include <gtest/gtest.h>

#include "fake/fake_event_loop.h"
#include "fake/fake_resolver.h"

namespace meshlib::snapshot {
namespace {

using resource::DnsDiscovery;

class DnsEndpointsTest : public ::testing::Test {
 protected:
  static DnsDiscovery Names(const std::vector<std::string>& hosts) {
    DnsDiscovery dns;
    dns.localities.emplace_back();
    for (const std::string& host : hosts) {
      dns.localities[0].names.push_back({.host = host, .port = 80});
    }
    return dns;
  }
  void Start(const DnsDiscovery& dns) {
    endpoints_ = std::make_unique<DnsEndpoints>(dns, resource::EndpointSetName("c"), resolver_,
                                                loop_, [this] { ++changes_; });
  }
  // Lets `by` pass and answers what is asked then.
  void Refresh(absl::Duration by) {
    loop_.Advance(by);
    resolver_.Deliver();
  }
  std::string Addresses() const {
    if (endpoints_->endpoints() == nullptr) return "(unknown)";
    std::string text;
    for (const resource::Endpoint& endpoint : endpoints_->endpoints()->localities[0].endpoints) {
      text += (text.empty() ? "" : " ") + endpoint.address.IpString();
      if (endpoint.details == nullptr) continue;
      for (const resource::Address& more : endpoint.details->more_addresses) {
        text += "|" + more.IpString();
      }
    }
    return text;
  }

  fake::FakeEventLoop loop_;
  fake::FakeResolver resolver_;
  std::unique_ptr<DnsEndpoints> endpoints_;
  int changes_ = 0;
};

TEST_F(DnsEndpointsTest, WaitsForAllNamesAndListsAllTheirAddresses) {
  resolver_.Set("a", {"10.0.0.1", "10.0.0.2"});
  resolver_.Set("b", {"10.0.0.2", "10.0.0.3"});
  Start(Names({"a", "b"}));
  EXPECT_EQ(Addresses(), "(unknown)");
  resolver_.Deliver();
  EXPECT_EQ(Addresses(), "10.0.0.1 10.0.0.2 10.0.0.3");
  EXPECT_EQ(changes_, 1);
}

TEST_F(DnsEndpointsTest, AsksAgainAtTheRefreshRateAndTellsOnlyOfChanges) {
  resolver_.Set("a", {"10.0.0.1"});
  Start(Names({"a"}));
  resolver_.Deliver();
  Refresh(absl::Seconds(5));
  EXPECT_EQ(changes_, 1);
  resolver_.Set("a", {"10.0.0.9"});
  Refresh(absl::Seconds(5));
  EXPECT_EQ(Addresses(), "10.0.0.9");
  EXPECT_EQ(changes_, 2);
}

TEST_F(DnsEndpointsTest, AsksAgainWhenTheTtlEndsWhereThatIsWanted) {
  resolver_.Set("a", {"10.0.0.1"}, absl::Seconds(60));
  DnsDiscovery dns = Names({"a"});
  dns.respect_ttl = true;
  Start(dns);
  resolver_.Deliver();
  resolver_.Set("a", {"10.0.0.9"}, absl::Seconds(60));
  Refresh(absl::Seconds(59));
  EXPECT_EQ(Addresses(), "10.0.0.1");
  Refresh(absl::Seconds(1));
  EXPECT_EQ(Addresses(), "10.0.0.9");
}

TEST_F(DnsEndpointsTest, KeepsTheLastAnswerWhenNobodyCanBeAsked) {
  resolver_.Set("a", {"10.0.0.1"});
  Start(Names({"a"}));
  resolver_.Deliver();
  resolver_.Break(absl::UnavailableError("no server"));
  Refresh(absl::Seconds(5));
  EXPECT_EQ(Addresses(), "10.0.0.1");
}

TEST_F(DnsEndpointsTest, AnAnswerWithoutAddressesEmptiesTheName) {
  resolver_.Set("a", {"10.0.0.1"});
  Start(Names({"a"}));
  resolver_.Deliver();
  resolver_.Set("a", {});
  Refresh(absl::Seconds(5));
  EXPECT_EQ(Addresses(), "");
}

TEST_F(DnsEndpointsTest, LogicalDnsKeepsToItsAddressWhileItIsListed) {
  DnsDiscovery dns = Names({"a"});
  dns.kind = DnsDiscovery::Kind::kLogical;
  resolver_.Set("a", {"10.0.0.1", "10.0.0.2"});
  Start(dns);
  resolver_.Deliver();
  EXPECT_EQ(Addresses(), "10.0.0.1|10.0.0.2");
  resolver_.Set("a", {"10.0.0.2", "10.0.0.1"});
  Refresh(absl::Seconds(5));
  EXPECT_EQ(Addresses(), "10.0.0.1|10.0.0.2");
  EXPECT_EQ(changes_, 1) << "a rotated answer is the same answer";
  resolver_.Set("a", {"10.0.0.2"});
  Refresh(absl::Seconds(5));
  EXPECT_EQ(Addresses(), "10.0.0.2");
}

TEST_F(DnsEndpointsTest, LogicalDnsHasOneEndpointWithAllAddressesOfBothFamilies) {
  DnsDiscovery dns = Names({"a"});
  dns.kind = DnsDiscovery::Kind::kLogical;
  resolver_.Set("a", {"fd00::1", "10.0.0.1", "fd00::2"});
  Start(dns);
  resolver_.Deliver();
  EXPECT_EQ(Addresses(), "fd00::1|10.0.0.1|fd00::2");
  EXPECT_EQ(endpoints_->endpoints()->localities[0].endpoints[0].details->more_addresses[0].port(),
            80);
  dns.family = DnsDiscovery::Family::kV4Only;
  Start(dns);
  resolver_.Deliver();
  EXPECT_EQ(Addresses(), "10.0.0.1");
}

struct FamilyRow {
  const char* name;
  DnsDiscovery::Family family;
  const char* expected;
};

class DnsFamilyTest : public DnsEndpointsTest, public ::testing::WithParamInterface<FamilyRow> {};

TEST_P(DnsFamilyTest, ChoosesAddresses) {
  resolver_.Set("a", {"fd00::1", "10.0.0.1"});
  DnsDiscovery dns = Names({"a"});
  dns.family = GetParam().family;
  Start(dns);
  resolver_.Deliver();
  EXPECT_EQ(Addresses(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Families, DnsFamilyTest,
                         ::testing::ValuesIn(std::vector<FamilyRow>{
                             {"AutoTakesThePreferredOne", DnsDiscovery::Family::kAuto, "fd00::1"},
                             {"V4Only", DnsDiscovery::Family::kV4Only, "10.0.0.1"},
                             {"V6Only", DnsDiscovery::Family::kV6Only, "fd00::1"},
                             {"V4Preferred", DnsDiscovery::Family::kV4Preferred, "10.0.0.1"},
                             {"All", DnsDiscovery::Family::kAll, "fd00::1 10.0.0.1"},
                         }),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace meshlib::snapshot
