// SPDX-License-Identifier: Apache-2.0
// ResourceType: what AdsClient must know of a type of xDS resource.

#ifndef MESHLIB_XDS_RESOURCE_TYPE_H_
#define MESHLIB_XDS_RESOURCE_TYPE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "resource/report.h"

namespace meshlib::xds {

// A value.
struct ResourceType {
  std::string type_url;
  std::string label;        // for messages: "Listener"
  bool full_state = false;  // a state-of-the-world response lists all there is (LDS and CDS)
  // Produces the validated resource from its serialized message, adds to the report what became of
  // its fields. The error lists all problems with their field paths; it becomes the NACK's text.
  std::function<absl::StatusOr<std::shared_ptr<const void>>(std::string_view bytes,
                                                            resource::Report& report)>
      decode;
};

// A ResourceType whose resources are values of T, so that watchers need no cast. A value.
template <typename T>
struct ResourceTypeOf {
  ResourceType untyped;

  using Decode =
      std::function<absl::StatusOr<std::shared_ptr<const T>>(std::string_view, resource::Report&)>;

  static ResourceTypeOf Listed(std::string_view url, std::string label, Decode decode) {
    return {{std::string(url), std::move(label), true, Erase(std::move(decode))}};
  }
  static ResourceTypeOf Named(std::string_view url, std::string label, Decode decode) {
    return {{std::string(url), std::move(label), false, Erase(std::move(decode))}};
  }

 private:
  static auto Erase(Decode decode) {
    return [decode = std::move(decode)](
               std::string_view bytes,
               resource::Report& report) -> absl::StatusOr<std::shared_ptr<const void>> {
      absl::StatusOr<std::shared_ptr<const T>> value = decode(bytes, report);
      if (!value.ok()) return value.status();
      return std::shared_ptr<const void>(*std::move(value));
    };
  }
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_RESOURCE_TYPE_H_
