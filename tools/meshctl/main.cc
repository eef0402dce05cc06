// SPDX-License-Identifier: Apache-2.0
// meshctl: the mesh from the command line.

#include <CLI/CLI.hpp>

#include "commands.h"
#include "meshlib/version.h"

int main(int argc, char** argv) {
  CLI::App app("meshctl: serve, check, explain and use a service mesh");
  app.set_version_flag("--version", MESHLIB_VERSION_STRING);
  app.require_subcommand(1);
  int exit_status = 0;
  meshctl::AddServe(app, &exit_status);
  meshctl::AddCheck(app, &exit_status);
  meshctl::AddGateway(app, &exit_status);
  meshctl::AddExplain(app, &exit_status);
  meshctl::AddCall(app, &exit_status);
  meshctl::AddReport(app, &exit_status);
  meshctl::AddToken(app, &exit_status);
  CLI11_PARSE(app, argc, argv);
  return exit_status;
}
