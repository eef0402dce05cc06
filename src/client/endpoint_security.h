// SPDX-License-Identifier: Apache-2.0
// EndpointSecurity: how connections to an endpoint are secured for one Call.

#ifndef MESHLIB_CLIENT_ENDPOINT_SECURITY_H_
#define MESHLIB_CLIENT_ENDPOINT_SECURITY_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/destination.h"
#include "resource/endpoint_set.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::client {

// The Cluster's policy for the endpoint's TlsMode; where it has none, that of https:// URLs, if it
// is one. A value; what it points to lives as long as snapshot and host.
struct EndpointSecurity {
  bool wanted = false;                       // otherwise plaintext
  bool by_mode = false;                      // the Cluster leaves it to the endpoint's TlsMode
  const snapshot::ClientTls* tls = nullptr;  // null, though wanted: no Call can be made
  std::string_view host;                     // for ClientTls::For(); empty: it does not matter
  // Null for plaintext. An error is why the policy cannot be followed.
  absl::StatusOr<std::shared_ptr<const tls::ClientContext>> Context() const;
  // Whether Context() is an error that a later snapshot ends.
  bool IsAwaited() const { return tls != nullptr && tls->is_awaited(); }
  // "TLS, SNI ...", "plaintext: no tlsMode istio", and what is wrong with it.
  std::string Describe() const;
};

// `authority`: as sent to the peer.
EndpointSecurity SecurityOf(const snapshot::MeshSnapshot& snapshot,
                            const snapshot::ClusterEntry& cluster, resource::TlsMode mode,
                            const Destination& destination, std::string_view authority);

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_ENDPOINT_SECURITY_H_
