// SPDX-License-Identifier: Apache-2.0
#include "access/rule_set.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace meshlib::access {
namespace {

using resource::RbacPolicy;
using resource::RbacRule;
using resource::StringMatcher;

// Keys of which a text must have one, or nullopt: a rule may match whatever the text is.
using Needed = std::optional<std::vector<TextKey>>;

enum class Dimension : uint8_t { kNames, kPaths };

Needed OneOf(const StringMatcher& matcher) {
  std::optional<TextKey> key = KeyOf(matcher);
  if (!key) return std::nullopt;
  return std::vector<TextKey>{*std::move(key)};
}

Needed NeededOf(const RbacRule& rule, Dimension dimension);

// Any of the rules matches: all of them need something.
Needed NeededOfAny(const std::vector<RbacRule>& rules, Dimension dimension) {
  std::vector<TextKey> all;
  for (const RbacRule& rule : rules) {
    Needed needed = NeededOf(rule, dimension);
    if (!needed) return std::nullopt;
    std::move(needed->begin(), needed->end(), std::back_inserter(all));
  }
  return all;
}

Needed Fewer(Needed a, Needed b) {
  if (!a || !b) return a ? std::move(a) : std::move(b);
  return a->size() <= b->size() ? std::move(a) : std::move(b);
}

// All of the rules match: what one of them needs is enough.
Needed NeededOfAll(const std::vector<RbacRule>& rules, Dimension dimension) {
  Needed fewest;
  for (const RbacRule& rule : rules) {
    fewest = Fewer(std::move(fewest), NeededOf(rule, dimension));
  }
  return fewest;
}

Needed NeededOf(const RbacRule& rule, Dimension dimension) {
  if (const auto* all = std::get_if<resource::RbacAllOf>(&rule.form)) {
    return NeededOfAll(all->rules, dimension);
  }
  if (const auto* any = std::get_if<resource::RbacAnyOf>(&rule.form)) {
    return NeededOfAny(any->rules, dimension);
  }
  if (dimension == Dimension::kPaths) {
    const auto* path = std::get_if<resource::RbacPath>(&rule.form);
    return path == nullptr ? std::nullopt : OneOf(path->path);
  }
  const auto* peer = std::get_if<resource::RbacAuthenticated>(&rule.form);
  return peer == nullptr || !peer->name ? std::nullopt : OneOf(*peer->name);
}

Needed NeededOf(const RbacPolicy& policy, Dimension dimension) {
  return Fewer(NeededOfAny(policy.permissions, dimension),
               NeededOfAny(policy.principals, dimension));
}

// Fills `any` with the policies that have no keys.
TextIndex IndexOf(std::span<const RbacPolicy> policies, Dimension dimension, BitSpan any) {
  std::vector<std::pair<TextKey, uint32_t>> keys;
  for (uint32_t n = 0; n < policies.size(); ++n) {
    Needed needed = NeededOf(policies[n], dimension);
    if (!needed) any.Set(n);
    if (!needed) continue;
    for (TextKey& key : *needed) keys.emplace_back(std::move(key), n);
  }
  return TextIndex(keys);
}

}  // namespace

RuleSet::Block::Block(std::span<const RbacPolicy> of)
    : policies(of),
      names(IndexOf(of, Dimension::kNames, BitSpan(any_name))),
      paths(IndexOf(of, Dimension::kPaths, BitSpan(any_path))) {}

RuleSet::RuleSet(resource::RbacRules rules) : rules_(std::move(rules)) {
  const std::span<const RbacPolicy> all = rules_.policies;
  for (size_t begin = 0; begin < all.size(); begin += kBlockSize) {
    blocks_.emplace_back(all.subspan(begin, std::min(kBlockSize, all.size() - begin)));
  }
}

const RbacPolicy* RuleSet::Find(const Subject& subject) const {
  for (const Block& block : blocks_) {
    if (const RbacPolicy* found = Find(block, subject)) return found;
  }
  return nullptr;
}

const RbacPolicy* RuleSet::Find(const Block& block, const Subject& subject) {
  Bits names = block.any_name;
  if (const Peer* peer = subject.request.peer) {
    VisitNames(*peer, [&](std::string_view name) {
      block.names.Find(name, BitSpan(names));
      return false;
    });
  }
  Bits paths = block.any_path;
  block.paths.Find(subject.path, BitSpan(paths));
  for (size_t word = 0; word < names.size(); ++word) {
    for (uint64_t both = names[word] & paths[word]; both != 0; both &= both - 1) {
      const size_t n = word * 64 + static_cast<size_t>(std::countr_zero(both));
      const RbacPolicy& policy = block.policies[n];
      if (MatchesAny(policy.permissions, subject) && MatchesAny(policy.principals, subject)) {
        return &policy;
      }
    }
  }
  return nullptr;
}

}  // namespace meshlib::access
