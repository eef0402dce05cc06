// SPDX-License-Identifier: Apache-2.0
// NearestName: which name somebody may have meant.

#ifndef MESHLIB_MANIFEST_NEAR_NAME_H_
#define MESHLIB_MANIFEST_NEAR_NAME_H_

#include <optional>
#include <span>
#include <string_view>

namespace meshlib::manifest {

// The one of `names` that differs least from `name` (letters added, left out, replaced or swapped;
// case and underscores count nothing), if it is near enough to be a slip: a third of the letters.
// Cost: O(names x length of each), names over 64 letters are near nothing.
std::optional<std::string_view> NearestName(std::string_view name,
                                            std::span<const std::string_view> names);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_NEAR_NAME_H_
