// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_ads_transport.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <deque>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "rpc/ads_method_name.h"
#include "rpc/client_channel.h"
#include "rpc/grpc_message.h"

namespace meshlib::rpc {
namespace {

class GrpcAdsStream;

// How gRPC's threads reach a stream that may be gone. Thread-safe.
class Link final {
 public:
  Link(base::EventLoop& loop, GrpcAdsStream& stream) : loop_(&loop), stream_(&stream) {}

  // Runs `task` on the loop, unless Cut() comes first.
  static void Post(const std::shared_ptr<Link>& link,
                   absl::AnyInvocable<void(GrpcAdsStream&)> task) {
    base::MutexLock lock(link->mutex_);
    if (link->loop_ == nullptr) return;
    link->loop_->Post([link, task = std::move(task)]() mutable {
      if (link->stream_ != nullptr) task(*link->stream_);
    });
  }

  // On the loop.
  void Cut() {
    stream_ = nullptr;
    base::MutexLock lock(mutex_);
    loop_ = nullptr;
  }

 private:
  base::Mutex mutex_;
  base::EventLoop* loop_ ABSL_GUARDED_BY(mutex_);
  GrpcAdsStream* stream_;  // used on the loop only
};

// The part of a stream that lives until gRPC is done with it. Thread-safe.
class Exchange final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  static std::shared_ptr<Exchange> Start(std::shared_ptr<grpc::Channel> channel,
                                         std::shared_ptr<CallCount> count, xds::AdsMethod method,
                                         const CallHeaders& headers, std::shared_ptr<Link> link,
                                         std::string name) {
    auto exchange = std::make_shared<Exchange>(std::move(channel), std::move(count),
                                               std::move(link), std::move(name));
    exchange->self_ = exchange;
    for (const auto& [key, value] : headers) exchange->context_.AddMetadata(key, value);
    exchange->stub_.PrepareBidiStreamingCall(&exchange->context_, std::string(NameOf(method)), {},
                                             exchange.get());
    exchange->AddHold();  // for writes, until nothing is written any more
    exchange->StartRead(&exchange->incoming_);
    exchange->StartCall();
    return exchange;
  }
  Exchange(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<CallCount> count,
           std::shared_ptr<Link> link, std::string name)
      : counted_(std::move(count)),
        stub_(std::move(channel)),
        link_(std::move(link)),
        name_(std::move(name)) {}

  void Write(std::string bytes) {
    {
      base::MutexLock lock(mutex_);
      if (ended_) return;
      outgoing_.push_back(ToByteBuffer(bytes));
      if (std::exchange(writing_, true)) return;
    }
    // The queue's front stays where it is until OnWriteDone().
    StartWrite(&Front());
  }

  void Cancel() {
    context_.TryCancel();
    EndWrites();
  }

  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) TellConnected();
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      EndWrites();
      return;
    }
    absl::StatusOr<std::string> bytes = ToBytes(incoming_);
    if (!bytes.ok()) {
      context_.TryCancel();
    } else {
      TellConnected();
      Link::Post(link_, TellMessage(*std::move(bytes)));
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) TellConnected();
    bool more = false;
    bool release = false;
    {
      base::MutexLock lock(mutex_);
      outgoing_.pop_front();
      more = ok && !ended_ && !outgoing_.empty();
      writing_ = more;
      release = !more && ended_ && !std::exchange(released_, true);
    }
    if (more) StartWrite(&Front());
    if (release) RemoveHold();
  }
  void OnDone(const grpc::Status& status) override;

 private:
  static absl::AnyInvocable<void(GrpcAdsStream&)> TellMessage(std::string bytes);
  void TellConnected();

  grpc::ByteBuffer& Front() {
    base::MutexLock lock(mutex_);
    return outgoing_.front();
  }
  // A write under way ends by itself, and releases the hold then.
  void EndWrites() {
    bool release = false;
    {
      base::MutexLock lock(mutex_);
      ended_ = true;
      release = !writing_ && !std::exchange(released_, true);
    }
    if (release) RemoveHold();
  }

  const CountedCall counted_;  // first, so that it ends after what holds the channel
  grpc::ClientContext context_;
  grpc::GenericStub stub_;
  const std::shared_ptr<Link> link_;
  const std::string name_;
  std::shared_ptr<Exchange> self_;  // until OnDone()
  grpc::ByteBuffer incoming_;

  base::Mutex mutex_;
  std::deque<grpc::ByteBuffer> outgoing_ ABSL_GUARDED_BY(mutex_);
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
};

// The part of a stream that its owner holds.
class GrpcAdsStream final : public xds::AdsStream {
 public:
  GrpcAdsStream(base::EventLoop& loop, std::shared_ptr<grpc::Channel> channel,
                std::shared_ptr<CallCount> count, const CallHeaders& headers,
                const std::string& name, xds::AdsMethod method, xds::AdsStreamHandler& handler)
      : handler_(handler),
        link_(std::make_shared<Link>(loop, *this)),
        exchange_(
            Exchange::Start(std::move(channel), std::move(count), method, headers, link_, name)) {}
  ~GrpcAdsStream() override {
    link_->Cut();
    exchange_->Cancel();
  }

  void Send(std::string bytes) override { exchange_->Write(std::move(bytes)); }
  xds::AdsStreamHandler& handler() { return handler_; }

 private:
  xds::AdsStreamHandler& handler_;
  const std::shared_ptr<Link> link_;
  const std::shared_ptr<Exchange> exchange_;
};

absl::AnyInvocable<void(GrpcAdsStream&)> Exchange::TellMessage(std::string bytes) {
  return [bytes = std::move(bytes)](GrpcAdsStream& stream) mutable {
    stream.handler().OnMessage(std::move(bytes));
  };
}

void Exchange::TellConnected() {
  {
    base::MutexLock lock(mutex_);
    if (std::exchange(connected_, true)) return;
  }
  Link::Post(link_, [](GrpcAdsStream& stream) { stream.handler().OnConnected(); });
}

void Exchange::OnDone(const grpc::Status& status) {
  Link::Post(link_, [closed = ToAbslStatus(status, name_)](GrpcAdsStream& stream) {
    stream.handler().OnClosed(closed);
  });
  self_ = nullptr;  // may destroy this
}

// A stream that never was one. It says so once.
class FailedStream final : public xds::AdsStream {
 public:
  FailedStream(base::EventLoop& loop, absl::Status cause, xds::AdsStreamHandler& handler)
      : alive_(std::make_shared<bool>(true)) {
    loop.Post([alive = std::weak_ptr(alive_), cause = std::move(cause), &handler] {
      if (!alive.expired()) handler.OnClosed(cause);
    });
  }
  void Send(std::string /*bytes*/) override {}

 private:
  const std::shared_ptr<bool> alive_;
};

}  // namespace

struct GrpcAdsTransport::Channels {
  ClientChannels client;
};

GrpcAdsTransport::GrpcAdsTransport(base::EventLoop& loop, std::string address,
                                   std::optional<ControlPlaneSecurity> security)
    : loop_(loop),
      address_(std::move(address)),
      security_(std::move(security)),
      name_(ChannelName(address_, security_.has_value())),
      channels_(std::make_unique<Channels>()) {}

GrpcAdsTransport::~GrpcAdsTransport() = default;

std::unique_ptr<xds::AdsStream> GrpcAdsTransport::Open(xds::AdsMethod method,
                                                       xds::AdsStreamHandler& handler) {
  auto channel = channels_->client.Open(address_, security_);
  if (!channel.ok()) return std::make_unique<FailedStream>(loop_, channel.status(), handler);
  auto headers = ReadCallHeaders(security_, clock_.WallNow());
  if (!headers.ok()) {
    return std::make_unique<FailedStream>(
        loop_,
        absl::Status(headers.status().code(),
                     absl::StrCat("rpc: ", name_, ": ", headers.status().message())),
        handler);
  }
  return std::make_unique<GrpcAdsStream>(loop_, *std::move(channel), channels_->client.calls(),
                                         *headers, name_, method, handler);
}

}  // namespace meshlib::rpc
