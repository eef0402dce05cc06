// SPDX-License-Identifier: Apache-2.0
// How configuration arrives: a workload of its own, changes, broken files.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "integration/yaml_mesh.h"

namespace meshlib::integration {
namespace {

constexpr const char* kUrl = "http://shop.example/";

uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

std::string ServiceYaml(uint16_t port) {
  return R"(
apiVersion: v1
kind: Service
metadata: {name: hello}
spec:
  selector: {app: hello}
  ports: [{name: http, port: 80, targetPort: )" +
         std::to_string(port) + "}]\n";
}

TEST(ConfigurationTest, AWorkloadServesItsServiceAndFindsItself) {
  YamlDirectory directory;
  LogLines log;
  const uint16_t port = FreePort();
  directory.Write("hello.yaml", ServiceYaml(port));
  MeshOptions options = OptionsFor(directory, log);
  options.labels = {{"app", "hello"}};
  auto mesh = Mesh::Start(std::move(options)).value();
  auto server = mesh->ServeHttp({.port = port}, [](const HttpRequest& request) {
    return HttpResponse::Text(200, "hello from " + request.authority);
  });
  ASSERT_TRUE(server.ok()) << server.status();
  for (const char* name : {"hello", "hello.default", "hello.default.svc.cluster.local"}) {
    EXPECT_EQ(BodyOf(*mesh, std::string("http://") + name + "/"),
              std::string("hello from ") + name);
  }
  mesh->Drain(absl::Seconds(5));
}

// As the test above and below, by the incremental variant of xDS.
TEST(ConfigurationTest, ADeltaMeshServesAndFollowsChanges) {
  YamlDirectory directory;
  LogLines log;
  const uint16_t port = FreePort();
  directory.Write("hello.yaml", ServiceYaml(port));
  MeshOptions options = OptionsFor(directory, log);
  options.labels = {{"app", "hello"}};
  options.xds_delta = true;
  auto mesh = Mesh::Start(std::move(options)).value();
  auto server = mesh->ServeHttp(
      {.port = port}, [](const HttpRequest&) { return HttpResponse::Text(200, "hello"); });
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(BodyOf(*mesh, "http://hello/"), "hello");
  for (const char* text : {"one", "two"}) {
    auto peer = StartPeer(*mesh, text);
    directory.Write("shop.yaml", ServiceEntryYaml("shop.example", {{peer->port(), "v1"}}));
    AwaitThat(text, [&] { return BodyOf(*mesh, kUrl) == text; });
  }
  directory.Remove("hello.yaml");
  AwaitThat("hello has gone", [&] { return BodyOf(*mesh, "http://hello/") != "hello"; });
  mesh->Drain(absl::Seconds(5));
}

TEST(ConfigurationTest, ABrokenFileIsNamedAndTheLastGoodStateStays) {
  YamlDirectory directory;
  LogLines log;
  directory.Write("empty.yaml", "");
  auto mesh = StartMesh(directory, log);
  auto peer = StartPeer(*mesh, "one");
  directory.Write("shop.yaml", ServiceEntryYaml("shop.example", {{peer->port(), "v1"}}));
  AwaitThat("shop.example answers", [&] { return BodyOf(*mesh, kUrl) == "one"; });

  directory.Write("shop.yaml", "apiVersion: v1\nkind: [Service\n");
  AwaitThat("the error's place", [&] { return log.Contain("shop.yaml:"); });
  EXPECT_EQ(BodyOf(*mesh, kUrl), "one") << log.text();

  directory.Write("shop.yaml",
                  ServiceEntryYaml("shop.example", {{peer->port(), "v1"}}) +
                      VirtualServiceYaml("shop.example", "  - directResponse: {status: 202}\n"));
  AwaitThat("the mended file", [&] {
    auto response = mesh->http().Get(kUrl);
    return response.ok() && response->status == 202;
  });
}

TEST(ConfigurationTest, WhatIsNotExecutedYetIsReportedWithItsObject) {
  YamlDirectory directory;
  LogLines log;
  directory.Write("empty.yaml", "");
  auto mesh = StartMesh(directory, log);
  auto peer = StartPeer(*mesh, "one");
  directory.Write(
      "shop.yaml",
      ServiceEntryYaml("shop.example", {{peer->port(), "v1"}}) +
          VirtualServiceYaml("shop.example", R"(  - corsPolicy: {allowOrigins: [{exact: "*"}]}
    route: [{destination: {host: shop.example}}]
)"));
  AwaitThat("the report", [&] {
    BodyOf(*mesh, kUrl);
    for (const ReportLine& line : mesh->Report()) {
      if (line.text.find("VirtualService default/routes") != std::string::npos &&
          line.text.find("ignored") != std::string::npos) {
        return true;
      }
    }
    return false;
  });
}

TEST(ConfigurationTest, TwoMeshesLiveInOneProcess) {
  YamlDirectory first_directory;
  YamlDirectory second_directory;
  LogLines log;
  first_directory.Write("empty.yaml", "");
  second_directory.Write("empty.yaml", "");
  auto first = StartMesh(first_directory, log);
  auto second = StartMesh(second_directory, log);
  auto peer = StartPeer(*first, "one");
  second_directory.Write("shop.yaml", ServiceEntryYaml("shop.example", {{peer->port(), "v1"}}));
  AwaitThat("the second mesh reaches the first's server",
            [&] { return BodyOf(*second, kUrl) == "one"; });
  second.reset();
  EXPECT_NE(BodyOf(*first, kUrl, {.deadline = absl::Seconds(2)}), "one");
}

}  // namespace
}  // namespace meshlib::integration
