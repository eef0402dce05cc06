// SPDX-License-Identifier: Apache-2.0
#include "manifest/check.h"

#include <iterator>
#include <utility>

#include "manifest/check_parts.h"
#include "manifest/load.h"
#include "manifest/manifest_directory.h"

namespace meshlib::manifest {

std::vector<Problem> Check(const Manifest& manifest, const CheckOptions& options) {
  std::vector<Problem> problems = UnenforcedProblems(manifest, options.allow_unenforced);
  const HostIndex hosts(manifest);
  CheckReferences(manifest, hosts, problems);
  CheckRoutes(manifest, problems);
  CheckDelegates(manifest, problems);
  SortByPlace(problems);
  return problems;
}

std::vector<Problem> CheckPath(const std::string& path, const CheckOptions& options) {
  LoadResult loaded = LoadPath(path, {.unknown_field = Severity::kError, .keep_broken = true});
  std::vector<Problem> problems = Check(loaded.manifest, options);
  std::move(loaded.problems.begin(), loaded.problems.end(), std::back_inserter(problems));
  SortByPlace(problems);
  return problems;
}

}  // namespace meshlib::manifest
