// SPDX-License-Identifier: Apache-2.0
// AbslView and StdView: the two string views, where abseil's is not std's.

#ifndef MESHLIB_BASE_STRING_VIEW_H_
#define MESHLIB_BASE_STRING_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace meshlib::base {

inline absl::string_view AbslView(std::string_view view) { return {view.data(), view.size()}; }
inline std::string_view StdView(absl::string_view view) { return {view.data(), view.size()}; }

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_STRING_VIEW_H_
