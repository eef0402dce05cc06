// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_certificate_service.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <utility>

#include "base/mutex.h"
#include "identity/certificate_messages.h"
#include "rpc/client_channel.h"
#include "rpc/grpc_message.h"

namespace meshlib::rpc {
namespace {

// Whoever asks gives up sooner; this is for a server that never answers a call that nobody awaits.
constexpr std::chrono::seconds kLongestCall(60);

using Answer = absl::StatusOr<std::vector<std::string>>;

// How gRPC's threads reach the loop while somebody waits. Thread-safe.
class Waiter final {
 public:
  Waiter(base::EventLoop& loop, identity::CertificateService::Done done)
      : loop_(&loop), done_(std::move(done)) {}

  static void Tell(const std::shared_ptr<Waiter>& waiter, Answer answer) {
    base::MutexLock lock(waiter->mutex_);
    if (waiter->loop_ == nullptr) return;
    waiter->loop_->Post([waiter, answer = std::move(answer)]() mutable {
      auto done = std::exchange(waiter->done_, nullptr);
      if (done) done(std::move(answer));
    });
  }
  // On the loop.
  void Cancel() {
    done_ = nullptr;
    base::MutexLock lock(mutex_);
    loop_ = nullptr;
  }

 private:
  base::Mutex mutex_;
  base::EventLoop* loop_ ABSL_GUARDED_BY(mutex_);
  identity::CertificateService::Done done_;  // used on the loop only
};

// Lives until gRPC is done with it. Thread-safe.
class Call final {
 public:
  Call(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<CallCount> count,
       std::shared_ptr<Waiter> waiter, std::string name)
      : counted_(std::move(count)),
        stub_(std::move(channel)),
        waiter_(std::move(waiter)),
        name_(std::move(name)) {}

  static void Start(const std::shared_ptr<Call>& call, const CallHeaders& headers,
                    const std::string& request) {
    for (const auto& [name, value] : headers) call->context_.AddMetadata(name, value);
    call->context_.set_deadline(std::chrono::system_clock::now() + kLongestCall);
    call->request_ = ToByteBuffer(request);
    call->stub_.UnaryCall(&call->context_, std::string(identity::kCreateCertificateMethod), {},
                          &call->request_, &call->response_,
                          [call](const grpc::Status& status) { call->OnDone(status); });
  }
  void Cancel() { context_.TryCancel(); }

 private:
  void OnDone(const grpc::Status& status) { Waiter::Tell(waiter_, Decode(status)); }
  Answer Decode(const grpc::Status& status) const {
    if (!status.ok()) return ToAbslStatus(status, name_);
    auto bytes = ToBytes(response_);
    if (!bytes.ok()) return bytes.status();
    return identity::DecodeResponse(*bytes);
  }

  const CountedCall counted_;  // first, so that it ends after what holds the channel
  grpc::ClientContext context_;
  grpc::GenericStub stub_;
  const std::shared_ptr<Waiter> waiter_;
  const std::string name_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace

struct GrpcCertificateService::Channels {
  ClientChannels client;
};

GrpcCertificateService::GrpcCertificateService(base::EventLoop& loop, const base::Clock& clock,
                                               GrpcCertificateServiceOptions options)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      channels_(std::make_unique<Channels>()) {}

GrpcCertificateService::~GrpcCertificateService() = default;

base::Subscription GrpcCertificateService::CreateCertificate(std::string request_pem,
                                                             absl::Duration lifetime, Done done) {
  auto waiter = std::make_shared<Waiter>(loop_, std::move(done));
  auto channel = channels_->client.Open(options_.address, options_.security);
  auto headers = ReadCallHeaders(options_.security, clock_.WallNow());
  if (!channel.ok() || !headers.ok()) {
    Waiter::Tell(waiter, channel.ok() ? headers.status() : channel.status());
    return base::Subscription([waiter] { waiter->Cancel(); });
  }
  auto call =
      std::make_shared<Call>(*std::move(channel), channels_->client.calls(), waiter, ToString());
  Call::Start(call, *headers,
              identity::EncodeRequest({std::move(request_pem), lifetime, options_.metadata}));
  return base::Subscription([waiter, call] {
    waiter->Cancel();
    call->Cancel();
  });
}

std::string GrpcCertificateService::ToString() const {
  return ChannelName(options_.address, options_.security.has_value());
}

}  // namespace meshlib::rpc
