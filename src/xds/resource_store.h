// SPDX-License-Identifier: Apache-2.0
// ResourceStore: the resources of one type that an AdsClient watches and knows.

#ifndef MESHLIB_XDS_RESOURCE_STORE_H_
#define MESHLIB_XDS_RESOURCE_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "base/subscription.h"
#include "resource/report.h"
#include "xds/ads_protocol.h"
#include "xds/resource_type.h"

namespace meshlib::xds {

// What is known of one resource (gRPC proposal A88). A value.
struct ResourceStatus {
  enum class State : uint8_t { kRequested, kDoesNotExist, kAcked, kNacked, kTimeout };
  std::string type_url;
  std::string name;
  State state = State::kRequested;
  std::string version;  // of the value in use, empty: none
  std::string problem;  // why the newest was rejected

  friend bool operator==(const ResourceStatus&, const ResourceStatus&) = default;
};

// Knows nothing of streams: AdsClient gives it responses and tells it when a request is on its way.
// Control thread only.
class ResourceStore final {
 public:
  using Value = absl::StatusOr<std::shared_ptr<const void>>;
  using Callback = absl::AnyInvocable<void(const std::string& name, const Value& value)>;

  // `interest_changed` is called when UpdateInterest() may have something to do.
  // REQUIRES: `loop` outlives it.
  ResourceStore(base::EventLoop& loop, ResourceType type, absl::Duration does_not_exist_after,
                absl::AnyInvocable<void()> interest_changed);
  ~ResourceStore();
  ResourceStore(const ResourceStore&) = delete;
  ResourceStore& operator=(const ResourceStore&) = delete;

  const ResourceType& type() const { return type_; }

  // As AdsClient::Watch() and WatchAll().
  base::Subscription Watch(std::string name, Callback callback);
  base::Subscription WatchAll(Callback callback);

  // Forgets what nobody watches any more. Whether interest() has become different.
  bool UpdateInterest();
  const AdsInterest& interest() const { return interest_; }

  // What was last asked for has been sent on a stream that is up: what is unknown counts as absent
  // from does_not_exist_after on.
  void StartWaiting();
  // The stream has ended: nobody is to be blamed for a missing answer.
  void StopWaiting();

  // Takes over what is new and good. Returns all problems, one a line; empty: ACK. Watchers are
  // not told before TellWatchers().
  std::string Apply(const AdsResponse& response);
  void TellWatchers();

  void AppendReport(resource::Report& report) const;
  void AppendStatus(std::vector<ResourceStatus>& statuses) const;

 private:
  struct Entry;
  struct Watcher;
  struct Watchers;

  std::string ApplyResource(const AdsResource& resource, const AdsResponse& response,
                            std::set<std::string_view>& seen);
  std::string Accept(Entry& entry, const AdsResource& resource, std::string_view version);
  // `ttl` as AdsResource's.
  void ExpireAfter(Entry& entry, std::optional<absl::Duration> ttl);
  void ApplyError(std::string_view name, const absl::Status& error);
  void RemoveUnlisted(const std::set<std::string_view>& listed);
  void SetAbsent(Entry& entry, ResourceStatus::State state, absl::Status why);
  void MarkChanged(Entry& entry);
  void EraseGone();
  Entry& EntryOf(std::string_view name);
  bool IsWanted(std::string_view name) const;
  std::string Subject(std::string_view name) const;
  static void Tell(Watcher& watcher, const Entry& entry);
  void TellAll(Watcher& watcher);
  base::Subscription Add(std::shared_ptr<Watcher> watcher);

  base::EventLoop& loop_;
  const ResourceType type_;
  const absl::Duration does_not_exist_after_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
  std::vector<std::string> changed_;
  AdsInterest interest_;
  const std::shared_ptr<Watchers> watchers_;  // shared with Subscriptions, which may outlive this
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_RESOURCE_STORE_H_
