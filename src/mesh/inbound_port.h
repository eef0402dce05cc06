// SPDX-License-Identifier: Apache-2.0
// InboundPort: a server's port as a member of the mesh.

#ifndef MESHLIB_MESH_INBOUND_PORT_H_
#define MESHLIB_MESH_INBOUND_PORT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/event_loop.h"
#include "base/subscription.h"
#include "base/timer.h"
#include "mesh/log.h"
#include "meshlib/http_server.h"
#include "resource/listener.h"
#include "resource/tls_context.h"
#include "server/inbound_policy.h"
#include "xds/ads_client.h"

namespace meshlib::mesh {

// Where the certificates for a chain's TLS come from ("default" and "ROOTCA" are the workload's).
// Asked once for each chain of a policy, on the control thread; never gives an empty source. The
// source is asked at each handshake, and while it has none, the chain refuses connections;
// UNAVAILABLE says that it will have one.
using ResolveServerTls =
    std::function<server::ServerContextSource(const resource::TlsContext& settings)>;

// Tells when sources of ResolveServerTls have begun to give something else.
using WatchServerTls = std::function<base::Subscription(std::function<void()> changed)>;

// What a server's Listener says about its connections and Calls. Where it asks for TLS or for
// authorization, nothing is served without.
server::InboundPolicy InboundPolicyOf(const resource::Listener& listener,
                                      const ResolveServerTls& resolve);

// Subscribes to the inbound Listener of an address, which registers the workload with a control
// plane of ours, and hands its policy on. One that cannot be followed leaves the last good one in
// use; without that the port stays closed, and one that served without policy fails its Calls.
// The first policy is handed on when the certificates that it asks for are there, or will not come:
// clients wait in the kernel until then. Destroying it deregisters.
// Control thread only.
class InboundPort final {
 public:
  using Configure = std::function<void(server::InboundPolicy)>;

  // `address`: "127.0.1.1:9080". `configure` is called with every new policy, not after the
  // destruction. REQUIRES: `ads`, `loop` and `log` outlive it.
  InboundPort(const std::string& address, Unconfigured unconfigured, xds::AdsClient& ads,
              base::EventLoop& loop, const Log& log, ResolveServerTls resolve, Configure configure,
              const WatchServerTls& watch_tls = nullptr);

 private:
  void OnListener(const xds::AdsClient::Update<resource::Listener>& update);
  void OnOverdue();
  bool MayServePlaintext() const;
  void Apply(server::InboundPolicy policy);
  void ApplyFirst(server::InboundPolicy policy);
  void OnTlsChanged();
  void LogFailure(const server::InboundChain& chain) const;

  const std::string address_;
  const Unconfigured unconfigured_;
  const xds::AdsClient& ads_;
  const Log& log_;
  const ResolveServerTls resolve_;
  const Configure configure_;
  bool configured_ = false;
  bool has_policy_ = false;   // of the control plane; otherwise what is configured is ours
  bool is_rejected_ = false;  // there is a policy, and it cannot be followed
  std::optional<server::InboundPolicy> held_;  // until its certificates are there
  base::Timer overdue_timer_;
  base::Subscription tls_watch_;
  base::Subscription watch_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_INBOUND_PORT_H_
