// SPDX-License-Identifier: Apache-2.0
// istiod_peer: a workload that says all that it learns of a control plane. The environment says who
// it is and where to. Each line of its input is something to do; it ends with the input:
//   explain URL    how a Call would go
//   get URL        a Call: "200 BODY", or why there was no answer
//   serve PORT     a port of the mesh that answers with the caller's SPIFFE ID

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "meshlib/mesh.h"
#include "meshlib/peer_identity.h"

namespace {

using meshlib::HttpRequest;
using meshlib::HttpResponse;

void Print(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stdout);
}

void Explain(meshlib::Mesh& mesh, const std::string& url) {
  HttpRequest request;
  request.url = url;
  const auto explanation = mesh.Explain(request);
  Print(explanation.ok() ? explanation->ToString() : explanation.status().ToString());
}

void Get(meshlib::Mesh& mesh, const std::string& url) {
  const auto response = mesh.http().Get(url);
  Print("get: " + (response.ok() ? std::to_string(response->status) + " " + response->body
                                 : response.status().ToString()));
}

std::unique_ptr<meshlib::HttpServer> Serve(meshlib::Mesh& mesh, const std::string& port) {
  auto server = mesh.ServeHttp(
      {.port = static_cast<uint16_t>(std::atoi(port.c_str()))}, [](const HttpRequest& request) {
        return HttpResponse::Text(200,
                                  request.peer == nullptr ? "nobody" : request.peer->spiffe_id);
      });
  Print("serve: " + (server.ok() ? (*server)->address() : server.status().ToString()));
  return server.ok() ? *std::move(server) : nullptr;
}

int Run() {
  auto options = meshlib::MeshOptions::FromEnvironment();
  if (!options.ok()) {
    Print(options.status().ToString());
    return 1;
  }
  options->log_sink = [](meshlib::LogSeverity, std::string_view line) { Print(line); };
  auto mesh = meshlib::Mesh::Start(*std::move(options));
  if (!mesh.ok()) {
    Print(mesh.status().ToString());
    return 1;
  }
  std::vector<std::unique_ptr<meshlib::HttpServer>> servers;
  std::string what, argument;
  while (std::cin >> what >> argument) {
    if (what == "explain") Explain(**mesh, argument);
    if (what == "get") Get(**mesh, argument);
    if (what == "serve") servers.push_back(Serve(**mesh, argument));
  }
  for (const meshlib::ReportLine& line : (*mesh)->Report()) Print("report: " + line.text);
  return 0;
}

}  // namespace

int main() { return Run(); }
