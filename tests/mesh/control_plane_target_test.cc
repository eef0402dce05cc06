// SPDX-License-Identifier: Apache-2.0
#include "mesh/control_plane_target.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::mesh {
namespace {

using Kind = ControlPlaneTarget::Kind;

TEST(ControlPlaneTargetTest, ReadsEveryForm) {
  struct Row {
    const char* text;
    ControlPlaneTarget target;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"yaml:mesh", {Kind::kYaml, "mesh"}},
                                  {"yaml:/etc/mesh", {Kind::kYaml, "/etc/mesh"}},
                                  {"grpc://127.0.0.1:15010", {Kind::kGrpc, "127.0.0.1:15010"}},
                                  {"grpcs://istiod.istio-system.svc:15012",
                                   {Kind::kGrpc, "istiod.istio-system.svc:15012", true}},
                                  {"grpc://[::1]:15010/", {Kind::kGrpc, "[::1]:15010"}},
                                  {"unix:/run/ads.sock", {Kind::kGrpc, "unix:/run/ads.sock"}},
                                  {"unix:///run/ads.sock", {Kind::kGrpc, "unix:/run/ads.sock"}}}) {
    const auto target = ParseControlPlaneTarget(row.text);
    ASSERT_TRUE(target.ok()) << row.text << ": " << target.status();
    EXPECT_EQ(*target, row.target) << row.text;
  }
}

TEST(ControlPlaneTargetTest, AMalformedOneIsRefusedWithWhatItShouldBe) {
  for (const std::string text :
       {"", "yaml:", "unix:", "grpc://", "grpc://host", "grpc://host:0", "grpc://host:70000",
        "grpc://:15010", "grpc://host:15010/path", "http://host:1", "15010"}) {
    const auto target = ParseControlPlaneTarget(text);
    EXPECT_EQ(target.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(std::string(target.status().message()).find("yaml:DIR"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace meshlib::mesh
