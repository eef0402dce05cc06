// SPDX-License-Identifier: Apache-2.0
#include "mesh/embedded_control_plane.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "fake/bounded_run.h"
#include "manifest/temp_directory.h"

namespace meshlib::mesh {
namespace {

constexpr const char* kGood =
    "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {ports: [{port: 80}]}\n";

TEST(EmbeddedControlPlaneTest, AFileThatBreaksAndItsMendingAreBothWarnedOf) {
  base::SystemClock clock;
  auto loop = net::Loop::Create(clock).value();
  std::vector<std::string> lines;
  const Log log([&](LogSeverity severity, std::string_view line) {
    if (severity != LogSeverity::kInfo) lines.emplace_back(line);
  });
  manifest::TempDirectory directory;
  directory.Write("shop.yaml", kGood);
  auto plane = EmbeddedControlPlane::Start({.directory = directory.path()}, *loop, log);
  ASSERT_TRUE(plane.ok()) << plane.status();
  EXPECT_TRUE(lines.empty()) << lines[0];
  const auto await_line = [&] {
    const bool told = fake::RunUntil(*loop, clock, [&] { return !lines.empty(); });
    return told ? std::exchange(lines, {})[0] : std::string("nothing");
  };
  directory.Write("shop.yaml", "kind: [");
  EXPECT_NE(await_line().find("shop.yaml:"), std::string::npos);
  directory.Write("shop.yaml", kGood);
  EXPECT_NE(await_line().find("shop.yaml: mended"), std::string::npos);
}

}  // namespace
}  // namespace meshlib::mesh
