// SPDX-License-Identifier: Apache-2.0
#include "access/text_index.h"

#include <algorithm>

namespace meshlib::access {
namespace {

using resource::StringMatcher;
using route::PrefixTrie;

constexpr uint32_t kWhole = uint32_t{1} << 31;  // the key must be the whole text

// Setting so many bits one by one costs more than adding all words.
constexpr size_t kMostListed = 16;

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Collects the plain text of a pattern that stands outside of groups. Gives up where the pattern
// has anything that it does not know.
class LiteralFinder final {
 public:
  // The longest piece from a "/" on that every match contains; empty: none was found.
  std::string Find(std::string_view pattern) {
    for (size_t at = 0; at < pattern.size(); ++at) {
      if (!Take(pattern, at)) return {};
    }
    EndRun();
    return depth_ == 0 ? best_ : std::string();
  }

 private:
  bool Take(std::string_view pattern, size_t& at) {
    const char c = pattern[at];
    switch (c) {
      case '[':
        return false;
      case '(':
        EndRun();
        ++depth_;
        return at + 1 == pattern.size() || pattern[at + 1] != '?';
      case ')':
        EndRun();
        return --depth_ >= 0;
      case '|':
        return depth_ > 0;
      case '*':
      case '?':
      case '{':
        if (!run_.empty()) run_.pop_back();
        EndRun();
        if (c == '{') at = pattern.find('}', at);
        return at != std::string_view::npos;
      case '.':
      case '+':
      case '^':
      case '$':
        EndRun();
        return true;
      case '\\':
        if (++at == pattern.size() || IsAlphanumeric(pattern[at])) return false;
        break;
      default:
        break;
    }
    if (depth_ == 0) run_.push_back(pattern[at]);
    return true;
  }

  void EndRun() {
    const size_t slash = run_.find('/');
    if (slash != std::string::npos && run_.size() - slash > best_.size()) {
      best_ = run_.substr(slash);
    }
    run_.clear();
  }

  int depth_ = 0;
  std::string run_;
  std::string best_;
};

using Keys = std::vector<std::pair<std::string, uint32_t>>;

PrefixTrie Trie(PrefixTrie::Direction direction, bool ignore_case, Keys keys) {
  const auto fold = ignore_case ? PrefixTrie::Case::kInsensitive : PrefixTrie::Case::kSensitive;
  return keys.empty() ? PrefixTrie() : PrefixTrie(fold, direction, std::move(keys));
}

}  // namespace

std::optional<TextKey> KeyOf(const StringMatcher& matcher) {
  TextKey key{.kind = {}, .ignore_case = matcher.ignore_case, .text = matcher.value};
  switch (matcher.kind) {
    case StringMatcher::Kind::kExact:
      key.kind = TextKey::Kind::kExact;
      return key;
    case StringMatcher::Kind::kPrefix:
      key.kind = TextKey::Kind::kPrefix;
      return key;
    case StringMatcher::Kind::kSuffix:
      key.kind = TextKey::Kind::kSuffix;
      return key;
    case StringMatcher::Kind::kContains:
      key.kind = TextKey::Kind::kFromSlash;
      if (matcher.ignore_case || !key.text.starts_with('/')) return std::nullopt;
      return key;
    case StringMatcher::Kind::kRegex:
      key = {.kind = TextKey::Kind::kFromSlash,
             .ignore_case = false,
             .text = LiteralFinder().Find(matcher.regex.pattern)};
      if (key.text.empty()) return std::nullopt;
      return key;
  }
  return std::nullopt;
}

NumberSet::NumberSet(std::vector<uint32_t> numbers) {
  if (numbers.size() <= kMostListed) {
    numbers_ = std::move(numbers);
    return;
  }
  bits_.resize(numbers.back() / 64 + 1);
  for (const uint32_t number : numbers) BitSpan(bits_).Set(number);
}

TextIndex::TextIndex(std::vector<std::pair<TextKey, uint32_t>> keys) {
  std::sort(keys.begin(), keys.end());
  Keys starts[2], ends[2], from_slash;
  for (size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
    const TextKey& key = keys[begin].first;
    std::vector<uint32_t> numbers;
    for (; end < keys.size() && keys[end].first == key; ++end) numbers.push_back(keys[end].second);
    const auto set = static_cast<uint32_t>(sets_.size());
    sets_.emplace_back(std::move(numbers));
    switch (key.kind) {
      case TextKey::Kind::kExact:
        starts[key.ignore_case].emplace_back(key.text, set | kWhole);
        break;
      case TextKey::Kind::kPrefix:
        starts[key.ignore_case].emplace_back(key.text, set);
        break;
      case TextKey::Kind::kSuffix:
        ends[key.ignore_case].emplace_back(key.text, set);
        break;
      case TextKey::Kind::kFromSlash:
        from_slash.emplace_back(key.text, set);
        break;
    }
  }
  starts_ = Trie(PrefixTrie::Direction::kForward, false, std::move(starts[0]));
  folded_starts_ = Trie(PrefixTrie::Direction::kForward, true, std::move(starts[1]));
  ends_ = Trie(PrefixTrie::Direction::kBackward, false, std::move(ends[0]));
  folded_ends_ = Trie(PrefixTrie::Direction::kBackward, true, std::move(ends[1]));
  from_slash_ = Trie(PrefixTrie::Direction::kForward, false, std::move(from_slash));
}

void TextIndex::Find(std::string_view text, BitSpan out) const {
  Add(starts_, text, out);
  Add(folded_starts_, text, out);
  Add(ends_, text, out);
  Add(folded_ends_, text, out);
  if (from_slash_.empty()) return;
  for (size_t at = text.find('/'); at != std::string_view::npos; at = text.find('/', at + 1)) {
    Add(from_slash_, text.substr(at), out);
  }
}

void TextIndex::Add(const PrefixTrie& trie, std::string_view text, BitSpan& out) const {
  trie.Walk(text, [&](size_t size, std::span<const uint32_t> values) {
    for (const uint32_t value : values) {
      if ((value & kWhole) == 0 || size == text.size()) sets_[value & ~kWhole].AddTo(out);
    }
  });
}

}  // namespace meshlib::access
