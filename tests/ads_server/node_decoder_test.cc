// SPDX-License-Identifier: Apache-2.0
#include "ads_server/node_decoder.h"

#include <gtest/gtest.h>

namespace meshlib::ads_server {
namespace {

using Message = envoy::config::core::v3::Node;
using Strings = std::vector<std::string>;

TEST(NodeDecoderTest, ReadsIstiosId) {
  Message message;
  message.set_id("router~10.1.2.3~gateway-7d.istio-system~istio-system.svc.cluster.local");
  const Node node = DecodeNode(message);
  EXPECT_EQ(node.type, "router");
  EXPECT_EQ(node.ips, Strings{"10.1.2.3"});
  EXPECT_EQ(node.name, "gateway-7d");
  EXPECT_EQ(node.name_space, "istio-system");
  EXPECT_EQ(node.dns_domain, "istio-system.svc.cluster.local");
  EXPECT_FALSE(node.meshlib);
}

TEST(NodeDecoderTest, MetadataWinsOverTheId) {
  Message message;
  message.set_id("sidecar~10.1.2.3~a.b~c.svc.cluster.local");
  message.set_user_agent_name("meshlib");
  auto& fields = *message.mutable_metadata()->mutable_fields();
  fields["NAME"].set_string_value("reviews");
  fields["NAMESPACE"].set_string_value("shop");
  fields["INSTANCE_IPS"].set_string_value("10.0.0.1, fe80::1,nonsense");
  fields["SERVICE_ACCOUNT"].set_string_value("reviewer");
  fields["GENERATOR"].set_string_value("grpc");
  (*fields["LABELS"].mutable_struct_value()->mutable_fields())["app"].set_string_value("reviews");
  const Node node = DecodeNode(message);
  EXPECT_EQ(node.name, "reviews");
  EXPECT_EQ(node.name_space, "shop");
  EXPECT_EQ(node.ips, (Strings{"10.0.0.1", "fe80::1"}));
  EXPECT_EQ(node.service_account, "reviewer");
  EXPECT_EQ(node.generator, "grpc");
  EXPECT_EQ(node.labels.at("app"), "reviews");
  EXPECT_TRUE(node.meshlib);
}

TEST(NodeDecoderTest, PlainNodesAreTakenAsTheyAre) {
  Message message;
  message.set_id("node-1");
  const Node node = DecodeNode(message);
  EXPECT_EQ(node.type, "sidecar");
  EXPECT_EQ(node.name_space, "default");
  EXPECT_EQ(node.dns_domain, "default.svc.cluster.local");
  EXPECT_TRUE(node.ips.empty());
}

TEST(NodeDecoderTest, TheDomainSaysTheNamespaceWhereNothingElseDoes) {
  Message message;
  message.set_id("sidecar~127.0.0.1~app~shop.svc.cluster.local");
  EXPECT_EQ(DecodeNode(message).name_space, "shop");
}

}  // namespace
}  // namespace meshlib::ads_server
