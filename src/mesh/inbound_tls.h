// SPDX-License-Identifier: Apache-2.0
// InboundTls: the TLS of servers' filter chains, with certificates as they are now.

#ifndef MESHLIB_MESH_INBOUND_TLS_H_
#define MESHLIB_MESH_INBOUND_TLS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "resource/tls_context.h"
#include "server/inbound_policy.h"
#include "snapshot/tls_materials.h"
#include "tls/context.h"

namespace meshlib::mesh {

// A certificate or root that changes makes new contexts, for handshakes from then on. Chains that
// ask for the same have the same. Control thread only.
class InboundTls final {
 public:
  // REQUIRES: what `sources` names outlives it.
  explicit InboundTls(snapshot::TlsMaterialSources sources);
  ~InboundTls();
  InboundTls(const InboundTls&) = delete;
  InboundTls& operator=(const InboundTls&) = delete;

  // What it returns is thread-safe, may outlive this, and refuses handshakes with the reason while
  // the certificate or the roots are missing.
  server::ServerContextSource Resolve(const resource::TlsContext& settings);

 private:
  class Slot;
  struct Entry;

  void Refresh();
  absl::StatusOr<std::shared_ptr<const tls::ServerContext>> Compile(const Entry& entry) const;

  snapshot::TlsMaterials materials_;
  std::vector<Entry> entries_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_INBOUND_TLS_H_
