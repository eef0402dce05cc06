// SPDX-License-Identifier: Apache-2.0
#include "server/chain_match.h"

#include <gtest/gtest.h>

namespace meshlib::server {
namespace {

using Names = std::vector<std::string>;

ConnectionFacts Plaintext(const std::string& local = "10.0.0.1:9080") {
  return {.local = resource::Address::FromString(local).value(),
          .remote = resource::Address::FromString("10.0.0.9:40000").value(),
          .application_protocols = {"http/1.1"}};
}

ConnectionFacts Tls(std::string name, Names protocols, const std::string& local = "10.0.0.1:9080") {
  ConnectionFacts facts = Plaintext(local);
  facts.tls = true;
  facts.server_name = std::move(name);
  facts.application_protocols = std::move(protocols);
  return facts;
}

std::optional<size_t> Choose(const std::vector<ChainMatch>& chains, const ConnectionFacts& facts) {
  return ChooseChain(chains, facts);
}

std::vector<resource::CidrRange> Ranges(std::initializer_list<const char*> texts) {
  std::vector<resource::CidrRange> ranges;
  for (const char* text : texts) ranges.push_back(resource::CidrRange::FromString(text).value());
  return ranges;
}

TEST(ChainMatchTest, AChainWithoutConditionsTakesAll) {
  EXPECT_EQ(Choose({{}}, Plaintext()), 0u);
  EXPECT_EQ(Choose({{}}, Tls("a", {"h2"})), 0u);
  EXPECT_EQ(Choose({}, Plaintext()), std::nullopt);
}

// As istiod writes a PERMISSIVE port of a sidecar.
TEST(ChainMatchTest, APermissivePortTellsTheMeshsTlsFromPlaintext) {
  const std::vector<ChainMatch> chains = {
      {.destination_port = 9080,
       .transport_protocol = "tls",
       .application_protocols = {"istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1",
                                 "istio-h2"}},
      {.destination_port = 9080, .transport_protocol = "raw_buffer"},
      {.transport_protocol = "tls"},
  };
  EXPECT_EQ(Choose(chains, Tls("outbound_.9080_._.reviews", {"istio-http/1.1", "istio"})), 0u);
  EXPECT_EQ(Choose(chains, Plaintext()), 1u);
  // The port decided already: the third chain is out of reach.
  EXPECT_EQ(Choose(chains, Tls("reviews", {"http/1.1"})), std::nullopt);
  EXPECT_EQ(Choose(chains, Tls("reviews", {})), std::nullopt);
  EXPECT_EQ(Choose(chains, Tls("reviews", {}, "10.0.0.1:1")), 2u);
}

TEST(ChainMatchTest, ThePortIsDecidedFirst) {
  const std::vector<ChainMatch> chains = {{.server_names = {"a.example"}},
                                          {.destination_port = 9080}};
  EXPECT_EQ(Choose(chains, Tls("a.example", {})), 1u);
  EXPECT_EQ(Choose(chains, Tls("a.example", {}, "10.0.0.1:1")), 0u);
}

TEST(ChainMatchTest, TheLongestRangeOfAddressesWins) {
  const std::vector<ChainMatch> chains = {{.destinations = Ranges({"10.0.0.0/8"})},
                                          {.destinations = Ranges({"10.0.0.1/32", "::1/128"})},
                                          {}};
  EXPECT_EQ(Choose(chains, Plaintext()), 1u);
  EXPECT_EQ(Choose(chains, Plaintext("10.9.9.9:9080")), 0u);
  EXPECT_EQ(Choose(chains, Plaintext("[::1]:9080")), 1u);
  EXPECT_EQ(Choose(chains, Plaintext("127.0.0.1:9080")), 2u);
}

TEST(ChainMatchTest, TheMostSpecificServerNameWins) {
  const std::vector<ChainMatch> chains = {{.server_names = {"*.example"}},
                                          {.server_names = {"*.b.example"}},
                                          {.server_names = {"a.b.example"}},
                                          {}};
  EXPECT_EQ(Choose(chains, Tls("a.b.example", {})), 2u);
  EXPECT_EQ(Choose(chains, Tls("c.b.example", {})), 1u);
  EXPECT_EQ(Choose(chains, Tls("d.c.b.example", {})), 1u);
  EXPECT_EQ(Choose(chains, Tls("b.example", {})), 0u);
  EXPECT_EQ(Choose(chains, Tls("example", {})), 3u);
  EXPECT_EQ(Choose(chains, Tls("a.b.example.", {})), 3u);
  EXPECT_EQ(Choose(chains, Tls("", {})), 3u);
}

TEST(ChainMatchTest, AnEarlierCriterionIsNeverGoneBackOn) {
  const std::vector<ChainMatch> chains = {
      {.server_names = {"a.example"}, .application_protocols = {"h2"}},
      {.application_protocols = {"http/1.1"}}};
  EXPECT_EQ(Choose(chains, Tls("a.example", {"http/1.1"})), std::nullopt);
}

TEST(ChainMatchTest, TheClientsFirstProtocolThatAChainNamesWins) {
  const std::vector<ChainMatch> chains = {
      {.application_protocols = {"http/1.1"}}, {.application_protocols = {"h2"}}, {}};
  EXPECT_EQ(Choose(chains, Tls("", {"spdy", "h2", "http/1.1"})), 1u);
  EXPECT_EQ(Choose(chains, Tls("", {"spdy"})), 2u);
  EXPECT_EQ(Choose(chains, Plaintext()), 0u);
}

}  // namespace
}  // namespace meshlib::server
