// SPDX-License-Identifier: Apache-2.0
#include "manifest/load.h"

#include <iterator>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/yaml_text.h"

namespace meshlib::manifest {
namespace {

constexpr size_t kMaxProblems = 1000;  // of one file

Problem FileProblem(const std::string& file, Position position, std::string text) {
  return {Severity::kError, {file, position}, {}, {}, std::move(text)};
}

// Objects of one file that are there twice.
void ReportDuplicates(LoadResult& result) {
  std::vector<Duplicate> duplicates;
  Manifest merged = Merge({&result.manifest}, &duplicates);
  if (duplicates.empty()) return;
  result.manifest = std::move(merged);
  for (const Duplicate& duplicate : duplicates) result.problems.push_back(duplicate.ToProblem());
}

// "mesh/a.yaml: text" without the file, which the problem has already.
std::string TextOf(const absl::Status& status, const std::string& file) {
  std::string text(status.message());
  const std::string prefix = absl::StrCat(file, ": ");
  return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : text;
}

LoadResult LoadFile(const std::string& file, const LoadOptions& options) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (text.ok()) return LoadText(*text, file, options);
  LoadResult result;
  result.problems.push_back(FileProblem(file, {}, TextOf(text.status(), file)));
  return result;
}

// A kind that is not read is listed once.
void DropRepeatedNotes(std::vector<Problem>& problems) {
  std::vector<Problem> kept;
  absl::flat_hash_set<std::string> seen;
  for (Problem& problem : problems) {
    const bool repeated = problem.object.empty() && problem.severity != Severity::kError &&
                          !seen.insert(problem.text).second;
    if (!repeated) kept.push_back(std::move(problem));
  }
  problems = std::move(kept);
}

}  // namespace

LoadResult LoadText(std::string_view text, const std::string& file, const LoadOptions& options) {
  LoadResult result;
  if (text.size() > kMaxFileSize) {
    result.problems.push_back(
        FileProblem(file, {}, absl::StrCat("larger than ", kMaxFileSize >> 20, " MiB")));
    return result;
  }
  const YamlText yaml = DecodeYaml(text);
  for (const YamlError& error : yaml.errors) {
    result.problems.push_back(FileProblem(file, error.position, error.text));
  }
  for (const YamlPtr& document : yaml.documents) {
    if (result.problems.size() > kMaxProblems) {
      result.problems.push_back(
          FileProblem(file, document->position, "too many problems: from here on nothing is read"));
      break;
    }
    DecodeObjects(*document, file, options, result);
  }
  ReportDuplicates(result);
  SortByPlace(result.problems);
  return result;
}

LoadResult LoadPath(const std::string& path, const LoadOptions& options) {
  LoadResult result;
  const absl::StatusOr<std::vector<std::string>> files = ListFiles(path);
  if (!files.ok()) {
    result.problems.push_back(FileProblem(path, {}, TextOf(files.status(), path)));
    return result;
  }
  std::vector<LoadResult> parts;
  std::vector<const Manifest*> manifests;
  for (const std::string& file : *files) parts.push_back(LoadFile(file, options));
  for (LoadResult& part : parts) {
    manifests.push_back(&part.manifest);
    std::move(part.problems.begin(), part.problems.end(), std::back_inserter(result.problems));
  }
  std::vector<Duplicate> duplicates;
  result.manifest = Merge(manifests, &duplicates);
  for (const Duplicate& duplicate : duplicates) result.problems.push_back(duplicate.ToProblem());
  DropRepeatedNotes(result.problems);
  SortByPlace(result.problems);
  return result;
}

}  // namespace meshlib::manifest
