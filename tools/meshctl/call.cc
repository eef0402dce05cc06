// SPDX-License-Identifier: Apache-2.0
// meshctl call: a curl through the mesh, and a small load generator.

#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "call_summary.h"
#include "commands.h"
#include "member.h"
#include "request_line.h"

namespace meshctl {
namespace {

struct CallCommandOptions {
  MemberOptions member;
  std::string url;
  std::string method = "GET";
  std::vector<std::string> headers;
  std::string body;
  int count = 0;        // -n; 0: once, and print the answer
  int connections = 1;  // -c
};

absl::StatusOr<meshlib::HttpRequest> MakeRequest(const CallCommandOptions& options) {
  meshlib::HttpRequest request;
  request.method = options.method;
  request.url = options.url;
  request.body = options.body;
  if (absl::Status status = AddHeaderLines(options.headers, &request); !status.ok()) return status;
  return request;
}

int CallOnce(meshlib::Mesh& mesh, const meshlib::HttpRequest& request) {
  meshlib::HttpExchange exchange;
  exchange.request = request;
  if (absl::Status status = mesh.http().Call(exchange); !status.ok()) return Fail(status);
  const meshlib::HttpResponse& response = exchange.response;
  std::cerr << "HTTP/1.1 " << response.status << "  (cluster " << exchange.info.cluster
            << ", endpoint " << exchange.info.endpoint << ", attempts " << exchange.info.attempts
            << ")\n";
  for (const meshlib::Headers::Field field : response.headers) {
    std::cerr << field.name << ": " << field.value << "\n";
  }
  std::cerr << "\n";
  std::cout << response.body << std::flush;
  return response.status < 400 ? 0 : 1;
}

// Each connection is a thread of blocking Calls; the first draws the progress.
int CallMany(meshlib::Mesh& mesh, const meshlib::HttpRequest& request,
             const CallCommandOptions& options) {
  CallSummary summary(options.count);
  const bool draw = isatty(STDERR_FILENO) == 1;
  std::vector<std::thread> threads;
  for (int i = 0; i < options.connections; ++i) {
    threads.emplace_back([&, first = i == 0] {
      meshlib::HttpExchange exchange;
      while (summary.Begin()) {
        exchange.request = request;
        const absl::Time start = absl::Now();
        mesh.http().Call(exchange).IgnoreError();
        summary.End(exchange, absl::Now() - start);
        if (first && draw) summary.DrawProgress(std::cerr);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (draw) std::cerr << "\r\x1b[K";
  std::cout << summary.ToString();
  return summary.failed() == 0 ? 0 : 1;
}

int Run(const CallCommandOptions& options) {
  auto request = MakeRequest(options);
  if (!request.ok()) return Fail(request.status());
  auto mesh_options = ReadMeshOptions(options.member);
  if (!mesh_options.ok()) return Fail(mesh_options.status());
  auto mesh = meshlib::Mesh::Start(*std::move(mesh_options));
  if (!mesh.ok()) return Fail(mesh.status());
  return options.count == 0 ? CallOnce(**mesh, *request) : CallMany(**mesh, *request, options);
}

}  // namespace

void AddCall(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<CallCommandOptions>();
  CLI::App* command = app.add_subcommand("call", "Make a Call through the mesh");
  options->member.AddTo(*command);
  command->add_option("url", options->url, "http://reviews:9080/reviews/0")->required();
  command->add_option("-X,--request", options->method, "the method (default GET)");
  command->add_option("-H,--header", options->headers, "'name: value', repeatable");
  command->add_option("-d,--data", options->body, "the request's body");
  command->add_option("-n", options->count, "make that many Calls and print a summary")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_option("-c", options->connections, "that many at a time (default 1)")
      ->check(CLI::Range(1, 1024));
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
