// SPDX-License-Identifier: Apache-2.0
#include "connection/connection_broker.h"

#include <algorithm>
#include <utility>

namespace meshlib::connection {

ConnectionBroker::ConnectionBroker(std::function<void()> poll_idle_loops)
    : poll_idle_loops_(std::move(poll_idle_loops)) {}

void ConnectionBroker::Join(Member& member) {
  base::MutexLock lock(mutex_);
  seats_.push_back(std::make_shared<Seat>(Seat{&member, &member.member_loop()}));
}

void ConnectionBroker::Leave(Member& member) {
  base::MutexLock lock(mutex_);
  const auto seat = std::find_if(seats_.begin(), seats_.end(),
                                 [&](const auto& other) { return other->member == &member; });
  if (seat == seats_.end()) return;
  (*seat)->member = nullptr;
  std::erase_if(askers_, [&](const Asker& asker) { return asker.seat == *seat; });
  asking_.store(askers_.size());
  seats_.erase(seat);
}

void ConnectionBroker::Ask(Member& member, const std::shared_ptr<pick::ClusterState>& cluster) {
  {
    base::MutexLock lock(mutex_);
    for (const std::shared_ptr<Seat>& seat : seats_) {
      if (seat->member == &member) {
        if (!IsListed(*seat, *cluster)) askers_.push_back({seat, cluster});
        continue;
      }
      seat->loop->Post([seat, cluster] {
        if (seat->member != nullptr) seat->member->YieldIdle(*cluster);
      });
    }
    asking_.store(askers_.size());
  }
  if (poll_idle_loops_) poll_idle_loops_();
}

bool ConnectionBroker::IsAsked(const pick::ClusterState& cluster) const {
  if (asking_.load(std::memory_order_relaxed) == 0) return false;
  base::MutexLock lock(mutex_);
  return std::any_of(askers_.begin(), askers_.end(),
                     [&](const Asker& asker) { return asker.cluster.get() == &cluster; });
}

// All of them are told: one may not need it any more.
void ConnectionBroker::OnClosed(const pick::ClusterState& cluster) {
  if (asking_.load() == 0) return;
  base::MutexLock lock(mutex_);
  for (const Asker& asker : askers_) {
    if (asker.cluster.get() != &cluster) continue;
    asker.seat->loop->Post([seat = asker.seat, told = asker.cluster] {
      if (seat->member != nullptr) seat->member->OnRoom(*told);
    });
  }
  std::erase_if(askers_, [&](const Asker& asker) { return asker.cluster.get() == &cluster; });
  asking_.store(askers_.size());
}

bool ConnectionBroker::IsListed(const Seat& seat, const pick::ClusterState& cluster) const {
  return std::any_of(askers_.begin(), askers_.end(), [&](const Asker& asker) {
    return asker.seat.get() == &seat && asker.cluster.get() == &cluster;
  });
}

}  // namespace meshlib::connection
