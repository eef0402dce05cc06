// SPDX-License-Identifier: Apache-2.0
#include "translate/node_class.h"

#include <gtest/gtest.h>

namespace meshlib::translate {
namespace {

TEST(NodeClassTest, TheGeneratorIsForClientsThatAreNotOurs) {
  ads_server::Node node;
  EXPECT_EQ(ClassOf(node, {}).shape, Shape::kSidecar);
  node.generator = "grpc";
  EXPECT_EQ(ClassOf(node, {}).shape, Shape::kGrpc);
  node.meshlib = true;
  EXPECT_EQ(ClassOf(node, {}).shape, Shape::kSidecar);
  node.type = "router";
  EXPECT_EQ(ClassOf(node, {}).shape, Shape::kRouter);
}

}  // namespace
}  // namespace meshlib::translate
