// SPDX-License-Identifier: Apache-2.0
// meshctl check: what is wrong with a directory of Istio YAML.

#include "manifest/check.h"

#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "commands.h"

namespace meshctl {
namespace {

struct CheckCommandOptions {
  std::string path;
  std::string output = "text";
  std::vector<std::string> allow_unenforced;
};

int Run(const CheckCommandOptions& options) {
  const std::set<std::string> allowed(options.allow_unenforced.begin(),
                                      options.allow_unenforced.end());
  const auto problems = meshlib::manifest::CheckPath(options.path, {.allow_unenforced = allowed});
  if (options.output == "json") {
    std::cout << meshlib::manifest::ToJson(problems);
  } else {
    std::cout << meshlib::manifest::ToText(problems);
    if (!meshlib::manifest::HasErrors(problems)) std::cout << options.path << ": no errors\n";
  }
  return meshlib::manifest::HasErrors(problems) ? 1 : 0;
}

}  // namespace

void AddCheck(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<CheckCommandOptions>();
  CLI::App* command = app.add_subcommand("check", "Check a directory of Istio YAML");
  command->add_option("path", options->path, "a directory or a file")->required();
  command->add_option("--output", options->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command
      ->add_option("--allow-unenforced", options->allow_unenforced,
                   "kinds that decide security and may be ignored")
      ->delimiter(',');
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
