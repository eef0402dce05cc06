// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <cstdio>

namespace meshlib::base {

void ReportBug(std::string_view file, int line, std::string_view message) {
  std::fprintf(stderr, "meshlib bug at %.*s:%d: %.*s\n", static_cast<int>(file.size()), file.data(),
               line, static_cast<int>(message.size()), message.data());
}

}  // namespace meshlib::base
