// SPDX-License-Identifier: Apache-2.0
// TLS of a server, as istiod describes it to sidecars and gRPC servers.

#ifndef MESHLIB_TRANSLATE_INBOUND_TLS_H_
#define MESHLIB_TRANSLATE_INBOUND_TLS_H_

#include "translate/xds.h"

namespace meshlib::translate {

// Mutual TLS with the workload's certificate, for clients of the own trust domain.
xds_core::TransportSocket SidecarServerSocket();

// The same for stock gRPC, which knows no names of clients.
xds_core::TransportSocket GrpcServerSocket();

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_INBOUND_TLS_H_
