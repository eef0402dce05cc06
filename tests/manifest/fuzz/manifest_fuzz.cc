// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as a manifest, and checks it. Whatever they are, it ends, and soon.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifest/check.h"
#include "manifest/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace manifest = meshlib::manifest;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const manifest::LoadResult result = manifest::LoadText(text, "fuzz", {.keep_broken = true});
  manifest::ToJson(result.problems);
  manifest::ToText(manifest::Check(result.manifest, {}));
  return 0;
}
