// SPDX-License-Identifier: Apache-2.0
// The types of resources that meshlib asks a control plane for.

#ifndef MESHLIB_XDS_DECODE_TYPES_H_
#define MESHLIB_XDS_DECODE_TYPES_H_

#include "resource/cluster.h"
#include "resource/endpoint_set.h"
#include "resource/listener.h"
#include "resource/route_config.h"
#include "xds/resource_type.h"

namespace meshlib::xds {

ResourceTypeOf<resource::Listener> ListenerType();
ResourceTypeOf<resource::RouteConfig> RouteConfigType();
ResourceTypeOf<resource::Cluster> ClusterType();
ResourceTypeOf<resource::EndpointSet> EndpointSetType();

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_TYPES_H_
