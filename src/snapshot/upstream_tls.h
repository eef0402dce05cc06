// SPDX-License-Identifier: Apache-2.0
// UpstreamTls: a TlsContext of a Cluster on its way into snapshots.

#ifndef MESHLIB_SNAPSHOT_UPSTREAM_TLS_H_
#define MESHLIB_SNAPSHOT_UPSTREAM_TLS_H_

#include <cstdint>
#include <memory>

#include "resource/tls_context.h"
#include "snapshot/client_tls.h"
#include "snapshot/tls_materials.h"

namespace meshlib::snapshot {

// Compiles it with the certificates and roots that it names, as they are. Control thread only.
class UpstreamTls final {
 public:
  // `by_host`: what the cluster leaves to the request's host, where `context` does not say it.
  UpstreamTls(const resource::TlsContext& context, ClientTls::ByHost by_host,
              TlsMaterials& materials);

  // For https:// URLs without a policy of their own: the machine's roots, the URL's host.
  static resource::TlsContext OfUrls();

  // Takes over certificates that have changed; whether current() is another one.
  bool Update();
  // Never null.
  const std::shared_ptr<const ClientTls>& current() const { return current_; }

 private:
  std::shared_ptr<const ClientTls> Compile() const;
  std::string Description() const;
  uint64_t Revision() const;

  const resource::TlsContext context_;
  const ClientTls::ByHost by_host_;
  const std::shared_ptr<const KeyPairMaterial> identity_;  // null: none is asked for
  const std::shared_ptr<const RootsMaterial> roots_;       // null: any chain is accepted
  std::shared_ptr<const tls::PeerVerifier> names_;         // null: any name is accepted
  uint64_t revision_ = 0;
  std::shared_ptr<const ClientTls> current_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_UPSTREAM_TLS_H_
