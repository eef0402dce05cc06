// SPDX-License-Identifier: Apache-2.0
// FirstBadByte: where text stops being text.

#ifndef MESHLIB_MANIFEST_UTF8_H_
#define MESHLIB_MANIFEST_UTF8_H_

#include <optional>
#include <string_view>

#include "manifest/yaml_text.h"

namespace meshlib::manifest {

// The first NUL, control character or byte that is not UTF-8 (RFC 3629: no surrogates, nothing
// overlong), which YAML excludes as well (YAML 1.2 section 5.1).
std::optional<YamlError> FirstBadByte(std::string_view text);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_UTF8_H_
