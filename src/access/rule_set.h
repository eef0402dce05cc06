// SPDX-License-Identifier: Apache-2.0
// RuleSet: the policies of one filter, found by the peer's names and the path.

#ifndef MESHLIB_ACCESS_RULE_SET_H_
#define MESHLIB_ACCESS_RULE_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "access/rule_match.h"
#include "access/text_index.h"
#include "resource/rbac.h"

namespace meshlib::access {

// Immutable; share freely.
class RuleSet final {
 public:
  explicit RuleSet(resource::RbacRules rules);
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  resource::RbacRules::Action action() const { return rules_.action; }
  // The first policy by name that matches, or null. No allocation.
  const resource::RbacPolicy* Find(const Subject& subject) const;

 private:
  // Sets of policies of one Block fit on the stack.
  static constexpr size_t kBlockSize = 1024;
  using Bits = std::array<uint64_t, kBlockSize / 64>;

  // Up to kBlockSize policies that follow each other. A policy can match only when one of its keys
  // is found, in both indexes, or it has none there (`any`).
  struct Block {
    explicit Block(std::span<const resource::RbacPolicy> policies);

    std::span<const resource::RbacPolicy> policies;
    Bits any_name{}, any_path{};  // filled while the indexes are made
    TextIndex names, paths;
  };

  static const resource::RbacPolicy* Find(const Block& block, const Subject& subject);

  const resource::RbacRules rules_;
  std::vector<Block> blocks_;  // points into rules_
};

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_RULE_SET_H_
