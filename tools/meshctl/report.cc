// SPDX-License-Identifier: Apache-2.0
// meshctl report: how it stands with a workload of the mesh.

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "authority.h"
#include "commands.h"
#include "member.h"

namespace meshctl {
namespace {

struct ReportOptions {
  MemberOptions member;
  std::string url;  // whose configuration; empty: none
  std::string wait = "5s";
};

// Until there is a certificate, or none to come.
meshlib::IdentityReport AwaitIdentity(const meshlib::Mesh& mesh, absl::Time end) {
  for (;;) {
    meshlib::IdentityReport identity = mesh.Identity();
    if (identity.expires_at || identity.last_error.empty() || absl::Now() >= end) return identity;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

int Run(const ReportOptions& options) {
  auto wait = ReadDuration("--wait", options.wait);
  if (!wait.ok()) return Fail(wait.status());
  auto mesh_options = ReadMeshOptions(options.member);
  if (!mesh_options.ok()) return Fail(mesh_options.status());
  auto mesh = meshlib::Mesh::Start(*std::move(mesh_options));
  if (!mesh.ok()) return Fail(mesh.status());
  const absl::Time end = absl::Now() + *wait;
  absl::Status configured;
  if (!options.url.empty()) {
    meshlib::HttpRequest request;
    request.url = options.url;
    configured = (*mesh)->Explain(request, {.deadline = *wait}).status();
  }
  const meshlib::IdentityReport identity = AwaitIdentity(**mesh, end);
  std::cout << "identity: " << identity.ToString() << "\n";
  for (const meshlib::ReportLine& line : (*mesh)->Report()) {
    if (line.resource_type != "WorkloadIdentity") std::cout << line.text << "\n";
  }
  if (!configured.ok()) return Fail(configured);
  return identity.last_error.empty() ? 0 : 1;
}

}  // namespace

void AddReport(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand(
      "report", "Join as a workload, and print its certificate and what has no effect");
  options->member.AddTo(*command);
  command->add_option("url", options->url, "what Calls to it are configured by, as well");
  command->add_option("--wait", options->wait,
                      "for the certificate and the configuration (default 5s)");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
