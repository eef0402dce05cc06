// SPDX-License-Identifier: Apache-2.0
// What a Mesh says when it cannot start, or when its control plane is not what it should be.

#include <gtest/gtest.h>

#include "integration/yaml_mesh.h"

namespace meshlib::integration {
namespace {

std::string StartError(MeshOptions options) {
  auto mesh = Mesh::Start(std::move(options));
  return mesh.ok() ? "started" : std::string(mesh.status().message());
}

MeshOptions ControlPlane(std::string text) {
  MeshOptions options;
  options.control_plane = std::move(text);
  options.log_sink = [](LogSeverity, std::string_view) {};
  return options;
}

TEST(BadStartTest, AnUnsetOrMalformedControlPlaneSaysWhatToSet) {
  EXPECT_NE(StartError(ControlPlane("")).find("yaml:DIR"), std::string::npos);
  EXPECT_NE(StartError(ControlPlane("http://x")).find("grpc://HOST:PORT"), std::string::npos);
}

TEST(BadStartTest, AMissingDirectoryIsNamed) {
  EXPECT_NE(StartError(ControlPlane("yaml:/does/not/exist")).find("/does/not/exist"),
            std::string::npos);
}

TEST(BadStartTest, AnEmptyDirectoryIsNamed) {
  YamlDirectory directory;
  EXPECT_NE(StartError(ControlPlane("yaml:" + directory.path())).find(directory.path()),
            std::string::npos);
}

TEST(BadStartTest, OneFileIsAsGoodAsADirectory) {
  YamlDirectory directory;
  directory.Write("a.yaml", "");
  EXPECT_EQ(StartError(ControlPlane("yaml:" + directory.path() + "/a.yaml")), "started");
}

TEST(BadStartTest, APortInUseIsNamed) {
  YamlDirectory directory;
  LogLines log;
  directory.Write("empty.yaml", "");
  auto mesh = StartMesh(directory, log);
  auto peer = StartPeer(*mesh, "one");
  auto second = mesh->ServeHttp({.port = peer->port(), .address = "127.0.0.1", .mesh = false},
                                [](const HttpRequest&) { return HttpResponse::Text(200, ""); });
  ASSERT_FALSE(second.ok());
  EXPECT_NE(std::string(second.status().message()).find(peer->address()), std::string::npos);
}

TEST(BadStartTest, AnAbsentControlPlaneFailsCallsWithinTheirDeadlineAndSaysWhy) {
  auto mesh = Mesh::Start(ControlPlane("grpc://127.0.0.1:1")).value();
  AwaitThat("the reason", [&] {
    const absl::Status ready = mesh->WaitUntilReady(absl::Milliseconds(300));
    EXPECT_EQ(ready.code(), absl::StatusCode::kDeadlineExceeded);
    return std::string(ready.message()).find("127.0.0.1:1") != std::string::npos;
  });
  EXPECT_EQ(ErrorOf(*mesh, "http://reviews/", {.deadline = absl::Milliseconds(300)}).reason,
            CallErrorReason::kNotReady);
}

TEST(BadStartTest, NothingLeavesTheMeshBeforeTheControlPlaneHasAnswered) {
  YamlDirectory directory;
  LogLines log;
  directory.Write("empty.yaml", "");
  auto other = StartMesh(directory, log);
  auto peer = StartPeer(*other, "outside");
  MeshOptions options = ControlPlane("grpc://127.0.0.1:1");
  options.unknown_host_wait = absl::Milliseconds(10);
  auto mesh = Mesh::Start(std::move(options)).value();
  const std::string url = "http://" + peer->address() + "/";
  EXPECT_EQ(ErrorOf(*mesh, url, {.deadline = absl::Milliseconds(300)}).reason,
            CallErrorReason::kNotReady);
}

TEST(BadStartTest, APeerThatIsNoControlPlaneIsAnErrorNotACrash) {
  YamlDirectory directory;
  LogLines log;
  directory.Write("empty.yaml", "");
  auto http = StartMesh(directory, log);
  auto peer = StartPeer(*http, "this is HTTP/1.1");
  auto mesh = Mesh::Start(ControlPlane("grpc://" + peer->address())).value();
  EXPECT_FALSE(mesh->WaitUntilReady(absl::Milliseconds(500)).ok());
}

}  // namespace
}  // namespace meshlib::integration
