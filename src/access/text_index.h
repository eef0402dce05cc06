// SPDX-License-Identifier: Apache-2.0
// TextIndex: which of many StringMatchers may match a text, without asking each of them.

#ifndef MESHLIB_ACCESS_TEXT_INDEX_H_
#define MESHLIB_ACCESS_TEXT_INDEX_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resource/matcher.h"
#include "route/prefix_trie.h"

namespace meshlib::access {

// A set of small numbers.
class BitSpan final {
 public:
  explicit BitSpan(std::span<uint64_t> words) : words_(words) {}
  void Set(uint32_t n) { words_[n / 64] |= uint64_t{1} << (n % 64); }
  // REQUIRES: not more words than it has.
  void Add(std::span<const uint64_t> words) {
    for (size_t i = 0; i < words.size(); ++i) words_[i] |= words[i];
  }

 private:
  std::span<uint64_t> words_;
};

// Numbers that are added to a BitSpan again and again: a list, or bits where that is shorter work.
// Immutable; share freely.
class NumberSet final {
 public:
  // REQUIRES: sorted.
  explicit NumberSet(std::vector<uint32_t> numbers);

  void AddTo(BitSpan& out) const {
    for (const uint32_t number : numbers_) out.Set(number);
    out.Add(bits_);
  }

 private:
  std::vector<uint32_t> numbers_;
  std::vector<uint64_t> bits_;
};

// What a text must have to match. Exact, prefix and suffix matchers are their own keys; of a
// regular expression it is a piece of plain text that it cannot match without.
struct TextKey {
  enum class Kind : uint8_t {
    kExact,
    kPrefix,
    kSuffix,
    kFromSlash
  };  // kFromSlash: contains "/..."
  Kind kind = Kind::kExact;
  bool ignore_case = false;
  std::string text;

  friend auto operator<=>(const TextKey&, const TextKey&) = default;
};

// Nullopt: it has none.
std::optional<TextKey> KeyOf(const resource::StringMatcher& matcher);

// Immutable; share freely.
class TextIndex final {
 public:
  // Keys with a number each.
  explicit TextIndex(std::vector<std::pair<TextKey, uint32_t>> keys);

  bool empty() const { return sets_.empty(); }
  // Adds the numbers of all keys that `text` has. No allocation.
  void Find(std::string_view text, BitSpan out) const;

 private:
  void Add(const route::PrefixTrie& trie, std::string_view text, BitSpan& out) const;

  std::vector<NumberSet> sets_;  // one for each key
  route::PrefixTrie starts_, folded_starts_;
  route::PrefixTrie ends_, folded_ends_;
  route::PrefixTrie from_slash_;
};

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_TEXT_INDEX_H_
