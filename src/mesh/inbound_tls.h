// SPDX-License-Identifier: Apache-2.0
// InboundTls: the TLS of servers' filter chains, with certificates as they are now.

#ifndef MESHLIB_MESH_INBOUND_TLS_H_
#define MESHLIB_MESH_INBOUND_TLS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/subscription.h"
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
  // the certificate or the roots are missing: UNAVAILABLE where they are those of the workload and
  // will come.
  server::ServerContextSource Resolve(const resource::TlsContext& settings);
  // `changed` is called when sources have begun to give something else. The Subscription may
  // outlive this.
  base::Subscription Watch(std::function<void()> changed);

 private:
  class Slot;
  struct Entry;
  struct Watchers {
    uint64_t next = 0;
    std::map<uint64_t, std::function<void()>> by_id;
  };

  void Refresh();
  absl::StatusOr<std::shared_ptr<const tls::ServerContext>> Compile(const Entry& entry) const;

  snapshot::TlsMaterials materials_;
  std::vector<Entry> entries_;
  const std::shared_ptr<Watchers> watchers_ = std::make_shared<Watchers>();
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_INBOUND_TLS_H_
