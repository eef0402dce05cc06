// SPDX-License-Identifier: Apache-2.0
// RecordedIdentity: what an IdentitySource told its observer.

#ifndef MESHLIB_FAKE_RECORDED_IDENTITY_H_
#define MESHLIB_FAKE_RECORDED_IDENTITY_H_

#include <string>
#include <vector>

#include "identity/identity_observer.h"

namespace meshlib::fake {

// Thread-compatible.
class RecordedIdentity final : public identity::IdentityObserver {
 public:
  struct Problem {
    identity::Urgency urgency;
    std::string text;
  };

  void OnIdentity(const identity::WorkloadIdentity& /*identity*/) override { ++identities; }
  void OnProblem(identity::Urgency urgency, const absl::Status& problem) override {
    problems.push_back({urgency, std::string(problem.message())});
  }
  // The newest problem's text; empty: none.
  std::string newest() const { return problems.empty() ? "" : problems.back().text; }

  int identities = 0;
  std::vector<Problem> problems;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_RECORDED_IDENTITY_H_
