// SPDX-License-Identifier: Apache-2.0
// TLS of a server, as istiod describes it to sidecars and gRPC servers.

#ifndef MESHLIB_TRANSLATE_INBOUND_TLS_H_
#define MESHLIB_TRANSLATE_INBOUND_TLS_H_

#include "translate/trust_domains.h"
#include "translate/xds.h"

namespace meshlib::translate {

// Mutual TLS with the workload's certificate, for clients of these trust domains.
xds_core::TransportSocket SidecarServerSocket(const TrustDomains& domains);

// The same for stock gRPC, which knows no names of clients.
xds_core::TransportSocket GrpcServerSocket();

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_INBOUND_TLS_H_
