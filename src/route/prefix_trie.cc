// SPDX-License-Identifier: Apache-2.0
#include "route/prefix_trie.h"

namespace meshlib::route {

// A node whose keys, [begin, end) of the sorted ones, agree in their first `depth` bytes.
struct PrefixTrie::Open {
  uint32_t node;
  size_t begin;
  size_t end;
  size_t depth;
};

PrefixTrie::PrefixTrie(Case fold, Direction direction, Keys keys)
    : fold_(fold), direction_(direction) {
  if (keys.empty()) return;
  Normalize(keys);
  nodes_.emplace_back();
  first_bytes_.push_back('\0');
  std::vector<Open> queue = {{0, 0, keys.size(), 0}};
  for (size_t next = 0; next < queue.size(); ++next) {
    const Open open = queue[next];
    Expand(keys, open, queue);
  }
}

// Sorts by key, in the form in which Walk() reads texts.
void PrefixTrie::Normalize(Keys& keys) const {
  for (auto& [key, value] : keys) {
    std::string normal;
    for (size_t i = 0; i < key.size(); ++i) normal.push_back(At(key, i));
    key = std::move(normal);
  }
  std::stable_sort(keys.begin(), keys.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

void PrefixTrie::Expand(const Keys& keys, const Open& open, std::vector<Open>& queue) {
  size_t next = open.begin;
  nodes_[open.node].values_begin = static_cast<uint32_t>(values_.size());
  for (; next < open.end && keys[next].first.size() == open.depth; ++next) {
    values_.push_back(keys[next].second);
  }
  nodes_[open.node].values_end = static_cast<uint32_t>(values_.size());
  nodes_[open.node].children_begin = static_cast<uint32_t>(nodes_.size());
  while (next < open.end) {
    const std::string& first = keys[next].first;
    size_t end = next + 1;
    while (end < open.end && keys[end].first[open.depth] == first[open.depth]) ++end;
    // The keys are sorted: what the first and the last share, all of them share.
    const std::string& last = keys[end - 1].first;
    size_t depth = open.depth + 1;
    while (depth < first.size() && depth < last.size() && first[depth] == last[depth]) ++depth;
    Node child;
    child.label_begin = static_cast<uint32_t>(labels_.size());
    child.label_size = static_cast<uint32_t>(depth - open.depth);
    labels_.append(first, open.depth, child.label_size);
    first_bytes_.push_back(first[open.depth]);
    queue.push_back({static_cast<uint32_t>(nodes_.size()), next, end, depth});
    nodes_.push_back(child);
    ++nodes_[open.node].children_count;
    next = end;
  }
}

}  // namespace meshlib::route
