// SPDX-License-Identifier: Apache-2.0
// LoopServer: the part of a Server that lives on one loop.

#ifndef MESHLIB_SERVER_LOOP_SERVER_H_
#define MESHLIB_SERVER_LOOP_SERVER_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/random.h"
#include "net/fd.h"
#include "net/loop.h"
#include "server/arrival.h"
#include "server/chain_match.h"
#include "server/connection.h"
#include "server/exchange.h"
#include "server/inbound_policy.h"
#include "server/incoming.h"
#include "server/serving.h"

namespace meshlib::server {

// Owns the Connections of its loop, and what they share: the policy, buffers, the date.
// Loop-bound: use only on the loop passed to the constructor, but for load().
class LoopServer final {
 public:
  LoopServer(net::Loop& loop, std::shared_ptr<Serving> serving);
  // Closes what is left.
  ~LoopServer();
  LoopServer(const LoopServer&) = delete;
  LoopServer& operator=(const LoopServer&) = delete;

  // For new connections, and for those there are as far as they may go on under it.
  void SetPolicy(std::shared_ptr<const InboundPolicy> policy);
  // Takes a connection that was accepted.
  void Adopt(net::Fd fd, ConnectionFacts facts);
  // Ends connections as their Calls end, and those without one after `idle_grace`.
  void Drain(absl::Duration idle_grace);
  void CloseAll(const absl::Status& status);

  // How many connections it has or will have; whoever hands one over adds to it. Thread-safe.
  std::atomic<size_t>& load() { return load_; }

  // For Connections.
  net::Loop& loop() { return loop_; }
  base::Random& random() { return random_; }
  Serving& serving() { return *serving_; }
  bool draining() const { return drain_until_ != absl::InfiniteFuture(); }
  std::unique_ptr<Exchange> MakeExchange(Connection& connection);
  // For one read; and for what Connection::pending_ held while it is decoded.
  std::span<char> read_buffer() { return read_buffer_; }
  std::string TakeScratch() { return std::move(scratch_); }
  void ReturnScratch(std::string scratch) { scratch_ = std::move(scratch); }
  // Of now, as Date wants it; one second old at most.
  std::string_view date();
  // Destroys it, behind the tasks that are queued.
  void Bury(Connection& connection);

  // For Arrivals. Serve() and Drop() destroy it, behind the tasks that are queued.
  // Null: no chain is for such a connection.
  std::shared_ptr<const InboundChain> Choose(const ConnectionFacts& facts) const;
  void Serve(Arrival& arrival, Incoming incoming);
  void Drop(Arrival& arrival);

 private:
  void Serve(Incoming incoming);
  void Remove(Arrival& arrival);
  void CountDown();

  net::Loop& loop_;
  const std::shared_ptr<Serving> serving_;
  base::Random random_ = base::Random::FromEntropy();
  std::atomic<size_t> load_{0};
  std::shared_ptr<const InboundPolicy> policy_;
  bool looks_at_opening_ = false;  // policy_ does
  std::vector<std::unique_ptr<Arrival>> arrivals_;
  std::vector<std::unique_ptr<Connection>> connections_;
  absl::Time drain_until_ = absl::InfiniteFuture();
  std::vector<char> read_buffer_;
  std::string scratch_;
  std::string date_;
  absl::Time date_until_ = absl::InfinitePast();
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_LOOP_SERVER_H_
