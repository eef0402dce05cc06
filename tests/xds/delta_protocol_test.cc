// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "xds/ads_protocol.h"

namespace meshlib::xds {
namespace {

namespace discovery = envoy::service::discovery::v3;

constexpr std::string_view kCds = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

class DeltaProtocolTest : public ::testing::Test {
 protected:
  // "node +a -b have c=1 n=2 e=text", absent parts left out; "nothing".
  static std::string Text(const std::optional<std::string>& bytes) {
    if (!bytes.has_value()) return "nothing";
    discovery::DeltaDiscoveryRequest request;
    EXPECT_TRUE(request.ParseFromString(*bytes));
    EXPECT_EQ(request.type_url(), std::string(kCds));
    std::string text = request.has_node() ? "node" : "";
    for (const std::string& name : request.resource_names_subscribe()) {
      absl::StrAppend(&text, " +", name);
    }
    for (const std::string& name : request.resource_names_unsubscribe()) {
      absl::StrAppend(&text, " -", name);
    }
    for (const auto& [name, version] : request.initial_resource_versions()) {
      absl::StrAppend(&text, " have ", name, "=", version);
    }
    if (!request.response_nonce().empty()) absl::StrAppend(&text, " n=", request.response_nonce());
    if (request.has_error_detail()) absl::StrAppend(&text, " e=", request.error_detail().message());
    return text;
  }
  std::string Subscribe(const AdsInterest& interest) {
    return Text(protocol_->Subscribe(kCds, interest));
  }
  AdsResponse Receive(const std::string& nonce, const std::string& name,
                      const std::string& version) {
    discovery::DeltaDiscoveryResponse response;
    response.set_type_url(std::string(kCds));
    response.set_nonce(nonce);
    response.set_system_version_info("7");
    auto& resource = *response.add_resources();
    resource.set_name(name);
    resource.set_version(version);
    resource.mutable_resource()->set_type_url(std::string(kCds));
    resource.mutable_resource()->set_value("body");
    return protocol_->Decode(response.SerializeAsString()).value();
  }

  const std::unique_ptr<AdsProtocol> protocol_ = MakeDeltaProtocol({.name = "a"});
};

TEST_F(DeltaProtocolTest, TellsOnlyWhatIsDifferent) {
  EXPECT_EQ(Subscribe({}), "nothing");
  EXPECT_EQ(Subscribe({.names = {"a", "b"}}), "node +a +b");
  EXPECT_EQ(Subscribe({.names = {"a", "b"}}), "nothing");
  EXPECT_EQ(Subscribe({.names = {"b", "c"}}), " +c -a");
  EXPECT_EQ(Subscribe({.names = {}, .wildcard = true}), " +* -b -c");
  EXPECT_EQ(Subscribe({}), " -*");
}

TEST_F(DeltaProtocolTest, AnswersWithTheNonceAndTheProblems) {
  Subscribe({.names = {"a"}});
  const AdsResponse response = Receive("5", "a", "1");
  EXPECT_EQ(response.resources[0].name, "a");
  EXPECT_EQ(response.resources[0].body, "body");
  EXPECT_EQ(response.version, "7");
  EXPECT_FALSE(response.is_complete);
  EXPECT_EQ(Text(protocol_->Answer(response, {}, "bad \xff")), " n=5 e=bad ?");
  EXPECT_EQ(Text(protocol_->Answer(response, {}, "")), " n=5");
}

TEST_F(DeltaProtocolTest, ANewStreamSaysWhichVersionsTheClientHas) {
  Subscribe({.names = {"a", "b", "c"}});
  protocol_->Answer(Receive("1", "a", "v1"), {}, "");
  protocol_->Answer(Receive("2", "b", "v1"), {}, "rejected");
  protocol_->Answer(Receive("3", "c", "v1"), {}, "");
  protocol_->StartStream();
  EXPECT_EQ(Subscribe({.names = {"a", "b"}}), "node +a +b have a=v1");
}

TEST_F(DeltaProtocolTest, RemovedResourcesAreNotFoundAndForgotten) {
  Subscribe({.names = {"a"}});
  protocol_->Answer(Receive("1", "a", "v1"), {}, "");
  discovery::DeltaDiscoveryResponse removal;
  removal.set_type_url(std::string(kCds));
  removal.add_removed_resources("a");
  removal.add_removed_resource_names()->set_name("b");
  const AdsResponse response = protocol_->Decode(removal.SerializeAsString()).value();
  ASSERT_EQ(response.errors.size(), 2u);
  EXPECT_EQ(response.errors[0].first, "a");
  EXPECT_TRUE(absl::IsNotFound(response.errors[0].second));
  EXPECT_EQ(response.errors[1].first, "b");
  protocol_->Answer(response, {}, "");
  protocol_->StartStream();
  EXPECT_EQ(Subscribe({.names = {"a"}}), "node +a");
}

TEST_F(DeltaProtocolTest, WhatIsNoResponseIsAnError) {
  EXPECT_EQ(protocol_->Decode("\xff garbage").status().message(),
            "a message of 9 bytes that is not a DeltaDiscoveryResponse");
}

}  // namespace
}  // namespace meshlib::xds
