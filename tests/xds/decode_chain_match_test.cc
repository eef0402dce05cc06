// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_chain_match.h"

#include <gtest/gtest.h>

#include <string>

#include "xds/decode_fixture.h"
#include "xds/decode_listener.h"

namespace meshlib::xds {
namespace {

using Decoded = absl::StatusOr<std::shared_ptr<const resource::Listener>>;

Decoded Chains(const std::string& first, const std::string& second) {
  const auto listener = FromText<envoy::config::listener::v3::Listener>(
      "name: 'in' filter_chains { name: 'a' filter_chain_match {" + first +
      "} } filter_chains { name: 'b' filter_chain_match {" + second + "} }");
  resource::Report report;
  return DecodeListener(listener.SerializeAsString(), report);
}

std::string Range(const std::string& address, int size) {
  return " prefix_ranges { address_prefix: '" + address +
         "' prefix_len { value: " + std::to_string(size) + " } }";
}

const std::string kPort = "destination_port { value: 80 }";

// As Envoy 1.40 takes and rejects them.
TEST(DecodeChainMatchTest, ChainsThatNothingTellsApartAreRejected) {
  const struct {
    const char* name;
    std::string first, second;
    bool accepted;
  } rows[] = {
      {"the same port", kPort, kPort, false},
      {"no conditions", "", "", false},
      {"other ports", kPort, "destination_port { value: 81 }", true},
      {"a port or any", kPort, "", true},
      {"one name in common", "server_names: ['x', 'y']", "server_names: ['y']", false},
      {"another order", "server_names: ['x', 'y']", "server_names: ['y', 'x']", false},
      {"another case", "server_names: 'X.example'", "server_names: 'x.example'", false},
      {"an empty name is none", "server_names: ''", "", false},
      {"a wildcard", "server_names: '*.example'", "server_names: 'example'", true},
      {"a wildcard by its dot", "server_names: '*.example'", "server_names: '.example'", false},
      {"one protocol in common", "application_protocols: ['h2', 'a']", "application_protocols: 'a'",
       false},
      {"other protocols", "application_protocols: 'h2'", "application_protocols: 'a'", true},
      {"names in common, protocols not", "server_names: 'x' application_protocols: 'h2'",
       "server_names: 'x' application_protocols: 'a'", true},
      {"a transport or any", "transport_protocol: 'tls'", "", true},
      {"one network", Range("10.0.0.1", 24), Range("10.0.0.2", 24), false},
      {"nested networks", Range("10.0.0.0", 24), Range("10.0.0.0", 16), true},
      {"every IPv4 address or any", Range("0.0.0.0", 0), "", true},
      {"every address by family", Range("0.0.0.0", 0), Range("::", 0), true},
      {"IPv4 in its IPv6 form", Range("10.0.0.0", 8), Range("::ffff:10.0.0.0", 104), true},
      {"other sources", kPort + "source_ports: 1", kPort + "source_ports: 2", true},
      {"the same source", kPort + "source_ports: 1", kPort + "source_ports: 1", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ProblemsOf(Chains(row.first, row.second)),
              row.accepted ? ""
                           : "filter_chains[1].filter_chain_match: filter chain \"b\" has the same "
                             "conditions as filter chain \"a\", or some of them")
        << row.name;
  }
}

TEST(DecodeChainMatchTest, AConditionIsNotListedTwice) {
  const std::string problem = "filter_chains[0].filter_chain_match: lists a condition twice";
  EXPECT_EQ(ProblemsOf(Chains("server_names: ['x', 'X']", kPort)), problem);
  EXPECT_EQ(ProblemsOf(Chains(Range("10.0.0.1", 24) + Range("10.0.0.2", 24), kPort)), problem);
}

TEST(DecodeChainMatchTest, ServerNamesAreReadAsTheyAreCompared) {
  const Decoded decoded = Chains("server_names: ['A.Example', '.example']", "");
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ((*decoded)->filter_chains[0].server_names,
            (std::vector<std::string>{"a.example", "*.example"}));
}

}  // namespace
}  // namespace meshlib::xds
