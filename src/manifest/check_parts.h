// SPDX-License-Identifier: Apache-2.0
// The parts of Check(), one for each kind of mistake.

#ifndef MESHLIB_MANIFEST_CHECK_PARTS_H_
#define MESHLIB_MANIFEST_CHECK_PARTS_H_

#include <string>
#include <utility>
#include <vector>

#include "manifest/host_index.h"
#include "manifest/manifest.h"

namespace meshlib::manifest {

// Adds problems of one object. Thread-compatible.
class Reporter final {
 public:
  Reporter(const char* kind, const ObjectMeta& meta, std::vector<Problem>& problems)
      : object_(std::string(kind) + " " + meta.ToString()), meta_(meta), problems_(problems) {}

  void Error(Position position, std::string field, std::string text) {
    Add(Severity::kError, position, std::move(field), std::move(text));
  }
  void Warn(Position position, std::string field, std::string text) {
    Add(Severity::kWarning, position, std::move(field), std::move(text));
  }

 private:
  void Add(Severity severity, Position position, std::string field, std::string text) {
    if (position.line == 0) position = meta_.place.position;
    problems_.push_back(
        {severity, {meta_.place.file, position}, object_, std::move(field), std::move(text)});
  }

  const std::string object_;
  const ObjectMeta& meta_;
  std::vector<Problem>& problems_;
};

// Hosts, subsets, ports and gateways that do not exist; hosts that two objects claim.
void CheckReferences(const Manifest& manifest, const HostIndex& hosts,
                     std::vector<Problem>& problems);
// Routes that an earlier one hides, weights and times that cannot be meant.
void CheckRoutes(const Manifest& manifest, std::vector<Problem>& problems);
// Delegates that do not exist, are no delegates, or that nobody uses.
void CheckDelegates(const Manifest& manifest, std::vector<Problem>& problems);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_CHECK_PARTS_H_
