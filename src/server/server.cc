#include "server/server.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/socket.h"

namespace meshlib::server {
namespace {

using resource::Address;

// Clients that hold an idle connection see "connection: close" with their next response, if that
// comes within this time; then idle connections are closed.
constexpr absl::Duration kIdleGrace = absl::Milliseconds(250);

absl::StatusOr<Address> AddressOf(const ServeOptions& options) {
  if (!options.unix_path.empty()) {
    std::optional<Address> address = Address::FromUnixPath(options.unix_path);
    if (address) return *std::move(address);
    return absl::InvalidArgumentError(
        absl::StrCat("serve: \"", options.unix_path, "\" is no path of a unix socket"));
  }
  const std::string ip = options.address.empty() ? "0.0.0.0" : options.address;
  std::optional<Address> address = Address::FromIp(ip, options.port);
  if (address) return *std::move(address);
  return absl::InvalidArgumentError(absl::StrCat("serve: \"", ip, "\" is no IP address"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServeOptions options, Handler handler,
                                                      ServerDependencies dependencies) {
  absl::StatusOr<Address> wanted = AddressOf(options);
  if (!wanted.ok()) return wanted.status();
  absl::StatusOr<net::Fd> listener = net::Listen(*wanted);
  if (!listener.ok()) return listener.status();
  absl::StatusOr<Address> bound = net::LocalAddress(listener->get());
  if (!bound.ok()) return bound.status();
  options.port = bound->port();
  auto serving = std::make_shared<Serving>(std::move(options), bound->ToString(),
                                           std::move(handler), std::move(dependencies));
  std::unique_ptr<Server> server(new Server(std::move(serving), *bound));
  net::LoopThreads& threads = server->serving_->dependencies.threads;
  for (size_t i = 0; i < threads.size(); ++i) {
    server->loops_.push_back(std::make_unique<LoopServer>(threads.loop(i), server->serving_));
  }
  server->acceptor_ = std::make_unique<Acceptor>(
      threads.loop(server->accepting_loop_), *std::move(listener), server->serving_,
      [self = server.get()](net::Fd fd, const std::string& peer) {
        self->Deal(std::move(fd), peer);
      });
  return server;
}

Server::Server(std::shared_ptr<Serving> serving, const Address& address)
    : serving_(std::move(serving)),
      address_(address),
      accepting_loop_(serving_->dependencies.threads.NextIndex()) {}

Server::~Server() {
  StopAccepting();
  for (size_t i = 0; i < loops_.size(); ++i) {
    serving_->dependencies.threads.RunOn(
        i, [&] { loops_[i]->CloseAll(absl::CancelledError("the server has gone")); });
    // Behind the tasks that the first has posted.
    serving_->dependencies.threads.RunOn(i, [&] { loops_[i].reset(); });
  }
  serving_->running_handlers.WaitForNone(absl::InfiniteDuration());
}

void Server::Configure(InboundPolicy policy) {
  const auto shared = std::make_shared<const InboundPolicy>(std::move(policy));
  net::LoopThreads& threads = serving_->dependencies.threads;
  base::MutexLock lock(mutex_);
  for (size_t i = 0; i < loops_.size(); ++i) {
    threads.loop(i).Post([loop = loops_[i].get(), shared] { loop->SetPolicy(shared); });
  }
  if (std::exchange(accepting_, true)) return;
  threads.loop(accepting_loop_).Post([acceptor = acceptor_.get()] { acceptor->Start(); });
}

void Server::Drain(absl::Duration deadline) {
  net::LoopThreads& threads = serving_->dependencies.threads;
  const absl::Duration grace = std::min(deadline / 2, kIdleGrace);
  for (size_t i = 0; i < loops_.size(); ++i) {
    threads.RunOn(i, [&] { loops_[i]->Drain(grace); });
  }
  StopAccepting();
  if (serving_->connections.WaitForNone(deadline)) return;
  for (size_t i = 0; i < loops_.size(); ++i) {
    threads.RunOn(
        i, [&] { loops_[i]->CloseAll(absl::DeadlineExceededError("the server's drain is over")); });
  }
}

void Server::Deal(net::Fd fd, const std::string& peer) {
  size_t least = 0;
  for (size_t i = 1; i < loops_.size(); ++i) {
    if (loops_[i]->load().load(std::memory_order_relaxed) <
        loops_[least]->load().load(std::memory_order_relaxed)) {
      least = i;
    }
  }
  LoopServer& loop = *loops_[least];
  loop.load().fetch_add(1, std::memory_order_relaxed);
  serving_->connections.Add();
  if (loop.loop().IsCurrent()) return loop.Adopt(std::move(fd), peer);
  loop.loop().Post(
      [&loop, adopted = std::move(fd), peer]() mutable { loop.Adopt(std::move(adopted), peer); });
}

void Server::StopAccepting() {
  if (acceptor_ == nullptr) return;
  serving_->dependencies.threads.RunOn(accepting_loop_, [&] { acceptor_->Stop(); });
  if (address_.family() == Address::Family::kUnix && address_.unix_path().front() != '@') {
    unlink(address_.unix_path().c_str());
  }
}

}  // namespace meshlib::server
