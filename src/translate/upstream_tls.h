// SPDX-License-Identifier: Apache-2.0
// TLS of a client, as istiod describes it to sidecars and gRPC clients.

#ifndef MESHLIB_TRANSLATE_UPSTREAM_TLS_H_
#define MESHLIB_TRANSLATE_UPSTREAM_TLS_H_

#include <string>
#include <vector>

#include "manifest/traffic_policy.h"
#include "translate/xds.h"

namespace meshlib::translate {

// A value.
struct PeerNames {
  std::string sni;
  std::vector<std::string> subject_alt_names;  // any of them; empty: whatever the roots vouch for
};

// Sets the cluster's transport socket, or the two that endpoints choose from by their tlsMode:
// Istio's mutual TLS where they accept it, plaintext elsewhere. `tls` may be null: Istio's
// automatic choice, which is plaintext for a service outside the mesh. `http2` decides on the ALPN
// names.
void ApplySidecarTls(const manifest::ClientTls* tls, const PeerNames& peer, bool external,
                     bool http2, xds_cluster::Cluster& cluster);

// What stock gRPC understands: mutual TLS with the certificates of its bootstrap, if the
// DestinationRule asks for ISTIO_MUTUAL.
void ApplyGrpcTls(const manifest::ClientTls* tls, const PeerNames& peer,
                  xds_cluster::Cluster& cluster);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_UPSTREAM_TLS_H_
