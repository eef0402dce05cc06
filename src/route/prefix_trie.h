// SPDX-License-Identifier: Apache-2.0
// PrefixTrie: finds every key that is a prefix of a text, in one walk over the text.

#ifndef MESHLIB_ROUTE_PREFIX_TRIE_H_
#define MESHLIB_ROUTE_PREFIX_TRIE_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshlib::route {

// A radix tree in three flat arrays: the nodes, whose children stand next to each other; the first
// byte of each node's label, so that a child is found by memchr; and the labels.
//
// Immutable; share freely.
class PrefixTrie final {
 public:
  enum class Case : uint8_t { kSensitive, kInsensitive };
  enum class Direction : uint8_t { kForward, kBackward };  // kBackward: keys are suffixes

  PrefixTrie() = default;
  // A key may occur several times; its values keep their order.
  PrefixTrie(Case fold, Direction direction, std::vector<std::pair<std::string, uint32_t>> keys);

  bool empty() const { return values_.empty(); }

  // Calls `visit(key_size, values)` for each key that is a prefix of `text`, shortest first.
  template <typename Visit>
  void Walk(std::string_view text, const Visit& visit) const {
    if (values_.empty()) return;
    uint32_t node = 0;
    size_t depth = 0;
    while (true) {
      const Node& here = nodes_[node];
      if (here.values_end != here.values_begin) {
        visit(depth, std::span<const uint32_t>(values_.data() + here.values_begin,
                                               values_.data() + here.values_end));
      }
      if (depth == text.size() || !Descend(text, node, depth)) return;
    }
  }

 private:
  struct Node {
    uint32_t label_begin = 0;
    uint32_t label_size = 0;
    uint32_t children_begin = 0;
    uint32_t children_count = 0;
    uint32_t values_begin = 0;
    uint32_t values_end = 0;
  };
  using Keys = std::vector<std::pair<std::string, uint32_t>>;
  struct Open;

  char At(std::string_view text, size_t depth) const {
    const char c = direction_ == Direction::kForward ? text[depth] : text[text.size() - 1 - depth];
    return fold_ == Case::kInsensitive && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }

  // Moves to the child that `text` goes on with; false when there is none.
  bool Descend(std::string_view text, uint32_t& node, size_t& depth) const {
    const Node& here = nodes_[node];
    if (here.children_count == 0) return false;
    const char* first = first_bytes_.data() + here.children_begin;
    const void* found = std::memchr(first, At(text, depth), here.children_count);
    if (found == nullptr) return false;
    node = here.children_begin + static_cast<uint32_t>(static_cast<const char*>(found) - first);
    const Node& child = nodes_[node];
    if (text.size() - depth < child.label_size) return false;
    if (!Continues(text, depth, labels_.data() + child.label_begin, child.label_size)) return false;
    depth += child.label_size;
    return true;
  }

  bool Continues(std::string_view text, size_t depth, const char* label, size_t size) const {
    // Most texts are in lower case already.
    const bool same =
        direction_ == Direction::kForward && std::memcmp(label, text.data() + depth, size) == 0;
    if (same || (fold_ == Case::kSensitive && direction_ == Direction::kForward)) return same;
    for (size_t i = 1; i < size; ++i) {
      if (label[i] != At(text, depth + i)) return false;
    }
    return true;
  }

  void Normalize(Keys& keys) const;
  void Expand(const Keys& keys, const Open& open, std::vector<Open>& queue);

  Case fold_ = Case::kSensitive;
  Direction direction_ = Direction::kForward;
  std::vector<Node> nodes_;
  std::string first_bytes_;  // of each node's label, in the order of nodes_
  std::string labels_;
  std::vector<uint32_t> values_;
};

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_PREFIX_TRIE_H_
