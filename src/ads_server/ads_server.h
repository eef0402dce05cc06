// SPDX-License-Identifier: Apache-2.0
// AdsServer: serves the resources of a ResourceSource to ADS streams, whatever carries these.

#ifndef MESHLIB_ADS_SERVER_ADS_SERVER_H_
#define MESHLIB_ADS_SERVER_ADS_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>

#include "ads_server/ads_server_observer.h"
#include "ads_server/resource_source.h"
#include "ads_server/served_stream.h"
#include "ads_server/stream_client.h"
#include "base/event_loop.h"
#include "base/subscription.h"
#include "registry/registry.h"
#include "xds/ads_transport.h"

namespace meshlib::ads_server {

// A change of the source is pushed to each stream in the order Cluster, EndpointSet, Listener,
// RouteConfig, only for types whose answer has become different. What a client was sent and is
// gone stays for a moment when routes change with it, so that no route points at a Cluster that is
// not there any more. A workload whose inbound Listener was ACKed is registered as long as its
// stream lasts. Control thread only.
class AdsServer final {
 public:
  // REQUIRES: all outlive it; `registry` and `observer` may be nullptr.
  AdsServer(base::EventLoop& loop, ResourceSource& source, registry::Registry* registry,
            AdsServerObserver* observer);
  // REQUIRES: its ServedStreams are destroyed.
  ~AdsServer();
  AdsServer(const AdsServer&) = delete;
  AdsServer& operator=(const AdsServer&) = delete;

  // REQUIRES: `sink` outlives the stream.
  std::unique_ptr<ServedStream> Accept(xds::AdsMethod method, StreamSink& sink);

  size_t stream_count() const { return streams_.size(); }

 private:
  class Tracked;

  void SchedulePush();
  void PushAll();

  uint64_t version_ = 1;
  const StreamContext context_;
  bool push_scheduled_ = false;
  std::set<ServedStream*> streams_;
  const std::shared_ptr<AdsServer*> self_;  // emptied by the destructor; for posted tasks
  base::Subscription source_watch_;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_ADS_SERVER_H_
