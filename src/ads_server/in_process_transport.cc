// SPDX-License-Identifier: Apache-2.0
#include "ads_server/in_process_transport.h"

#include <utility>

#include "absl/functional/any_invocable.h"

namespace meshlib::ads_server {
namespace {

// The client's end, which owns the server's. Tasks still queued when it is destroyed find `self_`
// empty.
class InProcessStream final : public xds::AdsStream {
 public:
  InProcessStream(base::EventLoop& loop, AdsServer& server, xds::AdsMethod method,
                  xds::AdsStreamHandler& handler)
      : loop_(loop),
        handler_(handler),
        self_(std::make_shared<InProcessStream*>(this)),
        sink_(*this) {
    served_ = server.Accept(method, sink_);
    Post([](InProcessStream& stream) { stream.handler_.OnConnected(); });
  }
  ~InProcessStream() override { *self_ = nullptr; }

  void Send(std::string bytes) override {
    Post([bytes = std::move(bytes)](InProcessStream& stream) {
      if (stream.served_ != nullptr) stream.served_->OnMessage(bytes);
    });
  }

 private:
  class Sink final : public StreamSink {
   public:
    explicit Sink(InProcessStream& stream) : stream_(stream) {}
    void Send(std::string bytes) override {
      stream_.Post([bytes = std::move(bytes)](InProcessStream& stream) mutable {
        if (!stream.closed_) stream.handler_.OnMessage(std::move(bytes));
      });
    }
    void Close(const absl::Status& status) override {
      stream_.Post([status](InProcessStream& stream) {
        if (std::exchange(stream.closed_, true)) return;
        stream.served_ = nullptr;
        stream.handler_.OnClosed(status);
      });
    }

   private:
    InProcessStream& stream_;
  };

  void Post(absl::AnyInvocable<void(InProcessStream&)> task) {
    loop_.Post([self = self_, task = std::move(task)]() mutable {
      if (*self != nullptr) task(**self);
    });
  }

  base::EventLoop& loop_;
  xds::AdsStreamHandler& handler_;
  const std::shared_ptr<InProcessStream*> self_;
  Sink sink_;
  std::unique_ptr<ServedStream> served_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<xds::AdsStream> InProcessTransport::Open(xds::AdsMethod method,
                                                         xds::AdsStreamHandler& handler) {
  return std::make_unique<InProcessStream>(loop_, server_, method, handler);
}

}  // namespace meshlib::ads_server
