// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "resource/address.h"

namespace meshlib::registry {
namespace {

constexpr absl::Duration kMaxProbeInterval = absl::Seconds(1);

auto KeyOf(const Workload& workload) {
  return std::tie(workload.name_space, workload.name, workload.address);
}

}  // namespace

struct Registry::Entry {
  Registration registration;
  bool ready = false;
  bool missed = false;  // the last check of a ready port
  absl::Duration interval;
  base::Subscription probe;
  std::unique_ptr<base::Timer> next_probe;
};

struct Registry::State {
  Registry* registry = nullptr;  // nullptr: destroyed
  std::map<uint64_t, std::shared_ptr<absl::AnyInvocable<void()>>> watchers;
  uint64_t next_watcher = 0;
  bool notify_posted = false;
};

Registry::Registry(base::EventLoop& loop, PortProbe& probe, const RegistryOptions& options)
    : loop_(loop),
      probe_(probe),
      options_(options),
      settled_at_(loop.Now() + options.at_most),
      settle_timer_(
          loop.timers(),
          [this] {
            settle_timer_.ArmAt(loop_.Now() < settled_at_ ? settled_at_ : absl::InfiniteFuture());
            NotifyWatchers();
          }),
      state_(std::make_shared<State>()) {
  state_->registry = this;
  if (options.at_most > absl::ZeroDuration()) settle_timer_.ArmAt(settled_at_);
}

Registry::~Registry() { state_->registry = nullptr; }

base::Subscription Registry::Register(Registration registration) {
  entries_.push_back(std::make_unique<Entry>());
  Entry* entry = entries_.back().get();
  entry->registration = std::move(registration);
  entry->registration.workload.ports.clear();
  entry->interval = options_.probe_interval;
  entry->next_probe =
      std::make_unique<base::Timer>(loop_.timers(), [this, entry] { Probe(*entry); });
  Disturb();
  Probe(*entry);
  return base::Subscription([state = state_, entry] {
    if (state->registry != nullptr) state->registry->Erase(entry);
  });
}

// A registration starts the wait for quiet anew.
void Registry::Disturb() {
  if (loop_.Now() >= settled_at_) return;
  quiet_at_ = loop_.Now() + options_.quiet;
  settle_timer_.ArmAt(std::min(quiet_at_, settled_at_));
}

void Registry::Probe(Entry& entry) {
  const std::optional<resource::Address> address =
      resource::Address::FromIp(entry.registration.workload.address, entry.registration.port);
  if (!address.has_value()) return;  // never ready
  entry.probe = probe_.Probe(
      *address, [this, &entry](const absl::Status& status) { OnProbed(entry, status); });
}

void Registry::OnProbed(Entry& entry, const absl::Status& status) {
  if (status.ok()) {
    entry.missed = false;
    entry.next_probe->ArmAt(loop_.Now() + options_.check_interval);
    if (std::exchange(entry.ready, true)) return;
    Disturb();
    return Rebuild();
  }
  if (!entry.missed) entry.interval = options_.probe_interval;
  const bool is_gone = std::exchange(entry.missed, true);
  entry.next_probe->ArmAt(loop_.Now() + entry.interval);
  entry.interval = std::min(entry.interval * 2, kMaxProbeInterval);
  if (is_gone && std::exchange(entry.ready, false)) Rebuild();
}

void Registry::Erase(Entry* entry) {
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [entry](const auto& each) { return each.get() == entry; });
  if (it == entries_.end()) return;
  const bool was_ready = entry->ready;
  entries_.erase(it);
  if (was_ready) Rebuild();
}

void Registry::Rebuild() {
  std::map<std::tuple<std::string, std::string, std::string>, Workload> merged;
  for (const auto& entry : entries_) {
    if (!entry->ready) continue;
    const Workload& workload = entry->registration.workload;
    std::vector<uint16_t> ports;
    // The newest registration says what the workload is: it has just reconnected.
    if (const auto it = merged.find(KeyOf(workload)); it != merged.end()) {
      ports = std::move(it->second.ports);
    }
    ports.push_back(entry->registration.port);
    std::sort(ports.begin(), ports.end());
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    Workload& whole = merged[KeyOf(workload)] = workload;
    whole.ports = std::move(ports);
  }
  std::vector<Workload> workloads;
  for (auto& [key, workload] : merged) workloads.push_back(std::move(workload));
  if (workloads == workloads_) return;
  workloads_ = std::move(workloads);
  NotifyWatchers();
}

bool Registry::MayTell(bool has_workload) const {
  const absl::Time now = loop_.Now();
  return now >= settled_at_ || (has_workload && now >= quiet_at_);
}

base::Subscription Registry::Watch(absl::AnyInvocable<void()> changed) {
  const uint64_t id = state_->next_watcher++;
  state_->watchers[id] = std::make_shared<absl::AnyInvocable<void()>>(std::move(changed));
  return base::Subscription([state = state_, id] { state->watchers.erase(id); });
}

void Registry::NotifyWatchers() {
  if (std::exchange(state_->notify_posted, true)) return;
  loop_.Post([state = state_] {
    state->notify_posted = false;
    std::vector<uint64_t> ids;
    for (const auto& [id, watcher] : state->watchers) ids.push_back(id);
    for (const uint64_t id : ids) {
      const auto it = state->watchers.find(id);
      if (it == state->watchers.end()) continue;
      const auto watcher = it->second;  // it may end itself
      (*watcher)();
    }
  });
}

}  // namespace meshlib::registry
