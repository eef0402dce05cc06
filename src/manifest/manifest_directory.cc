// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest_directory.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "manifest/decode_object.h"

namespace meshlib::manifest {
namespace {

constexpr char kNotEnforced[] =
    "is not enforced by meshlib yet: remove it, or allow it by its kind";

Problem FileProblem(const std::string& file, const absl::Status& status) {
  return {Severity::kError, {file, {}}, {}, {}, std::string(status.message())};
}

// Policies, and who is of the mesh.
bool HasSecurity(const std::string& text) {
  return text.find(kSecurityGroup) != std::string::npos ||
         text.find("trustDomain") != std::string::npos;
}

std::vector<Problem> NotAmong(const std::vector<Problem>& problems,
                              const std::vector<Problem>& old) {
  std::vector<Problem> result;
  std::copy_if(problems.begin(), problems.end(), std::back_inserter(result),
               [&](const Problem& p) { return std::find(old.begin(), old.end(), p) == old.end(); });
  return result;
}

}  // namespace

ManifestDirectory::ManifestDirectory(std::string path, DirectoryOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

absl::Status ManifestDirectory::Start() {
  const absl::StatusOr<std::vector<std::string>> paths = ListFiles(path_);
  if (!paths.ok()) return paths.status();
  ReadFiles(*paths);
  Combine();
  std::vector<std::string> open;
  for (const Problem& problem : problems_) {
    if (problem.severity != Severity::kError) continue;
    const auto file = files_.find(problem.place.file);
    if (file != files_.end() && file->second.has_security) open.push_back(problem.ToString());
  }
  if (open.empty()) return absl::OkStatus();
  manifest_ = std::make_shared<const Manifest>();
  return absl::FailedPreconditionError(absl::StrJoin(open, "\n"));
}

ManifestDirectory::Change ManifestDirectory::Reload() {
  const std::vector<Problem> old_problems = problems_;
  const std::shared_ptr<const Manifest> old_manifest = manifest_;
  const absl::StatusOr<std::vector<std::string>> paths = ListFiles(path_);
  if (!paths.ok()) {
    problems_ = {FileProblem(path_, paths.status())};
  } else {
    ReadFiles(*paths);
    Combine();
  }
  const bool changed = manifest_ != old_manifest && !(*manifest_ == *old_manifest);
  if (!changed) manifest_ = old_manifest;
  return {changed, problems_, NotAmong(problems_, old_problems)};
}

void ManifestDirectory::ReadFiles(const std::vector<std::string>& paths) {
  Files files;
  for (const std::string& path : paths) {
    const auto old = files_.find(path);
    File file = old == files_.end() ? File{} : old->second;
    const absl::StatusOr<std::string> text = ReadFile(path);
    const size_t digest = std::hash<std::string>()(text.ok() ? *text : text.status().ToString());
    if (file.latest == nullptr || file.digest != digest) {
      file.digest = digest;
      LoadResult result;
      if (text.ok()) {
        file.has_security = HasSecurity(*text);
        result = LoadFile(path, *text);
      } else {
        result.problems = {FileProblem(path, text.status())};
      }
      file.latest = std::make_shared<const LoadResult>(std::move(result));
    }
    files.emplace(path, std::move(file));
  }
  files_ = std::move(files);
}

LoadResult ManifestDirectory::LoadFile(const std::string& path, const std::string& text) const {
  LoadResult result = LoadText(text, path);
  std::vector<Problem> unenforced = UnenforcedProblems(result.manifest, options_.allow_unenforced);
  // What the file opens while it believes itself protected must not be open without protection.
  if (HasErrors(unenforced) || (HasSecurity(text) && !result.ok())) result.manifest = {};
  std::move(unenforced.begin(), unenforced.end(), std::back_inserter(result.problems));
  return result;
}

// A file's latest state, or its last good one where that is broken or does not fit the others.
std::vector<const Manifest*> ManifestDirectory::Chosen(
    const std::set<std::string>& reverted) const {
  std::vector<const Manifest*> chosen;
  for (const auto& [path, file] : files_) {
    const bool latest = file.good == nullptr || (file.latest->ok() && reverted.count(path) == 0);
    chosen.push_back(latest ? &file.latest->manifest : file.good.get());
  }
  return chosen;
}

void ManifestDirectory::Combine() {
  std::set<std::string> reverted;
  std::vector<Problem> problems;
  // Each turn but the last reverts a file.
  for (bool settled = false; !settled;) {
    settled = true;
    std::vector<Duplicate> duplicates;
    Manifest merged = Merge(Chosen(reverted), &duplicates);
    for (const Duplicate& duplicate : duplicates) {
      problems.push_back(duplicate.ToProblem());
      // The newcomer is at fault; of two, the one that is read later.
      for (const std::string* path : {&duplicate.second.file, &duplicate.first.file}) {
        const auto it = files_.find(*path);
        if (it == files_.end() || !it->second.pending() || reverted.count(*path) > 0) continue;
        reverted.insert(*path);
        settled = false;
        break;
      }
    }
    if (settled) manifest_ = std::make_shared<const Manifest>(std::move(merged));
  }
  for (auto& [path, file] : files_) {
    std::copy(file.latest->problems.begin(), file.latest->problems.end(),
              std::back_inserter(problems));
    if (!file.latest->ok() || reverted.count(path) > 0) continue;
    file.good = std::shared_ptr<const Manifest>(file.latest, &file.latest->manifest);
  }
  SortByPlace(problems);
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  problems_ = std::move(problems);
}

std::vector<Problem> UnenforcedProblems(const Manifest& manifest,
                                        const std::set<std::string>& allowed) {
  std::vector<Problem> problems;
  const auto add = [&](const std::string& kind, const ObjectMeta& meta, std::string field,
                       Position position) {
    Problem problem{Severity::kError,
                    {meta.place.file, position},
                    absl::StrCat(kind, " ", meta.ToString()),
                    std::move(field),
                    kNotEnforced};
    if (allowed.count(kind) > 0) {
      problem.severity = Severity::kWarning;
      problem.text = "is not enforced, as was allowed";
    }
    problems.push_back(std::move(problem));
  };
  for (const NamedObject& object : manifest.unenforced) {
    add(object.kind, object.meta, {}, object.meta.place.position);
  }
  for (const AuthorizationPolicy& policy : manifest.authorization_policies) {
    if (policy.unenforced_field.empty()) continue;
    add("AuthorizationPolicy", policy.meta, policy.unenforced_field, policy.unenforced_position);
  }
  return problems;
}

}  // namespace meshlib::manifest
