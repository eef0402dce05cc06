#include "rpc/grpc_ads_transport.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <deque>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/mutex.h"
#include "rpc/ads_method_name.h"
#include "rpc/grpc_message.h"

namespace meshlib::rpc {
namespace {

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);  // bounds one attempt to connect
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

class GrpcAdsStream;

// How many Exchanges gRPC still has. Thread-safe.
class ExchangeCount final {
 public:
  void Add() {
    base::MutexLock lock(mutex_);
    ++count_;
  }
  void Remove() {
    base::MutexLock lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void WaitForNone() {
    base::MutexLock lock(mutex_);
    while (count_ > 0) none_.wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  std::condition_variable_any none_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Counts for as long as it lives. A value that cannot be copied.
class Counted final {
 public:
  explicit Counted(std::shared_ptr<ExchangeCount> count) : count_(std::move(count)) {
    count_->Add();
  }
  ~Counted() { count_->Remove(); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  const std::shared_ptr<ExchangeCount> count_;
};

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
                                         std::shared_ptr<ExchangeCount> count,
                                         xds::AdsMethod method, std::shared_ptr<Link> link,
                                         std::string name) {
    auto exchange = std::make_shared<Exchange>(std::move(channel), std::move(count),
                                               std::move(link), std::move(name));
    exchange->self_ = exchange;
    exchange->stub_.PrepareBidiStreamingCall(&exchange->context_, std::string(NameOf(method)), {},
                                             exchange.get());
    exchange->AddHold();  // for writes, until nothing is written any more
    exchange->StartRead(&exchange->incoming_);
    exchange->StartCall();
    return exchange;
  }
  Exchange(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<ExchangeCount> count,
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

  const Counted counted_;  // first, so that it ends after what holds the channel
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
                std::shared_ptr<ExchangeCount> count, const std::string& name,
                xds::AdsMethod method, xds::AdsStreamHandler& handler)
      : handler_(handler),
        link_(std::make_shared<Link>(loop, *this)),
        exchange_(Exchange::Start(std::move(channel), std::move(count), method, link_, name)) {}
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

}  // namespace

// The first channel stays until the end: gRPC 1.51 runs callbacks on threads that it starts with
// the first channel that needs them and joins with the last, and joins even when the last channel
// goes in one of these callbacks, which ends in a use of freed memory. Without calls it is idle,
// that is without a connection.
struct GrpcAdsTransport::Channels {
  std::shared_ptr<grpc::Channel> first;
  const std::shared_ptr<ExchangeCount> exchanges = std::make_shared<ExchangeCount>();
};

GrpcAdsTransport::GrpcAdsTransport(base::EventLoop& loop, std::string address)
    : loop_(loop),
      address_(std::move(address)),
      name_(address_.starts_with("unix:") ? address_ : "grpc://" + address_),
      channels_(std::make_unique<Channels>()) {}

// Cancelled calls end at once, so this does not wait for peers.
GrpcAdsTransport::~GrpcAdsTransport() { channels_->exchanges->WaitForNone(); }

std::unique_ptr<xds::AdsStream> GrpcAdsTransport::Open(xds::AdsMethod method,
                                                       xds::AdsStreamHandler& handler) {
  std::shared_ptr<grpc::Channel> channel = NewChannel(address_);
  if (channels_->first == nullptr) channels_->first = channel;
  return std::make_unique<GrpcAdsStream>(loop_, std::move(channel), channels_->exchanges, name_,
                                         method, handler);
}

}  // namespace meshlib::rpc
