// SPDX-License-Identifier: Apache-2.0
// meshctl token: what proves to `meshctl serve --listen-tls` who a workload is.

#include <sys/stat.h>

#include <iostream>
#include <memory>
#include <string>

#include "authority.h"
#include "commands.h"
#include "member.h"

namespace meshctl {
namespace {

struct TokenOptions {
  std::string account;
  std::string lifetime = "12h";
  AuthorityOptions authority;
};

absl::StatusOr<std::string> IssueToken(const TokenOptions& options) {
  const size_t slash = options.account.find('/');
  if (slash == std::string::npos) {
    return absl::InvalidArgumentError("\"" + options.account +
                                      "\" is not NAMESPACE/SERVICEACCOUNT");
  }
  auto lifetime = ReadDuration("--lifetime", options.lifetime);
  if (!lifetime.ok()) return lifetime.status();
  // Not made here: nobody would accept the tokens of a root that no `meshctl serve` has.
  struct stat status {};
  if (stat(options.authority.key_file.c_str(), &status) != 0) {
    return absl::NotFoundError(options.authority.key_file +
                               " is not there; it is the --ca-key of `meshctl serve`");
  }
  const meshlib::base::SystemClock clock;
  auto authority = StartAuthority(options.authority, clock);
  if (!authority.ok()) return authority.status();
  const absl::Time now = clock.WallNow();
  return (*authority)
      ->tokens()
      .Issue({.name_space = options.account.substr(0, slash),
              .service_account = options.account.substr(slash + 1),
              .issued_at = now,
              .expires_at = now + *lifetime});
}

int Run(const TokenOptions& options) {
  auto token = IssueToken(options);
  if (!token.ok()) return Fail(token.status());
  std::cout << *token << std::endl;
  return 0;
}

}  // namespace

void AddToken(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<TokenOptions>();
  CLI::App* command = app.add_subcommand(
      "token", "Print a token for a workload that joins `meshctl serve --listen-tls`");
  command->add_option("account", options->account, "NAMESPACE/SERVICEACCOUNT")->required();
  command->add_option("--ca-key", options->authority.key_file, "as given to `meshctl serve`")
      ->required();
  command->add_option("--lifetime", options->lifetime, "how long it is good (default 12h)");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
