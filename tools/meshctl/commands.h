// SPDX-License-Identifier: Apache-2.0
// The subcommands of meshctl. Each adds itself to the command line and, when chosen, leaves its
// exit status in `*exit_status`.

#ifndef MESHCTL_COMMANDS_H_
#define MESHCTL_COMMANDS_H_

#include <CLI/CLI.hpp>

namespace meshctl {

void AddServe(CLI::App& app, int* exit_status);
void AddCheck(CLI::App& app, int* exit_status);
void AddGateway(CLI::App& app, int* exit_status);
void AddExplain(CLI::App& app, int* exit_status);
void AddCall(CLI::App& app, int* exit_status);
void AddReport(CLI::App& app, int* exit_status);
void AddToken(CLI::App& app, int* exit_status);

}  // namespace meshctl

#endif  // MESHCTL_COMMANDS_H_
