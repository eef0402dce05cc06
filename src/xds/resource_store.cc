// SPDX-License-Identifier: Apache-2.0
#include "xds/resource_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "base/timer.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace meshlib::xds {
namespace {

using base::AbslView;
using State = ResourceStatus::State;

// Istio's names of inbound Listeners. They go first: with their ACK a workload registers, and
// others wait for that after a restart of the control plane.
constexpr std::string_view kInboundPrefix = "xds.istio.io/grpc/lds/inbound/";

// The name of a serialized resource without decoding it: field 1 of all types of resource. nullopt
// when these are not the bytes of a message.
std::optional<std::string_view> NameField(std::string_view body) {
  using google::protobuf::internal::WireFormatLite;
  constexpr uint32_t kNameTag =
      WireFormatLite::MakeTag(1, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(body.data()),
                                               static_cast<int>(body.size()));
  std::string_view name;
  while (const uint32_t tag = input.ReadTag()) {
    int size = 0;
    if (tag != kNameTag) {
      if (!WireFormatLite::SkipField(&input, tag)) return std::nullopt;
    } else if (input.ReadVarintSizeAsInt(&size)) {
      name = body.substr(static_cast<size_t>(input.CurrentPosition()), static_cast<size_t>(size));
      if (!input.Skip(size)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  if (!input.ConsumedEntireMessage() || name.empty()) return std::nullopt;
  return name;
}

}  // namespace

struct ResourceStore::Entry {
  std::string name;
  State state = State::kRequested;
  std::shared_ptr<const void> value;  // the last good one
  std::string bytes;                  // of `value`
  std::string version;                // of `value`
  resource::Report report;            // of `value`
  absl::Status problem;               // without a value: what watchers are told; else of the newest
  uint64_t revision = 0;              // of what watchers are told; 0: nothing yet
  std::unique_ptr<base::Timer> timer;
  std::unique_ptr<base::Timer> expiry;  // of `value`'s TTL; null: it has none
};

struct ResourceStore::Watcher {
  Callback callback;
  std::optional<std::string> name;  // nullopt: all
  uint64_t told = 0;                // a watcher of a name: the revision
  bool primed = false;              // a watcher of all: has been told what was known before it
  bool cancelled = false;
};

struct ResourceStore::Watchers {
  std::multimap<std::string, std::shared_ptr<Watcher>, std::less<>> by_name;
  std::vector<std::shared_ptr<Watcher>> all;
  ResourceStore* store = nullptr;  // nullptr: destroyed
  absl::AnyInvocable<void()> interest_changed;

  void Remove(const std::shared_ptr<Watcher>& watcher) {
    watcher->cancelled = true;
    if (watcher->name.has_value()) {
      auto [it, end] = by_name.equal_range(*watcher->name);
      while (it != end && it->second != watcher) ++it;
      if (it != end) by_name.erase(it);
    } else {
      std::erase(all, watcher);
    }
    if (store != nullptr) interest_changed();
  }
};

ResourceStore::ResourceStore(base::EventLoop& loop, ResourceType type,
                             absl::Duration does_not_exist_after,
                             absl::AnyInvocable<void()> interest_changed)
    : loop_(loop),
      type_(std::move(type)),
      does_not_exist_after_(does_not_exist_after),
      watchers_(std::make_shared<Watchers>()) {
  watchers_->store = this;
  watchers_->interest_changed = std::move(interest_changed);
}

ResourceStore::~ResourceStore() { watchers_->store = nullptr; }

base::Subscription ResourceStore::Watch(std::string name, Callback callback) {
  auto watcher = std::make_shared<Watcher>();
  watcher->callback = std::move(callback);
  watcher->name = name;
  watchers_->by_name.emplace(std::move(name), watcher);
  return Add(std::move(watcher));
}

base::Subscription ResourceStore::WatchAll(Callback callback) {
  auto watcher = std::make_shared<Watcher>();
  watcher->callback = std::move(callback);
  watchers_->all.push_back(watcher);
  return Add(std::move(watcher));
}

base::Subscription ResourceStore::Add(std::shared_ptr<Watcher> watcher) {
  loop_.Post([watchers = watchers_, watcher] {
    if (watchers->store != nullptr) watchers->store->TellAll(*watcher);
  });
  watchers_->interest_changed();
  return base::Subscription(
      [watchers = watchers_, watcher = std::move(watcher)] { watchers->Remove(watcher); });
}

bool ResourceStore::UpdateInterest() {
  AdsInterest wanted;
  wanted.wildcard = !watchers_->all.empty();
  for (const auto& [name, watcher] : watchers_->by_name) {
    if (wanted.names.empty() || wanted.names.back() != name) wanted.names.push_back(name);
  }
  for (const std::string& name : wanted.names) EntryOf(name);
  std::erase_if(entries_, [&](const auto& entry) { return !IsWanted(entry.first); });
  std::stable_partition(wanted.names.begin(), wanted.names.end(), [](std::string_view name) {
    return name.substr(0, kInboundPrefix.size()) == kInboundPrefix;
  });
  if (wanted == interest_) return false;
  interest_ = std::move(wanted);
  return true;
}

void ResourceStore::StartWaiting() {
  for (const auto& [name, entry] : entries_) {
    if (entry->state != State::kRequested || entry->timer != nullptr) continue;
    entry->timer = std::make_unique<base::Timer>(loop_.timers(), [this, entry = entry.get()] {
      SetAbsent(*entry, State::kTimeout,
                absl::NotFoundError(absl::StrCat(
                    Subject(entry->name), ": no answer from the control plane within ",
                    absl::FormatDuration(does_not_exist_after_), ", taken as absent")));
      TellWatchers();
    });
    entry->timer->ArmAt(loop_.Now() + does_not_exist_after_);
  }
}

void ResourceStore::StopWaiting() {
  for (const auto& [name, entry] : entries_) entry->timer = nullptr;
}

std::string ResourceStore::Apply(const AdsResponse& response) {
  std::string problems;
  std::set<std::string_view> listed;
  for (size_t i = 0; i < response.resources.size(); ++i) {
    const std::string problem = ApplyResource(response.resources[i], response, listed);
    if (problem.empty()) continue;
    absl::StrAppend(&problems, problems.empty() ? "" : "\n", "resources[", i, "]: ", problem);
  }
  // One whose name could not be read may be any of those that seem to be missing.
  const bool names_known = listed.size() == response.resources.size() || problems.empty();
  for (const auto& [name, error] : response.errors) {
    ApplyError(name, error);
    listed.insert(name);
  }
  if (response.is_complete && type_.full_state && names_known) RemoveUnlisted(listed);
  return problems;
}

std::string ResourceStore::ApplyResource(const AdsResource& resource, const AdsResponse& response,
                                         std::set<std::string_view>& seen) {
  if (resource.type_url != type_.type_url) {
    return absl::StrCat("a resource of type \"", AbslView(resource.type_url),
                        "\" in a response of type \"", type_.type_url, "\"");
  }
  const std::optional<std::string_view> name = resource.name.empty() && resource.body.has_value()
                                                   ? NameField(*resource.body)
                                                   : resource.name;
  if (!name.has_value() || name->empty()) {
    return absl::StrCat("not a ", type_.label, ": no name can be read from it");
  }
  if (!seen.insert(*name).second) {
    return absl::StrCat(type_.label, " \"", AbslView(*name), "\" is listed twice");
  }
  std::vector<std::string_view> names = resource.aliases;
  names.push_back(*name);
  if (!resource.body.has_value()) {  // a heartbeat
    for (const std::string_view each : names) {
      const auto it = entries_.find(each);
      if (it != entries_.end() && it->second->value != nullptr) {
        ExpireAfter(*it->second, resource.ttl);
      }
    }
    return "";
  }
  for (const std::string_view each : names) {
    if (!IsWanted(each) || (each != *name && entries_.find(each) == entries_.end())) continue;
    std::string problem = Accept(EntryOf(each), resource, response.version);
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string ResourceStore::Accept(Entry& entry, const AdsResource& resource,
                                  std::string_view version) {
  const std::string_view body = *resource.body;
  entry.timer = nullptr;
  if (entry.value != nullptr && entry.bytes == body) {
    entry.state = State::kAcked;
    entry.version = version;
    entry.problem = absl::OkStatus();
    ExpireAfter(entry, resource.ttl);
    return "";
  }
  resource::Report report;
  absl::StatusOr<std::shared_ptr<const void>> value = type_.decode(body, report);
  if (!value.ok()) {
    std::string problem =
        absl::StrCat(type_.label, " \"", entry.name, "\": ", value.status().message());
    absl::Status told = absl::InvalidArgumentError(absl::StrCat("xds: ", problem));
    const bool news = entry.value == nullptr && told != entry.problem;
    entry.state = State::kNacked;
    entry.problem = std::move(told);
    if (news) MarkChanged(entry);
    return problem;
  }
  entry.state = State::kAcked;
  entry.value = *std::move(value);
  entry.bytes = body;
  entry.version = version;
  entry.report = std::move(report);
  entry.problem = absl::OkStatus();
  ExpireAfter(entry, resource.ttl);
  MarkChanged(entry);
  return "";
}

// Also while the control plane is away: it is what a TTL is for.
void ResourceStore::ExpireAfter(Entry& entry, std::optional<absl::Duration> ttl) {
  entry.expiry = nullptr;
  if (!ttl.has_value() || *ttl <= absl::ZeroDuration()) return;
  entry.expiry = std::make_unique<base::Timer>(loop_.timers(), [this, &entry, ttl = *ttl] {
    SetAbsent(entry, State::kDoesNotExist,
              absl::NotFoundError(absl::StrCat(Subject(entry.name), ": its TTL of ",
                                               absl::FormatDuration(ttl), " has passed")));
    TellWatchers();
  });
  entry.expiry->ArmAt(loop_.Now() + *ttl);
}

void ResourceStore::ApplyError(std::string_view name, const absl::Status& error) {
  if (!IsWanted(name)) return;
  Entry& entry = EntryOf(name);
  if (absl::IsNotFound(error)) {
    SetAbsent(
        entry, State::kDoesNotExist,
        absl::NotFoundError(absl::StrCat(Subject(name), " does not exist",
                                         error.message().empty() ? "" : ": ", error.message())));
    return;
  }
  entry.timer = nullptr;
  absl::Status told(error.code(), absl::StrCat(Subject(name), ": ", error.message()));
  const bool news = entry.value == nullptr && told != entry.problem;
  entry.problem = std::move(told);
  if (news) MarkChanged(entry);
}

void ResourceStore::RemoveUnlisted(const std::set<std::string_view>& listed) {
  for (const auto& [name, entry] : entries_) {
    // Not those still waiting for their first answer: this response may be older than the request.
    const bool was_there = entry->value != nullptr || entry->state == State::kNacked;
    if (!was_there || listed.count(name) != 0) continue;
    SetAbsent(*entry, State::kDoesNotExist,
              absl::NotFoundError(absl::StrCat(Subject(name), " does not exist any more")));
  }
}

void ResourceStore::SetAbsent(Entry& entry, ResourceStatus::State state, absl::Status why) {
  const bool news = entry.value != nullptr || !absl::IsNotFound(entry.problem);
  entry.state = state;
  entry.value = nullptr;
  entry.bytes.clear();
  entry.version.clear();
  entry.report.clear();
  entry.problem = std::move(why);
  if (news) MarkChanged(entry);
  entry.timer = nullptr;
  entry.expiry = nullptr;
}

void ResourceStore::MarkChanged(Entry& entry) {
  ++entry.revision;
  changed_.push_back(entry.name);
}

void ResourceStore::TellWatchers() {
  for (const std::string& name : std::exchange(changed_, {})) {
    std::vector<std::shared_ptr<Watcher>> told;
    const auto [begin, end] = watchers_->by_name.equal_range(name);
    for (auto it = begin; it != end; ++it) told.push_back(it->second);
    for (const auto& watcher : watchers_->all) {
      if (watcher->primed) told.push_back(watcher);
    }
    for (const auto& watcher : told) {
      const auto it = entries_.find(name);
      if (it != entries_.end()) Tell(*watcher, *it->second);
    }
  }
  EraseGone();
}

// Under a wildcard, names come and go without anybody ending a Watch().
void ResourceStore::EraseGone() {
  std::erase_if(entries_, [&](const auto& entry) {
    return entry.second->value == nullptr && entry.second->state == State::kDoesNotExist &&
           watchers_->by_name.find(entry.first) == watchers_->by_name.end();
  });
}

void ResourceStore::TellAll(Watcher& watcher) {
  watcher.primed = true;
  std::vector<std::string> names;
  if (watcher.name.has_value()) {
    names.push_back(*watcher.name);
  } else {
    for (const auto& [name, entry] : entries_) names.push_back(name);
  }
  for (const std::string& name : names) {
    const auto it = entries_.find(name);
    if (it != entries_.end()) Tell(watcher, *it->second);
  }
}

void ResourceStore::Tell(Watcher& watcher, const Entry& entry) {
  if (watcher.cancelled || entry.revision == 0) return;
  if (watcher.name.has_value() && std::exchange(watcher.told, entry.revision) == entry.revision) {
    return;
  }
  const std::string name = entry.name;  // the callback may end the last Watch() of it
  watcher.callback(name, entry.value != nullptr ? Value(entry.value) : Value(entry.problem));
}

ResourceStore::Entry& ResourceStore::EntryOf(std::string_view name) {
  const auto it = entries_.find(name);
  if (it != entries_.end()) return *it->second;
  auto entry = std::make_unique<Entry>();
  entry->name = name;
  return *entries_.emplace(name, std::move(entry)).first->second;
}

bool ResourceStore::IsWanted(std::string_view name) const {
  return !watchers_->all.empty() || watchers_->by_name.find(name) != watchers_->by_name.end();
}

std::string ResourceStore::Subject(std::string_view name) const {
  return absl::StrCat("xds: ", type_.label, " \"", AbslView(name), "\"");
}

void ResourceStore::AppendReport(resource::Report& report) const {
  for (const auto& [name, entry] : entries_) {
    report.insert(report.end(), entry->report.begin(), entry->report.end());
    if (entry->state != State::kNacked) continue;
    report.push_back({.disposition = resource::Disposition::kRejected,
                      .resource_type = type_.label,
                      .resource_name = name,
                      .message = std::string(entry->problem.message())});
  }
}

void ResourceStore::AppendStatus(std::vector<ResourceStatus>& statuses) const {
  for (const auto& [name, entry] : entries_) {
    statuses.push_back({.type_url = type_.type_url,
                        .name = name,
                        .state = entry->state,
                        .version = entry->version,
                        .problem = std::string(entry->problem.message())});
  }
}

}  // namespace meshlib::xds
