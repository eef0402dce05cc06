// SPDX-License-Identifier: Apache-2.0
// HeaderMutations: headers to add and to remove on a level of the route configuration.

#ifndef MESHLIB_RESOURCE_HEADER_MUTATION_H_
#define MESHLIB_RESOURCE_HEADER_MUTATION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace meshlib::resource {

// envoy.config.core.v3.HeaderValueOption. A value.
struct HeaderAddition {
  enum class Action : uint8_t {
    kAppendIfExistsOrAdd,
    kAddIfAbsent,
    kOverwriteIfExistsOrAdd,
    kOverwriteIfExists,
  };

  std::string name;   // lower case
  std::string value;  // with Envoy's %COMMANDS%, e.g. %REQ(x-user)%
  Action action = Action::kAppendIfExistsOrAdd;
  bool keep_empty_value = false;
  friend bool operator==(const HeaderAddition&, const HeaderAddition&) = default;
};

// A value. Removals come first, then additions in order (Envoy's HeaderParser).
struct HeaderMutations {
  std::vector<HeaderAddition> add;
  std::vector<std::string> remove;  // lower case

  bool empty() const { return add.empty() && remove.empty(); }
  friend bool operator==(const HeaderMutations&, const HeaderMutations&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_HEADER_MUTATION_H_
