// SPDX-License-Identifier: Apache-2.0
#include "manifest/near_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"

namespace meshlib::manifest {
namespace {

constexpr size_t kLongestName = 64;
using Row = std::array<size_t, kLongestName + 1>;

// Lower case, without underscores and hyphens.
std::string Folded(std::string_view name) {
  std::string folded;
  for (char c : name) {
    if (c != '_' && c != '-') folded += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return folded;
}

// Damerau-Levenshtein with adjacent swaps. REQUIRES: neither is longer than kLongestName.
size_t Distance(std::string_view a, std::string_view b) {
  Row before_last{}, last{}, row{};
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> NearestName(std::string_view name,
                                            std::span<const std::string_view> names) {
  if (name.size() > kLongestName) return std::nullopt;
  const std::string wanted = Folded(name);
  std::optional<std::string_view> nearest;
  size_t least = std::max<size_t>(1, wanted.size() / 3) + 1;
  for (std::string_view candidate : names) {
    if (candidate.size() > kLongestName) continue;
    const size_t distance = Distance(wanted, Folded(candidate));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace meshlib::manifest
