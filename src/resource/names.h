// SPDX-License-Identifier: Apache-2.0
// Strong types for the names of xDS resources.

#ifndef MESHLIB_RESOURCE_NAMES_H_
#define MESHLIB_RESOURCE_NAMES_H_

#include <compare>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace meshlib::resource {

// A resource name of one kind; names of two kinds do not compare or convert. A value.
template <typename Kind>
struct Name {
  std::string value;

  Name() = default;
  explicit Name(std::string name) : value(std::move(name)) {}

  friend auto operator<=>(const Name&, const Name&) = default;
  friend bool operator==(const Name&, const Name&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Name& name) {
    return H::combine(std::move(h), name.value);
  }
  const std::string& ToString() const { return value; }
};

using ListenerName = Name<struct ListenerKind>;
using RouteConfigName = Name<struct RouteConfigKind>;
using ClusterName = Name<struct ClusterKind>;
using EndpointSetName = Name<struct EndpointSetKind>;
using SecretName = Name<struct SecretKind>;

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_NAMES_H_
