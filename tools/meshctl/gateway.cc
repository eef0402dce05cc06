// SPDX-License-Identifier: Apache-2.0
// meshctl gateway: the ingress side of Gateway, as a router node of the mesh.

#include <charconv>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "gateway_call.h"
#include "line_sink.h"
#include "member.h"
#include "termination.h"

namespace meshctl {
namespace {

struct GatewayOptions {
  MemberOptions member;
  std::vector<std::string> listen;  // ADDRESS=SERVERPORT
  bool verbose = false;
};

// "127.0.0.1:8080=80".
struct ListenRule {
  std::string address;
  uint16_t port = 0;
  uint16_t server_port = 0;
};

bool ReadPort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size();
}

absl::StatusOr<ListenRule> ReadListenRule(const std::string& text) {
  ListenRule rule;
  const size_t equals = text.rfind('=');
  const size_t colon = text.rfind(':', equals);
  if (equals == std::string::npos || colon == std::string::npos ||
      !ReadPort(std::string_view(text).substr(colon + 1, equals - colon - 1), &rule.port) ||
      !ReadPort(std::string_view(text).substr(equals + 1), &rule.server_port) ||
      rule.server_port == 0) {
    return absl::InvalidArgumentError(
        "--listen " + text +
        ": not ADDRESS:PORT=SERVERPORT with ports of up to 65535; PORT 0 is any that is free");
  }
  rule.address = text.substr(0, colon);
  if (rule.address.size() > 1 && rule.address.front() == '[') {
    rule.address = rule.address.substr(1, rule.address.size() - 2);
  }
  return rule;
}

absl::StatusOr<std::unique_ptr<meshlib::HttpServer>> Serve(meshlib::Mesh& mesh,
                                                           const ListenRule& rule) {
  GatewayPort port{.listener = "0.0.0.0_" + std::to_string(rule.server_port)};
  return mesh.ServeHttpStreams({.port = rule.port, .address = rule.address, .mesh = false},
                               [&mesh, port = std::move(port)](const meshlib::HttpRequest& request,
                                                               meshlib::ServerStream& stream) {
                                 return StartGatewayCall(mesh.http(), port, request, stream);
                               });
}

int Run(GatewayOptions& options) {
  Termination termination;
  std::vector<ListenRule> rules;
  for (const std::string& text : options.listen) {
    auto rule = ReadListenRule(text);
    if (!rule.ok()) return Fail(rule.status());
    rules.push_back(*std::move(rule));
  }
  auto mesh_options = ReadMeshOptions(options.member);
  if (!mesh_options.ok()) return Fail(mesh_options.status());
  mesh_options->node_type = "router";
  mesh_options->log_sink =
      LineSink(options.verbose ? Verbosity::kEverything : Verbosity::kProblems);
  if (options.member.from.empty()) mesh_options->labels = {{"istio", "ingressgateway"}};
  auto mesh = meshlib::Mesh::Start(*std::move(mesh_options));
  if (!mesh.ok()) return Fail(mesh.status());

  std::vector<std::unique_ptr<meshlib::HttpServer>> servers;
  for (const ListenRule& rule : rules) {
    auto server = Serve(**mesh, rule);
    if (!server.ok()) return Fail(server.status());
    std::cout << "gateway: " << (*server)->address() << " serves Gateway port " << rule.server_port
              << std::endl;
    servers.push_back(*std::move(server));
  }
  termination.Wait();
  (*mesh)->Drain(absl::Seconds(10));
  return 0;
}

}  // namespace

void AddGateway(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<GatewayOptions>();
  CLI::App* command = app.add_subcommand("gateway", "Run the ingress side of Gateway");
  options->member.AddTo(*command);
  command
      ->add_option(
          "--listen", options->listen,
          "ADDRESS:PORT=SERVERPORT: serve a Gateway's server port at an address; PORT 0: any")
      ->required();
  command->add_flag("-v,--verbose", options->verbose, "log its certificates as well");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
