// SPDX-License-Identifier: Apache-2.0
// meshctl explain: what the mesh would do with a request, for people and for a team's CI.

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "member.h"
#include "request_line.h"

namespace meshctl {
namespace {

struct ExplainOptions {
  MemberOptions member;
  std::string url;
  std::string method = "GET";
  std::vector<std::string> headers;
  std::string output = "text";
  std::string batch;
};

int ExplainOne(meshlib::Mesh& mesh, const ExplainOptions& options) {
  meshlib::HttpRequest request;
  request.method = options.method;
  request.url = options.url;
  if (absl::Status status = AddHeaderLines(options.headers, &request); !status.ok()) {
    return Fail(status);
  }
  auto explanation = mesh.Explain(request);
  if (!explanation.ok()) return Fail(explanation.status());
  std::cout << (options.output == "json" ? explanation->ToJson() : explanation->ToString()) << "\n";
  return explanation->error.empty() ? 0 : 1;
}

// One answer line for every request line, also for one that cannot be read.
std::string AnswerLine(meshlib::Mesh& mesh, const std::string& line) {
  auto request = ReadRequestLine(line);
  if (!request.ok()) return ErrorLine(request.status());
  auto explanation = mesh.Explain(*request);
  return explanation.ok() ? explanation->ToJson() : ErrorLine(explanation.status());
}

int ExplainBatch(meshlib::Mesh& mesh, const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file) return Fail(absl::NotFoundError("--batch " + path + ": cannot be opened"));
  }
  std::istream& input = path == "-" ? std::cin : file;
  std::ios::sync_with_stdio(false);
  std::string answers;
  for (std::string line; std::getline(input, line);) {
    if (line.empty()) continue;
    answers += AnswerLine(mesh, line) + "\n";
    // Whoever asks line by line gets each answer at once.
    if (answers.size() > 1 << 16 || input.rdbuf()->in_avail() <= 0) {
      std::cout << answers << std::flush;
      answers.clear();
    }
  }
  std::cout << answers << std::flush;
  return 0;
}

int Run(const ExplainOptions& options) {
  if (options.url.empty() == options.batch.empty()) {
    return Fail(absl::InvalidArgumentError("explain: give either a URL or --batch FILE"));
  }
  auto mesh_options = ReadMeshOptions(options.member);
  if (!mesh_options.ok()) return Fail(mesh_options.status());
  auto mesh = meshlib::Mesh::Start(*std::move(mesh_options));
  if (!mesh.ok()) return Fail(mesh.status());
  return options.batch.empty() ? ExplainOne(**mesh, options) : ExplainBatch(**mesh, options.batch);
}

}  // namespace

void AddExplain(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Say where a request would go, and why");
  options->member.AddTo(*command);
  command->add_option("url", options->url, "http://reviews:9080/reviews/0");
  command->add_option("-X,--request", options->method, "the method (default GET)");
  command->add_option("-H,--header", options->headers, "'name: value', repeatable");
  command->add_option("--output", options->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->add_option("--batch", options->batch,
                      "read one request per line as JSON from FILE (- is standard input)");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
