// SPDX-License-Identifier: Apache-2.0
// The node message of ADS requests.

#ifndef MESHLIB_XDS_NODE_MESSAGE_H_
#define MESHLIB_XDS_NODE_MESSAGE_H_

#include <string>

#include "xds/node_identity.h"

namespace meshlib::xds {

// A serialized envoy.config.core.v3.Node.
std::string EncodeNode(const NodeIdentity& node);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_NODE_MESSAGE_H_
