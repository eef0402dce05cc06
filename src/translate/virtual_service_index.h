// SPDX-License-Identifier: Apache-2.0
// VirtualServiceIndex: which VirtualServices apply to whom, in which order.

#ifndef MESHLIB_TRANSLATE_VIRTUAL_SERVICE_INDEX_H_
#define MESHLIB_TRANSLATE_VIRTUAL_SERVICE_INDEX_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"
#include "translate/sidecar_index.h"

namespace meshlib::translate {

inline constexpr std::string_view kMeshGateway = "mesh";

// A VirtualService with its names resolved from its namespace. Points into the Manifest or the
// VirtualServiceIndex. A value.
struct BoundVirtualService {
  const manifest::VirtualService* source = nullptr;
  std::vector<std::string> hosts;     // lower case, complete
  std::vector<std::string> gateways;  // "mesh" or "namespace/name"
  std::vector<std::string> fields{};  // where each route comes from; empty: "http[i]"

  const std::string& name_space() const { return source->meta.name_space; }
};

// "gateway" or "./gateway" of an object in "default" is "default/gateway"; "mesh" is itself.
std::string GatewayName(std::string_view gateway, std::string_view name_space);

// Immutable; share freely.
class VirtualServiceIndex final {
 public:
  // `manifest` must outlive it.
  explicit VirtualServiceIndex(const manifest::Manifest& manifest);
  VirtualServiceIndex(const VirtualServiceIndex&) = delete;
  VirtualServiceIndex& operator=(const VirtualServiceIndex&) = delete;

  // Those bound to `gateway` that a client of that namespace sees: what is private to the
  // namespace, then what is exported to it by name, then what is there for everybody; the oldest
  // first. Of two with the same host, the first wins. Only what `imported` covers.
  std::vector<const BoundVirtualService*> For(const std::string& client_namespace,
                                              std::string_view gateway,
                                              const EgressHosts& imported = {}) const;

 private:
  std::vector<std::unique_ptr<const manifest::VirtualService>> merged_;  // with their delegates
  std::vector<BoundVirtualService> oldest_first_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_VIRTUAL_SERVICE_INDEX_H_
