// SPDX-License-Identifier: Apache-2.0
// RuleSet: the policies of one filter, found by what they need of a Call.

#ifndef MESHLIB_ACCESS_RULE_SET_H_
#define MESHLIB_ACCESS_RULE_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "access/header_index.h"
#include "access/needed_keys.h"
#include "access/rule_match.h"
#include "access/text_index.h"
#include "resource/rbac.h"

namespace meshlib::access {

// The cost of a look-up grows with the policies that have all that they need by the indexes, and
// with 64 others at a time. Immutable; share freely.
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

  // The policies of a Block by their keys of one dimension.
  struct Index {
    Dimension dimension;
    Bits any{};  // those without a key
    std::optional<TextIndex> texts;
    std::optional<HeaderIndex> headers;  // for kHeaders, instead

    void Find(const Subject& subject, BitSpan out) const;
  };
  // Up to kBlockSize policies that follow each other. A policy can match only when every index has
  // one of its keys, or it has none there.
  struct Block {
    explicit Block(std::span<const resource::RbacPolicy> of);

    std::span<const resource::RbacPolicy> policies;
    std::vector<Index> indexes;  // of the dimensions that any policy has a key of
  };

  static std::optional<Index> IndexOf(std::span<const resource::RbacPolicy> policies,
                                      Dimension dimension);
  static Bits Candidates(const Block& block, const Subject& subject);

  const resource::RbacRules rules_;
  std::vector<Block> blocks_;  // points into rules_
};

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_RULE_SET_H_
