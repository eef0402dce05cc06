// SPDX-License-Identifier: Apache-2.0
// EndpointPool: the connections of one loop to one endpoint.

#ifndef MESHLIB_CONNECTION_ENDPOINT_POOL_H_
#define MESHLIB_CONNECTION_ENDPOINT_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/timer.h"
#include "connection/connection_waiter.h"
#include "connection/connector.h"
#include "connection/http1_connection.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "pick/endpoint_state.h"
#include "resource/address.h"
#include "tls/context.h"
#include "transport/tls_stream.h"

namespace meshlib::connection {

class ConnectionPools;

// Where connections of a pool go to, and how. A value; what it points to must stay valid for as
// long as it is used.
struct ConnectTo {
  // Besides that of the endpoint; all of them are raced. Null: none.
  const std::vector<resource::Address>* more_addresses = nullptr;
  // What new connections are secured with. Null: they are plaintext.
  const std::shared_ptr<const tls::ClientContext>* tls = nullptr;
};

// What a Cluster says about its connections. A value.
struct PoolSettings {
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration idle_timeout = absl::Minutes(4);
  std::optional<uint32_t> max_requests_per_connection;
  std::optional<absl::Duration> max_connection_duration;
  uint32_t max_connections = 1024;       // of the Cluster, over all loops
  uint32_t max_pending_requests = 1024;  // as well
  friend bool operator==(const PoolSettings&, const PoolSettings&) = default;
};

// Connections are used last in, first out, and wait in the pool between two exchanges. Requests
// that find none wait in order of arrival; when connecting fails, all that wait fail (Envoy).
//
// A connection is used for requests that ask for the very policy that it was made under
// (tls::ClientSettings::policy): one that was secured otherwise, or not at all, is closed instead.
//
// Loop-bound: use only on the loop of its ConnectionPools.
class EndpointPool final : private Http1Connection::Owner {
 public:
  EndpointPool(ConnectionPools& pools, std::shared_ptr<pick::EndpointState> endpoint,
               std::shared_ptr<pick::ClusterState> cluster);
  ~EndpointPool() override;
  EndpointPool(const EndpointPool&) = delete;
  EndpointPool& operator=(const EndpointPool&) = delete;

  enum class Acquired : uint8_t {
    kReady,     // `*connection` is idle and must be used at once
    kWaiting,   // `waiter` will be told
    kOverflow,  // the Cluster's max_pending_requests wait already
  };
  Acquired Acquire(const PoolSettings& settings, const ConnectTo& to, ConnectionWaiter& waiter,
                   Http1Connection** connection);

  // Closes one idle connection; false when there is none.
  bool CloseOneIdle();
  // Opens connections for those who wait, as far as the Cluster's limit allows.
  void ServeWaiters();
  // Closes idle connections that are not wanted any more.
  void Sweep();
  // Neither connections nor waiters.
  bool IsUnused() const;

  pick::ClusterState& cluster() { return *cluster_; }
  pick::EndpointState& endpoint() { return *endpoint_; }
  // The endpoint's address as text.
  const std::string& name() const { return name_; }
  size_t idle() const { return idle_.size(); }
  size_t open() const { return connections_.size(); }

 private:
  friend class ConnectionWaiter;
  struct Connecting;

  void OnExchangeEnded(Http1Connection& connection, bool reusable) override;
  void OnIdleBroken(Http1Connection& connection) override;

  void Adopt(const PoolSettings& settings, const ConnectTo& to);
  // Whether what was made with `tls` serves requests of now.
  bool IsOfPolicy(const std::shared_ptr<const tls::ClientContext>& tls) const;
  // Counts one connection more, if the Cluster's limit allows it.
  bool CountConnection();
  bool TakeRoom();
  bool AskForRoom();
  Http1Connection* TakeIdle();
  // To the first waiter, or to the idle ones.
  void Offer(Http1Connection& connection);
  bool IsWorn(const Http1Connection& connection) const;
  void KeepIdle(Http1Connection& connection);
  void Discard(Http1Connection& connection);
  void Open();  // counted in the Cluster already
  void OnConnected(Connecting* connecting, absl::StatusOr<net::Fd> fd);
  void OnSecured(Connecting* connecting,
                 absl::StatusOr<std::unique_ptr<transport::TlsStream>> stream);
  void OnOpened(Connecting* connecting, absl::StatusOr<std::unique_ptr<net::ByteStream>> stream);
  void FailWaiters(const absl::Status& cause);
  void Enqueue(ConnectionWaiter& waiter);  // counted in pending_requests already
  void Remove(ConnectionWaiter& waiter);
  void ArmIdleTimer();
  void UncountConnection();

  ConnectionPools& pools_;
  const std::shared_ptr<pick::EndpointState> endpoint_;
  const std::shared_ptr<pick::ClusterState> cluster_;
  const std::string name_;
  std::vector<resource::Address> addresses_;
  PoolSettings settings_;
  std::shared_ptr<const tls::ClientContext> tls_;  // null: plaintext

  std::vector<std::unique_ptr<Http1Connection>> connections_;  // connected ones, idle or not
  std::vector<Http1Connection*> idle_;                         // the one used last is at the back
  std::vector<std::unique_ptr<Connecting>> connecting_;
  ConnectionWaiter* first_ = nullptr;
  ConnectionWaiter* last_ = nullptr;
  size_t waiting_ = 0;
  base::Timer idle_timer_;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_ENDPOINT_POOL_H_
