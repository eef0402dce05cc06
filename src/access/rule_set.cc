// SPDX-License-Identifier: Apache-2.0
#include "access/rule_set.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

namespace meshlib::access {
namespace {

using resource::RbacPolicy;
using Keys = std::vector<std::pair<HeaderKey, uint32_t>>;

TextIndex TextsOf(Keys keys) {
  std::vector<std::pair<TextKey, uint32_t>> texts;
  for (auto& [key, number] : keys) texts.emplace_back(std::move(key.value), number);
  return TextIndex(std::move(texts));
}

}  // namespace

RuleSet::RuleSet(resource::RbacRules rules) : rules_(std::move(rules)) {
  const std::span<const RbacPolicy> all = rules_.policies;
  for (size_t begin = 0; begin < all.size(); begin += kBlockSize) {
    blocks_.emplace_back(all.subspan(begin, std::min(kBlockSize, all.size() - begin)));
  }
}

RuleSet::Block::Block(std::span<const RbacPolicy> of) : policies(of) {
  for (size_t i = 0; i < kDimensions; ++i) {
    std::optional<Index> index = IndexOf(of, static_cast<Dimension>(i));
    if (index) indexes.push_back(*std::move(index));
  }
}

// Nullopt: no policy has a key.
std::optional<RuleSet::Index> RuleSet::IndexOf(std::span<const RbacPolicy> policies,
                                               Dimension dimension) {
  const KeyFinder finder(policies, dimension);
  Index index{.dimension = dimension};
  Keys keys;
  bool has_keys = false;
  for (uint32_t n = 0; n < policies.size(); ++n) {
    NeededKeys needed = finder.Find(policies[n]);
    if (!needed) {
      BitSpan(index.any).Set(n);
      continue;
    }
    has_keys = true;
    for (NeededKey& key : *needed) keys.emplace_back(std::move(key), n);
  }
  if (!has_keys) return std::nullopt;
  if (dimension == Dimension::kHeaders) {
    index.headers.emplace(std::move(keys));
  } else {
    index.texts = TextsOf(std::move(keys));
  }
  return index;
}

const RbacPolicy* RuleSet::Find(const Subject& subject) const {
  for (const Block& block : blocks_) {
    const Bits candidates = Candidates(block, subject);
    for (size_t word = 0; word < candidates.size(); ++word) {
      for (uint64_t left = candidates[word]; left != 0; left &= left - 1) {
        const size_t n = word * 64 + static_cast<size_t>(std::countr_zero(left));
        const RbacPolicy& policy = block.policies[n];
        if (MatchesAny(policy.permissions, subject) && MatchesAny(policy.principals, subject)) {
          return &policy;
        }
      }
    }
  }
  return nullptr;
}

RuleSet::Bits RuleSet::Candidates(const Block& block, const Subject& subject) {
  Bits candidates{};
  for (size_t n = 0; n < block.policies.size(); n += 64) {
    const size_t left = block.policies.size() - n;
    candidates[n / 64] = left < 64 ? (uint64_t{1} << left) - 1 : ~uint64_t{0};
  }
  for (const Index& index : block.indexes) {
    Bits found = index.any;
    index.Find(subject, BitSpan(found));
    for (size_t word = 0; word < found.size(); ++word) candidates[word] &= found[word];
  }
  return candidates;
}

void RuleSet::Index::Find(const Subject& subject, BitSpan out) const {
  const Request& request = subject.request;
  const auto find_address = [&](const resource::Address* address) {
    if (address != nullptr) texts->Find(KeyText::OfAddress(*address).text(), out);
  };
  switch (dimension) {
    case Dimension::kNames:
      if (request.peer == nullptr) return;
      VisitNames(*request.peer, [&](std::string_view name) {
        texts->Find(name, out);
        return false;
      });
      return;
    case Dimension::kPaths:
      return texts->Find(subject.path, out);
    case Dimension::kMethods:
      return texts->Find(request.head.method, out);
    case Dimension::kHeaders:
      return headers->Find(request.head, out);
    case Dimension::kPorts:
      if (request.destination == nullptr) return;
      return texts->Find(KeyText::OfPort(request.destination->port()).text(), out);
    case Dimension::kDestinations:
      return find_address(request.destination);
    case Dimension::kDirectRemotes:
      return find_address(request.direct_remote);
    case Dimension::kRemotes:
      return find_address(request.remote != nullptr ? request.remote : request.direct_remote);
    case Dimension::kServerNames:
      return texts->Find(request.server_name, out);
  }
}

}  // namespace meshlib::access
