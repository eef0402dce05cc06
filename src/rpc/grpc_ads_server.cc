// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_ads_server.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "identity/certificate_messages.h"
#include "net/socket.h"
#include "resource/address.h"
#include "rpc/ads_method_name.h"
#include "rpc/caller_check.h"
#include "rpc/grpc_message.h"
#include "rpc/serving_credentials.h"
#include "rpc/unary_exchange.h"

namespace meshlib::rpc {
namespace {

// One stream on gRPC's side. It destroys itself when gRPC is done with it. Thread-safe.
class Exchange final : public grpc::ServerGenericBidiReactor {
 public:
  // `on_message` and `on_end` are called on gRPC's threads; `on_end` once, last.
  struct Callbacks {
    absl::AnyInvocable<void(std::string)> on_message;
    absl::AnyInvocable<void()> on_end;
  };
  static std::shared_ptr<Exchange> Create() {
    auto exchange = std::make_shared<Exchange>();
    exchange->self_ = exchange;
    return exchange;
  }

  void Start(Callbacks callbacks) {
    callbacks_ = std::move(callbacks);
    StartRead(&incoming_);
  }

  void Write(const std::string& bytes) {
    {
      base::MutexLock lock(mutex_);
      if (end_.has_value()) return;
      outgoing_.push_back(ToByteBuffer(bytes));
      if (std::exchange(writing_, true)) return;
    }
    StartWrite(&Front());
  }

  // After what is being written. The first one counts.
  void End(const grpc::Status& status) {
    {
      base::MutexLock lock(mutex_);
      if (end_.has_value()) return;
      end_ = status;
      if (writing_) return;
    }
    Finish(status);
  }

  void OnReadDone(bool ok) override {
    absl::StatusOr<std::string> bytes = absl::CancelledError();
    if (ok) bytes = ToBytes(incoming_);
    if (!bytes.ok()) {
      End(ok ? ToGrpcStatus(bytes.status()) : grpc::Status::OK);
      return;
    }
    callbacks_.on_message(*std::move(bytes));
    incoming_.Clear();
    StartRead(&incoming_);
  }
  void OnWriteDone(bool ok) override {
    std::optional<grpc::Status> end;
    bool more = false;
    {
      base::MutexLock lock(mutex_);
      outgoing_.pop_front();
      if (!ok && !end_.has_value()) end_ = grpc::Status::CANCELLED;
      end = end_;
      more = !end.has_value() && !outgoing_.empty();
      writing_ = more;
    }
    if (end.has_value()) {
      Finish(*end);
    } else if (more) {
      StartWrite(&Front());
    }
  }
  void OnCancel() override { End(grpc::Status::CANCELLED); }
  void OnDone() override {
    if (callbacks_.on_end) callbacks_.on_end();
    self_ = nullptr;  // may destroy this
  }

 private:
  grpc::ByteBuffer& Front() {
    base::MutexLock lock(mutex_);
    return outgoing_.front();
  }

  Callbacks callbacks_;
  std::shared_ptr<Exchange> self_;  // until OnDone()
  grpc::ByteBuffer incoming_;

  base::Mutex mutex_;
  std::deque<grpc::ByteBuffer> outgoing_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
};

// One stream on the loop's side.
class Peer final : public ads_server::StreamSink {
 public:
  // `caller`: who the client must say that it is; nullopt: whoever it says.
  Peer(std::shared_ptr<Exchange> exchange, xds::AdsMethod method,
       std::optional<identity::TokenClaims> caller)
      : exchange_(std::move(exchange)), method_(method), caller_(std::move(caller)) {}
  ~Peer() override { exchange_->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "shutting down")); }

  void Accept(ads_server::AdsServer& server) { served_ = server.Accept(method_, *this); }
  void Receive(const std::string& bytes) {
    if (served_ == nullptr || closed_) return;
    if (caller_.has_value()) {
      const bool is_first = !std::exchange(received_, true);
      absl::Status known = CheckNode(method_, bytes, is_first, *caller_);
      if (!known.ok()) return Close(known);
    }
    served_->OnMessage(bytes);
  }

  void Send(std::string bytes) override { exchange_->Write(bytes); }
  void Close(const absl::Status& status) override {
    closed_ = true;
    exchange_->End(ToGrpcStatus(status));
  }

 private:
  const std::shared_ptr<Exchange> exchange_;
  const xds::AdsMethod method_;
  const std::optional<identity::TokenClaims> caller_;
  std::unique_ptr<ads_server::ServedStream> served_;
  bool received_ = false;
  bool closed_ = false;
};

absl::Status CannotListen(const std::string& address, const std::string& cause) {
  return absl::UnavailableError(absl::StrCat("rpc: cannot listen on ", address, ": ", cause));
}

// gRPC says only that it failed, and takes the path of a unix socket away from whoever listens on
// it; a socket of our own finds out before.
absl::Status CheckCanListen(const std::string& address) {
  if (const auto parsed = resource::Address::FromString(address)) {
    return net::Listen(*parsed).status();
  }
  if (address.starts_with("unix:")) return CannotListen(address, "not a path of 1 to 107 bytes");
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return CannotListen(address, "it is not HOST:PORT");
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65535) {
    return CannotListen(address, "the port is not 0 to 65535");
  }
  return absl::OkStatus();  // a host name, which gRPC resolves
}

std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const GrpcAdsServerOptions& options) {
  if (!options.tls) return grpc::InsecureServerCredentials();
  return std::make_shared<ServingCredentials>(options.tls);
}

absl::Status CheckPrivateDirectory(const std::string& unix_path) {
  const std::filesystem::path parent = std::filesystem::path(unix_path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  struct stat status {};
  const bool is_private = stat(directory.c_str(), &status) == 0 && status.st_uid == geteuid() &&
                          (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  if (is_private) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(
      "rpc: certificates are issued to whoever can open ", unix_path, ", and others can enter ",
      directory, "; chmod 700 it, or choose a directory of your own"));
}

// What would issue certificates to anybody is not served.
absl::Status CheckCertificatesAreSafe(const GrpcAdsServerOptions& options) {
  if (options.certificates == nullptr) return absl::OkStatus();
  const bool plaintext_tcp = options.listen.has_value() && !options.tls;
  if (plaintext_tcp) {
    return absl::InvalidArgumentError("rpc: certificates are never issued over plaintext TCP");
  }
  if (options.certificates->proof() == identity::CallerProof::kToken) return absl::OkStatus();
  if (options.listen.has_value() || !options.unix_path.has_value()) {
    return absl::InvalidArgumentError(
        "rpc: certificates without proof of identity are for a unix socket only");
  }
  return CheckPrivateDirectory(*options.unix_path);
}

std::optional<std::string> AuthorizationOf(const grpc::GenericCallbackServerContext& context) {
  const auto& headers = context.client_metadata();
  const auto it = headers.find("authorization");
  if (it == headers.end() || headers.count("authorization") != 1) return std::nullopt;
  return std::string(it->second.data(), it->second.size());
}

}  // namespace

// Accepts streams and takes them to the loop.
class GrpcAdsServer::Service final : public grpc::CallbackGenericService {
 public:
  Service(base::EventLoop& loop, ads_server::AdsServer& server,
          const identity::CertificateEndpoint* certificates)
      : server_(server), certificates_(certificates), link_(std::make_shared<Link>()) {
    base::MutexLock lock(link_->mutex);
    link_->loop = &loop;
    link_->service = this;
  }

  absl::Status Listen(const GrpcAdsServerOptions& options);
  void Shutdown();
  int port() const { return port_; }

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (certificates_ != nullptr && context->method() == identity::kCreateCertificateMethod) {
      return UnaryExchange::Start(
          [this, authorization = AuthorizationOf(*context)](const std::string& request) {
            return certificates_->CreateCertificate(authorization, request);
          });
    }
    std::shared_ptr<Exchange> exchange = Exchange::Create();
    const std::optional<xds::AdsMethod> method = MethodNamed(context->method());
    if (!method.has_value()) {
      exchange->End(grpc::Status(
          grpc::StatusCode::UNIMPLEMENTED,
          absl::StrCat("no method ", context->method(), " here: this is an ADS server")));
      return exchange.get();
    }
    absl::StatusOr<std::optional<identity::TokenClaims>> caller = std::nullopt;
    if (certificates_ != nullptr) caller = certificates_->CheckCaller(AuthorizationOf(*context));
    if (!caller.ok()) {
      exchange->End(ToGrpcStatus(caller.status()));
      return exchange.get();
    }
    const uint64_t id = next_id_.fetch_add(1);
    Post(link_, [exchange, method = *method, id, caller = *caller](Service& service) {
      auto peer = std::make_unique<Peer>(exchange, method, caller);
      Peer& accepted = *peer;
      service.peers_.emplace(id, std::move(peer));
      accepted.Accept(service.server_);
    });
    exchange->Start(
        {.on_message =
             [link = link_, id](std::string bytes) {
               Post(link, [id, bytes = std::move(bytes)](Service& service) {
                 const auto it = service.peers_.find(id);
                 if (it != service.peers_.end()) it->second->Receive(bytes);
               });
             },
         .on_end = [link = link_,
                    id] { Post(link, [id](Service& service) { service.peers_.erase(id); }); }});
    return exchange.get();
  }

 private:
  // How gRPC's threads reach the loop while it is there.
  struct Link {
    base::Mutex mutex;
    base::EventLoop* loop ABSL_GUARDED_BY(mutex) = nullptr;
    Service* service = nullptr;  // used on the loop only
  };
  static void Post(const std::shared_ptr<Link>& link, absl::AnyInvocable<void(Service&)> task) {
    base::MutexLock lock(link->mutex);
    if (link->loop == nullptr) return;
    link->loop->Post([link, task = std::move(task)]() mutable {
      if (link->service != nullptr) task(*link->service);
    });
  }

  ads_server::AdsServer& server_;
  const identity::CertificateEndpoint* const certificates_;
  const std::shared_ptr<Link> link_;
  std::atomic<uint64_t> next_id_{0};
  std::map<uint64_t, std::unique_ptr<Peer>> peers_;       // on the loop
  std::shared_ptr<grpc::ServerCredentials> credentials_;  // outlives the server
  std::unique_ptr<grpc::Server> grpc_server_;
  std::string unix_path_;
  int port_ = 0;
};

absl::Status GrpcAdsServer::Service::Listen(const GrpcAdsServerOptions& options) {
  if (!options.listen.has_value() && !options.unix_path.has_value()) {
    return absl::InvalidArgumentError("rpc: no address to listen on");
  }
  if (absl::Status safe = CheckCertificatesAreSafe(options); !safe.ok()) return safe;
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(this);
  builder.SetMaxReceiveMessageSize(64 << 20);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // Clients may ping as often as Istio's and ours do.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  std::string where;
  if (options.listen.has_value()) {
    where = *options.listen;
    if (absl::Status can = CheckCanListen(where); !can.ok()) return can;
    credentials_ = CredentialsOf(options);
    builder.AddListeningPort(where, credentials_, &port_);
  }
  if (options.unix_path.has_value()) {
    const std::string address = "unix:" + *options.unix_path;
    if (absl::Status can = CheckCanListen(address); !can.ok()) return can;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    absl::StrAppend(&where, where.empty() ? "" : " and ", address);
  }
  grpc_server_ = builder.BuildAndStart();
  if (grpc_server_ == nullptr) {
    return CannotListen(where, "not an address of this machine, or in use");
  }
  if (options.unix_path.has_value()) {
    unix_path_ = *options.unix_path;
    if (chmod(unix_path_.c_str(), S_IRUSR | S_IWUSR) != 0) {
      return CannotListen(unix_path_, "its mode cannot be set");
    }
  }
  return absl::OkStatus();
}

void GrpcAdsServer::Service::Shutdown() {
  link_->service = nullptr;
  {
    base::MutexLock lock(link_->mutex);
    link_->loop = nullptr;
  }
  peers_.clear();
  if (grpc_server_ == nullptr) return;
  grpc_server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  grpc_server_ = nullptr;
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

absl::StatusOr<std::unique_ptr<GrpcAdsServer>> GrpcAdsServer::Start(
    base::EventLoop& loop, ads_server::AdsServer& server, const GrpcAdsServerOptions& options) {
  std::unique_ptr<GrpcAdsServer> started(new GrpcAdsServer());
  started->service_ = std::make_unique<Service>(loop, server, options.certificates);
  if (absl::Status listening = started->service_->Listen(options); !listening.ok()) {
    return listening;
  }
  return started;
}

GrpcAdsServer::GrpcAdsServer() = default;

GrpcAdsServer::~GrpcAdsServer() {
  if (service_ != nullptr) service_->Shutdown();
}

int GrpcAdsServer::port() const { return service_->port(); }

}  // namespace meshlib::rpc
