// SPDX-License-Identifier: Apache-2.0
#include "server/loop_server.h"

#include <utility>

#include "absl/time/clock.h"
#include "net/socket_stream.h"
#include "server/buffered_exchange.h"
#include "server/stream_exchange.h"

namespace meshlib::server {
namespace {

constexpr size_t kReadBufferSize = 64 * 1024;

}  // namespace

LoopServer::LoopServer(net::Loop& loop, std::shared_ptr<Serving> serving)
    : loop_(loop),
      serving_(std::move(serving)),
      policy_(std::make_shared<InboundPolicy>()),
      read_buffer_(kReadBufferSize) {}

LoopServer::~LoopServer() { CloseAll(absl::CancelledError("the server has gone")); }

void LoopServer::SetPolicy(std::shared_ptr<const InboundPolicy> policy) {
  policy_ = std::move(policy);
  looks_at_opening_ = policy_->LooksAtOpening();
  // From the back: a connection that ends is replaced by one that was asked already.
  for (size_t i = connections_.size(); i-- > 0;) connections_[i]->OnPolicy(policy_);
}

void LoopServer::Adopt(net::Fd fd, ConnectionFacts facts) {
  if (looks_at_opening_) {
    arrivals_.push_back(std::make_unique<Arrival>(*this, std::move(fd), std::move(facts)));
    Arrival& arrival = *arrivals_.back();
    arrival.set_index(arrivals_.size() - 1);
    if (draining()) arrival.Drain(drain_until_);
    return arrival.Start();
  }
  facts.application_protocols = {"http/1.1"};
  std::shared_ptr<const InboundChain> chain = Choose(facts);
  if (chain == nullptr || chain->refusal) {
    serving_->ReportRefusal(Refusal::kChain, facts.remote,
                            chain == nullptr ? "no filter chain is for it" : *chain->refusal,
                            loop_.Now());
    return CountDown();
  }
  Serve({.stream = std::make_unique<net::SocketStream>(std::move(fd)),
         .facts = std::move(facts),
         .chain = std::move(chain)});
}

std::shared_ptr<const InboundChain> LoopServer::Choose(const ConnectionFacts& facts) const {
  const InboundChain* chain = policy_->Choose(facts);
  if (chain == nullptr) return nullptr;
  return {policy_, chain};
}

void LoopServer::Serve(Incoming incoming) {
  connections_.push_back(std::make_unique<Connection>(*this, std::move(incoming)));
  Connection& connection = *connections_.back();
  connection.set_index(connections_.size() - 1);
  if (draining()) connection.Drain(drain_until_);
  connection.Start();
}

void LoopServer::Drain(absl::Duration idle_grace) {
  if (draining()) return;
  drain_until_ = loop_.Now() + idle_grace;
  for (const std::unique_ptr<Arrival>& arrival : arrivals_) arrival->Drain(drain_until_);
  for (const std::unique_ptr<Connection>& connection : connections_) {
    connection->Drain(drain_until_);
  }
}

void LoopServer::CloseAll(const absl::Status& status) {
  while (!arrivals_.empty()) arrivals_.back()->Close();
  while (!connections_.empty()) connections_.back()->Close(status);
}

std::unique_ptr<Exchange> LoopServer::MakeExchange(Connection& connection) {
  if (const auto* acceptor = std::get_if<StreamAcceptor>(&serving_->handler)) {
    return std::make_unique<StreamExchange>(connection, *acceptor);
  }
  return std::make_unique<BufferedExchange>(connection, serving_);
}

// RFC 9110 section 5.6.7.
std::string_view LoopServer::date() {
  if (loop_.Now() >= date_until_) {
    const absl::Time now = serving_->dependencies.clock.WallNow();
    date_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
    date_until_ = loop_.Now() + absl::Seconds(1);
  }
  return date_;
}

void LoopServer::Bury(Connection& connection) {
  const size_t index = connection.index();
  // Behind every task that the connection has posted.
  loop_.Post([dead = std::move(connections_[index])] {});
  if (index + 1 != connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->set_index(index);
  }
  connections_.pop_back();
  CountDown();
}

void LoopServer::Serve(Arrival& arrival, Incoming incoming) {
  Remove(arrival);
  Serve(std::move(incoming));
}

void LoopServer::Drop(Arrival& arrival) {
  Remove(arrival);
  CountDown();
}

void LoopServer::Remove(Arrival& arrival) {
  const size_t index = arrival.index();
  loop_.Post([dead = std::move(arrivals_[index])] {});
  if (index + 1 != arrivals_.size()) {
    arrivals_[index] = std::move(arrivals_.back());
    arrivals_[index]->set_index(index);
  }
  arrivals_.pop_back();
}

void LoopServer::CountDown() {
  load_.fetch_sub(1, std::memory_order_relaxed);
  serving_->connections.Remove();
}

}  // namespace meshlib::server
