// SPDX-License-Identifier: Apache-2.0
// istiod_peer: a workload that says all that it learns of a control plane. The environment says who
// it is and where to; the argument is a URL to explain. Ends when its input ends.

#include <cstdio>
#include <iostream>
#include <string>

#include "meshlib/mesh.h"

namespace {

void Print(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stdout);
}

int Run(const std::string& url) {
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
  meshlib::HttpRequest request;
  request.url = url;
  const auto explanation = (*mesh)->Explain(request);
  Print(explanation.ok() ? explanation->ToString() : explanation.status().ToString());
  while (std::cin.get() != EOF) {
  }
  for (const meshlib::ReportLine& line : (*mesh)->Report()) Print("report: " + line.text);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return Run(argv[1]);
}
