// SPDX-License-Identifier: Apache-2.0
// The Listeners of programs that serve.

#ifndef MESHLIB_TRANSLATE_SERVER_LISTENERS_H_
#define MESHLIB_TRANSLATE_SERVER_LISTENERS_H_

#include <optional>
#include <string>
#include <string_view>

#include "ads_server/resource_source.h"
#include "translate/mesh_model.h"
#include "translate/node_class.h"
#include "translate/xds.h"

namespace meshlib::translate {

// Whether it is the name of one: "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080".
bool IsServerListener(std::string_view name);

// Only for ports that some service leads to: one that selects the node's labels (or names one of
// its addresses) and has the port as target.
std::optional<xds_listener::Listener> FindServerListener(const MeshModel& model,
                                                         const ads_server::Node& node, Shape shape,
                                                         const std::string& name);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_SERVER_LISTENERS_H_
