// SPDX-License-Identifier: Apache-2.0
// PathIndex: which routes of one VirtualHost may take a path.

#ifndef MESHLIB_ROUTE_PATH_INDEX_H_
#define MESHLIB_ROUTE_PATH_INDEX_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/string_view.h"
#include "resource/route_config.h"
#include "route/prefix_trie.h"

namespace meshlib::route {

// Exact paths are in a hash table. Prefixes are in a trie, and so are regexes, by the literal that
// all their matches begin with, and what ignores case, in a second trie: these are candidates whose
// PathMatcher still has to be asked.
//
// Immutable; share freely.
class PathIndex final {
 public:
  explicit PathIndex(const std::vector<resource::Route>& routes);

  // The lowest position in `routes` whose path takes `path` (without query) and that `accept(n)`
  // accepts; routes.size() when there is none. `accept` must be pure: it is asked out of order, and
  // only for positions that could still win. No allocation.
  template <typename Accept>
  uint32_t FindFirst(std::string_view path, const Accept& accept) const {
    uint32_t best = end_;
    const auto consider = [&](std::span<const uint32_t> positions) {
      for (const uint32_t n : positions) {
        if (n >= best) return;
        if (TakesPath(n, path) && accept(n)) {
          best = n;
          return;
        }
      }
    };
    if (!exact_.empty()) {
      const auto found = exact_.find(base::AbslView(path));
      if (found != exact_.end()) consider(found->second);
    }
    const auto visit = [&](size_t, std::span<const uint32_t> positions) { consider(positions); };
    prefixes_.Walk(path, visit);
    caseless_.Walk(path, visit);
    return best;
  }

 private:
  // What is left to ask of a candidate.
  enum class Check : uint8_t { kNone, kWhole, kBoundary, kRegex };
  struct Candidate {
    Check check;
    uint32_t size;  // of the configured value
    const resource::PathMatcher* matcher;
  };

  bool TakesPath(uint32_t n, std::string_view path) const {
    const Candidate& candidate = candidates_[n];
    switch (candidate.check) {
      case Check::kNone:
        return true;
      case Check::kWhole:
        return path.size() == candidate.size;
      case Check::kBoundary:
        return path.size() == candidate.size || path[candidate.size] == '/';
      case Check::kRegex:
        return TakesRegex(*candidate.matcher, path);
    }
    return false;
  }
  static bool TakesRegex(const resource::PathMatcher& matcher, std::string_view path);

  uint32_t end_;
  std::vector<Candidate> candidates_;  // by position
  absl::flat_hash_map<std::string, std::vector<uint32_t>> exact_;
  PrefixTrie prefixes_;
  PrefixTrie caseless_;
};

// What every string that fully matches `pattern` begins with, as far as that can be read off its
// beginning; empty when nothing can.
std::string LiteralPrefix(std::string_view pattern);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_PATH_INDEX_H_
