// SPDX-License-Identifier: Apache-2.0
#include "ads_server/ads_server.h"

#include <utility>
#include <vector>

#include "ads_server/delta_stream.h"
#include "ads_server/sotw_stream.h"
#include "base/check.h"

namespace meshlib::ads_server {

// A stream that the server knows as long as it lives.
class AdsServer::Tracked final : public ServedStream {
 public:
  Tracked(AdsServer& server, std::unique_ptr<ServedStream> stream)
      : server_(server), stream_(std::move(stream)) {
    server_.streams_.insert(this);
  }
  ~Tracked() override { server_.streams_.erase(this); }
  void OnMessage(const std::string& bytes) override { stream_->OnMessage(bytes); }
  void Push() override { stream_->Push(); }

 private:
  AdsServer& server_;
  const std::unique_ptr<ServedStream> stream_;
};

AdsServer::AdsServer(base::EventLoop& loop, ResourceSource& source, registry::Registry* registry,
                     AdsServerObserver* observer)
    : context_{loop, source, version_, registry, observer},
      self_(std::make_shared<AdsServer*>(this)),
      source_watch_(source.Watch([this] { SchedulePush(); })) {}

AdsServer::~AdsServer() {
  MESHLIB_DCHECK(streams_.empty());
  *self_ = nullptr;
}

std::unique_ptr<ServedStream> AdsServer::Accept(xds::AdsMethod method, StreamSink& sink) {
  std::unique_ptr<ServedStream> stream;
  if (method == xds::AdsMethod::kDelta) {
    stream = std::make_unique<DeltaStream>(context_, sink);
  } else {
    stream = std::make_unique<SotwStream>(context_, sink);
  }
  return std::make_unique<Tracked>(*this, std::move(stream));
}

// Several changes of one turn of the loop are one push.
void AdsServer::SchedulePush() {
  if (std::exchange(push_scheduled_, true)) return;
  context_.loop.Post([self = self_] {
    if (*self != nullptr) (*self)->PushAll();
  });
}

void AdsServer::PushAll() {
  push_scheduled_ = false;
  ++version_;
  const std::vector<ServedStream*> streams(streams_.begin(), streams_.end());
  for (ServedStream* stream : streams) stream->Push();
}

}  // namespace meshlib::ads_server
