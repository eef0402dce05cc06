// SPDX-License-Identifier: Apache-2.0
#include "connection/endpoint_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connection/connection_pools.h"
#include "net/socket_stream.h"
#include "tls/engine.h"
#include "transport/tls_handshake.h"

namespace meshlib::connection {
namespace {

// A send on a connection that the peer has closed succeeds, and the request is lost: one that was
// idle for longer than this is looked at before it is used.
constexpr absl::Duration kTrustedIdle = absl::Milliseconds(10);

}  // namespace

// A connection that is being made.
struct EndpointPool::Connecting {
  Connecting(net::Loop& loop, absl::Time connect_deadline,
             std::shared_ptr<const tls::ClientContext> context)
      : deadline(connect_deadline), tls(std::move(context)), connector(loop), handshake(loop) {}

  const absl::Time deadline;
  const std::shared_ptr<const tls::ClientContext> tls;  // null: plaintext
  Connector connector;
  transport::TlsHandshake handshake;
};

void ConnectionWaiter::StopWaiting() {
  if (pool_ != nullptr) pool_->Remove(*this);
}

EndpointPool::EndpointPool(ConnectionPools& pools, std::shared_ptr<pick::EndpointState> endpoint,
                           std::shared_ptr<pick::ClusterState> cluster)
    : pools_(pools),
      endpoint_(std::move(endpoint)),
      cluster_(std::move(cluster)),
      name_(endpoint_->address().ToString()),
      addresses_({endpoint_->address()}),
      idle_timer_(pools.loop().timers(), [this] { Sweep(); }) {}

EndpointPool::~EndpointPool() {
  while (first_ != nullptr) Remove(*first_);
  for (size_t open = connections_.size() + connecting_.size(); open > 0; --open) {
    UncountConnection();
  }
}

EndpointPool::Acquired EndpointPool::Acquire(const PoolSettings& settings, const ConnectTo& to,
                                             ConnectionWaiter& waiter,
                                             Http1Connection** connection) {
  Adopt(settings, to);
  *connection = TakeIdle();
  if (*connection != nullptr) return Acquired::kReady;
  if (cluster_->pending_requests.fetch_add(1) >= settings_.max_pending_requests) {
    cluster_->pending_requests.fetch_sub(1);
    return Acquired::kOverflow;
  }
  Enqueue(waiter);
  ServeWaiters();
  return Acquired::kWaiting;
}

void EndpointPool::Adopt(const PoolSettings& settings, const ConnectTo& to) {
  settings_ = settings;
  if (to.tls == nullptr) {
    tls_.reset();
  } else if (tls_ != *to.tls) {
    tls_ = *to.tls;
  }
  const size_t more = to.more_addresses == nullptr ? 0 : to.more_addresses->size();
  const bool is_same = addresses_.size() == more + 1 &&
                       (more == 0 || std::equal(addresses_.begin() + 1, addresses_.end(),
                                                to.more_addresses->begin()));
  if (is_same) return;
  addresses_.resize(1);
  if (more > 0) {
    addresses_.insert(addresses_.end(), to.more_addresses->begin(), to.more_addresses->end());
  }
}

bool EndpointPool::IsOfPolicy(const std::shared_ptr<const tls::ClientContext>& tls) const {
  if (tls == tls_) return true;
  if (tls == nullptr || tls_ == nullptr) return false;
  return tls->settings().policy == tls_->settings().policy;
}

bool EndpointPool::CloseOneIdle() {
  if (idle_.empty()) return false;
  Discard(*idle_.front());
  return true;
}

void EndpointPool::ServeWaiters() {
  while (connecting_.size() < waiting_) {
    // One that is open on this loop serves them when its exchange ends.
    if (!TakeRoom() && !(connections_.empty() && connecting_.empty() && AskForRoom())) return;
    Open();
  }
}

// Not a look and then a count: other loops do the same.
bool EndpointPool::CountConnection() {
  uint32_t open = cluster_->connections.load();
  while (open < settings_.max_connections) {
    if (cluster_->connections.compare_exchange_weak(open, open + 1)) return true;
  }
  return false;
}

bool EndpointPool::TakeRoom() {
  return CountConnection() || (pools_.CloseOneIdle(*cluster_) && CountConnection());
}

bool EndpointPool::AskForRoom() {
  pools_.AskForRoom(cluster_);
  // One that went before the broker knew of us is not told of.
  return CountConnection();
}

void EndpointPool::Sweep() {
  const absl::Time now = pools_.loop().Now();
  for (size_t i = idle_.size(); i-- > 0;) {
    Http1Connection* connection = idle_[i];
    if (IsWorn(*connection) || connection->idle_since() + settings_.idle_timeout <= now) {
      Discard(*connection);
    }
  }
  ArmIdleTimer();
}

bool EndpointPool::IsUnused() const {
  return connections_.empty() && connecting_.empty() && first_ == nullptr;
}

void EndpointPool::OnExchangeEnded(Http1Connection& connection, bool reusable) {
  if (!reusable || IsWorn(connection)) {
    Discard(connection);
    return ServeWaiters();
  }
  Offer(connection);
}

void EndpointPool::Offer(Http1Connection& connection) {
  if (first_ != nullptr) {
    ConnectionWaiter& waiter = *first_;
    Remove(waiter);
    return waiter.OnConnection(connection);
  }
  if (pools_.broker().IsAsked(*cluster_)) return Discard(connection);
  KeepIdle(connection);
}

void EndpointPool::OnIdleBroken(Http1Connection& connection) { Discard(connection); }

Http1Connection* EndpointPool::TakeIdle() {
  const absl::Time now = pools_.loop().Now();
  while (!idle_.empty()) {
    Http1Connection* connection = idle_.back();
    const bool trusted = now - connection->idle_since() <= kTrustedIdle;
    if (!IsWorn(*connection) && (trusted || connection->IsSilent())) {
      idle_.pop_back();
      return connection;
    }
    Discard(*connection);
  }
  return nullptr;
}

bool EndpointPool::IsWorn(const Http1Connection& connection) const {
  if (endpoint_->withdrawn.load(std::memory_order_relaxed)) return true;
  if (!IsOfPolicy(connection.tls())) return true;
  if (settings_.max_requests_per_connection &&
      connection.exchanges() >= *settings_.max_requests_per_connection) {
    return true;
  }
  return settings_.max_connection_duration &&
         pools_.loop().Now() - connection.opened_at() >= *settings_.max_connection_duration;
}

void EndpointPool::KeepIdle(Http1Connection& connection) {
  idle_.push_back(&connection);
  if (!idle_timer_.armed()) ArmIdleTimer();
}

void EndpointPool::Discard(Http1Connection& connection) {
  std::erase(idle_, &connection);
  const auto it = std::find_if(connections_.begin(), connections_.end(),
                               [&](const auto& other) { return other.get() == &connection; });
  if (it == connections_.end()) return;
  connection.Close();
  pools_.Bury(std::move(*it));
  *it = std::move(connections_.back());
  connections_.pop_back();
  UncountConnection();
}

void EndpointPool::Open() {
  endpoint_->connections.fetch_add(1, std::memory_order_relaxed);
  connecting_.push_back(std::make_unique<Connecting>(
      pools_.loop(), pools_.loop().Now() + settings_.connect_timeout, tls_));
  Connecting* connecting = connecting_.back().get();
  connecting->connector.Start(
      addresses_, settings_.connect_timeout,
      [this, connecting](absl::StatusOr<net::Fd> fd) { OnConnected(connecting, std::move(fd)); });
}

void EndpointPool::OnConnected(Connecting* connecting, absl::StatusOr<net::Fd> fd) {
  if (!fd.ok()) return OnOpened(connecting, fd.status());
  auto socket = std::make_unique<net::SocketStream>(*std::move(fd));
  if (connecting->tls == nullptr) return OnOpened(connecting, std::move(socket));
  connecting->handshake.Start(
      std::move(socket), std::make_unique<tls::Engine>(connecting->tls),
      absl::Ceil(connecting->deadline - pools_.loop().Now(), absl::Milliseconds(1)),
      [this, connecting](absl::StatusOr<std::unique_ptr<transport::TlsStream>> stream) {
        OnSecured(connecting, std::move(stream));
      });
}

void EndpointPool::OnSecured(Connecting* connecting,
                             absl::StatusOr<std::unique_ptr<transport::TlsStream>> stream) {
  absl::Status secured = stream.status();
  // What comes before a request is the answer to none. A TLS 1.3 server judges our certificate when
  // we are done already, so its alert may be here, or any time later.
  if (secured.ok() && !(*stream)->IsSilent()) {
    secured = (*stream)->error();
    if (secured.ok()) {
      secured = absl::UnavailableError("TLS: the peer spoke before it was asked, or left");
    }
  }
  if (secured.ok()) return OnOpened(connecting, *std::move(stream));
  OnOpened(connecting,
           absl::Status(secured.code(), absl::StrCat("connect ", name_, ": ", secured.message())));
}

void EndpointPool::OnOpened(Connecting* connecting,
                            absl::StatusOr<std::unique_ptr<net::ByteStream>> stream) {
  const std::shared_ptr<const tls::ClientContext> tls = connecting->tls;
  std::erase_if(connecting_, [&](const auto& other) { return other.get() == connecting; });
  if (!IsOfPolicy(tls)) {
    // It has changed meanwhile: what became of this says nothing about what is wanted now.
    UncountConnection();
    return ServeWaiters();
  }
  absl::Status opened = stream.status();
  if (opened.ok()) {
    Http1Connection::Owner& self = *this;
    connections_.push_back(std::make_unique<Http1Connection>(pools_.loop(), *std::move(stream),
                                                             self, pools_.read_buffer(), tls));
    opened = connections_.back()->Open();
    // Also where the endpoint has been withdrawn meanwhile: its waiters chose it before that, and
    // would wait for ever for a connection that is not worn.
    if (opened.ok()) return Offer(*connections_.back());
    connections_.pop_back();
  }
  UncountConnection();
  FailWaiters(opened);
}

// Envoy: whoever waits when connecting fails decides anew, instead of waiting behind a dead peer.
void EndpointPool::FailWaiters(const absl::Status& cause) {
  for (size_t left = waiting_; left > 0 && first_ != nullptr; --left) {
    ConnectionWaiter& waiter = *first_;
    Remove(waiter);
    waiter.OnConnectionFailed(cause);
  }
}

void EndpointPool::Enqueue(ConnectionWaiter& waiter) {
  waiter.pool_ = this;
  waiter.previous_ = last_;
  waiter.next_ = nullptr;
  (last_ == nullptr ? first_ : last_->next_) = &waiter;
  last_ = &waiter;
  ++waiting_;
}

void EndpointPool::Remove(ConnectionWaiter& waiter) {
  (waiter.previous_ == nullptr ? first_ : waiter.previous_->next_) = waiter.next_;
  (waiter.next_ == nullptr ? last_ : waiter.next_->previous_) = waiter.previous_;
  waiter.pool_ = nullptr;
  --waiting_;
  cluster_->pending_requests.fetch_sub(1, std::memory_order_relaxed);
}

void EndpointPool::ArmIdleTimer() {
  if (idle_.empty()) return idle_timer_.Cancel();
  const absl::Duration age = settings_.max_connection_duration.value_or(absl::InfiniteDuration());
  absl::Time first = idle_.front()->idle_since() + settings_.idle_timeout;
  for (const Http1Connection* connection : idle_) {
    first = std::min(first, connection->opened_at() + age);
  }
  idle_timer_.ArmAt(first);
}

void EndpointPool::UncountConnection() {
  cluster_->connections.fetch_sub(1);
  endpoint_->connections.fetch_sub(1, std::memory_order_relaxed);
  pools_.broker().OnClosed(*cluster_);
}

}  // namespace meshlib::connection
