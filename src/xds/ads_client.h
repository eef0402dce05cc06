// SPDX-License-Identifier: Apache-2.0
// AdsClient: the xDS transport protocol's client side, for any type of resource.
//
// It keeps one stream to the control plane, subscribes to what is watched, decodes, answers every
// response with ACK or NACK, and keeps the last good version of every resource, with its bytes, so
// that one that comes again unchanged costs a comparison. It knows no type of resource itself.

#ifndef MESHLIB_XDS_ADS_CLIENT_H_
#define MESHLIB_XDS_ADS_CLIENT_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/event_loop.h"
#include "base/random.h"
#include "base/subscription.h"
#include "base/timer.h"
#include "resource/report.h"
#include "xds/ads_protocol.h"
#include "xds/ads_transport.h"
#include "xds/resource_store.h"
#include "xds/resource_type.h"

namespace meshlib::xds {

// A value.
struct AdsClientOptions {
  // Slower growth than gRPC's 1.6: after an outage of any length the stream is back within a
  // quarter of that length, jitter included.
  base::BackoffOptions backoff = {.initial = absl::Milliseconds(250),
                                  .max = absl::Seconds(15),
                                  .multiplier = 1.2,
                                  .jitter = 0.2};
  // How long a server may take for a resource that it has been asked for, before it counts as one
  // that does not exist.
  absl::Duration does_not_exist_after = absl::Seconds(15);
  // Reconnects without backoff are at least this far apart.
  absl::Duration min_stream_interval = absl::Milliseconds(100);
};

// Told of what happens on the stream, for logs and for readiness. Called on the control loop; must
// not call the AdsClient.
class AdsClientObserver {
 public:
  virtual ~AdsClientObserver() = default;
  virtual void OnStreamUp() = 0;
  // The first response on a stream: it is of use.
  virtual void OnAnswered() {}
  // OK: the server ended a stream that had been of use.
  virtual void OnStreamDown(const absl::Status& status) = 0;
  // Every problem of the response, one a line.
  virtual void OnRejected(std::string_view type_label, std::string_view version,
                          std::string_view problems) = 0;
};

// Control thread only.
class AdsClient final : private AdsStreamHandler {
 public:
  // What a watcher is told: the newest good resource; NOT_FOUND: the control plane has no such
  // resource (it may appear later); INVALID_ARGUMENT: it was rejected and there is no good version.
  // While a good version is in use, rejections of newer ones and the loss of the control plane are
  // not told.
  template <typename T>
  using Update = absl::StatusOr<std::shared_ptr<const T>>;

  // Connects with the first Watch(). REQUIRES: `loop`, `transport` and `observer` (which may be
  // nullptr) outlive it.
  AdsClient(base::EventLoop& loop, AdsTransport& transport, std::unique_ptr<AdsProtocol> protocol,
            base::Random random, const AdsClientOptions& options = {},
            AdsClientObserver* observer = nullptr);
  ~AdsClient() override;

  // Subscribes to `name`. The callback is called, never inside Watch(), with what is known now, if
  // anything, and with each change; when a response changes several resources, after all of them
  // are stored. Subscriptions made and ended in one turn of the loop become one request.
  // The Subscription may be destroyed after the AdsClient.
  template <typename T>
  base::Subscription Watch(const ResourceTypeOf<T>& type, std::string name,
                           absl::AnyInvocable<void(const Update<T>&)> callback) {
    return WatchName(
        type.untyped, std::move(name),
        [callback = std::move(callback)](const std::string&, const Update<void>& update) mutable {
          callback(Typed<T>(update));
        });
  }

  // Subscribes to all resources of a type that has full_state. The callback is told of each by its
  // name; NOT_FOUND when one is gone.
  template <typename T>
  base::Subscription WatchAll(
      const ResourceTypeOf<T>& type,
      absl::AnyInvocable<void(const std::string& name, const Update<T>&)> callback) {
    return WatchEvery(type.untyped,
                      [callback = std::move(callback)](const std::string& name,
                                                       const Update<void>& update) mutable {
                        callback(name, Typed<T>(update));
                      });
  }

  // OK while the stream is up and has delivered a response; otherwise why not.
  absl::Status StreamStatus() const;
  // Whether any response has ever been received.
  bool has_received() const { return has_received_; }

  // What became of the fields of all resources in use, and the newest rejections.
  resource::Report Report() const;
  // All resources that are watched, ordered by type and name.
  std::vector<ResourceStatus> Dump() const;

 private:
  template <typename T>
  static Update<T> Typed(const Update<void>& update) {
    if (!update.ok()) return update.status();
    return std::static_pointer_cast<const T>(*update);
  }

  base::Subscription WatchName(const ResourceType& type, std::string name,
                               ResourceStore::Callback callback);
  base::Subscription WatchEvery(const ResourceType& type, ResourceStore::Callback callback);
  ResourceStore& StoreOf(const ResourceType& type);
  ResourceStore* FindStore(std::string_view type_url) const;

  void OnConnected() override;
  void OnMessage(std::string bytes) override;
  void OnClosed(const absl::Status& status) override;

  void ScheduleFlush();
  void Flush();
  void OpenStream();
  void SendInterest(ResourceStore& store);
  void Handle(const AdsResponse& response);
  void EndStream(absl::Status status, absl::Duration delay);
  void TellRejected(std::string_view type_label, const AdsResponse& response,
                    std::string_view problems);

  base::EventLoop& loop_;
  AdsTransport& transport_;
  const std::unique_ptr<AdsProtocol> protocol_;
  const AdsClientOptions options_;
  AdsClientObserver* const observer_;

  base::Random random_;
  base::Backoff backoff_;
  base::Timer reconnect_timer_;
  std::vector<std::unique_ptr<ResourceStore>> stores_;  // Listeners first, then as first watched
  std::unique_ptr<AdsStream> stream_;
  bool connected_ = false;
  bool received_on_stream_ = false;
  bool has_received_ = false;
  bool flush_scheduled_ = false;
  absl::Time stream_opened_ = absl::InfinitePast();
  absl::Status status_;
  const std::shared_ptr<AdsClient*> self_;  // emptied by the destructor; for posted tasks
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_ADS_CLIENT_H_
