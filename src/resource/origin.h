// SPDX-License-Identifier: Apache-2.0
// Origin: which object of the user's a resource came from.

#ifndef MESHLIB_RESOURCE_ORIGIN_H_
#define MESHLIB_RESOURCE_ORIGIN_H_

#include <string>

namespace meshlib::resource {

// From filter_metadata["istio"]["config"], "/apis/networking.istio.io/v1/namespaces/NS/KIND/NAME",
// as istiod and the embedded control plane write it. Empty when there is none. A value.
struct Origin {
  std::string object;  // "VirtualService default/reviews"
  std::string field;   // "http[0]" where known (the embedded control plane), else empty

  bool empty() const { return object.empty(); }
  std::string ToString() const { return field.empty() ? object : object + " " + field; }
  friend bool operator==(const Origin&, const Origin&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_ORIGIN_H_
