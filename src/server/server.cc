// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/socket.h"
#include "server/own_certificates.h"

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

CertificateLog LogTo(const std::function<void(LogSeverity, std::string_view)>& log) {
  if (!log) return {};
  return [log](std::string_view text) { log(LogSeverity::kWarning, text); };
}

// The address that the client has connected to.
Address LocalOf(int fd, const Address& bound) {
  if (!bound.is_ip() || !bound.is_unspecified()) return bound;
  return net::LocalAddress(fd).value_or(bound);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServeOptions options, Handler handler,
                                                      ServerDependencies dependencies) {
  absl::StatusOr<Address> wanted = AddressOf(options);
  if (!wanted.ok()) return wanted.status();
  ServerContextSource own_tls;
  if (options.tls) {
    absl::StatusOr<ServerContextSource> source =
        OwnCertificates(*options.tls, dependencies.clock, LogTo(dependencies.log));
    if (!source.ok()) return source.status();
    own_tls = *std::move(source);
  }
  absl::StatusOr<net::Fd> listener = net::Listen(*wanted);
  if (!listener.ok()) return listener.status();
  absl::StatusOr<Address> bound = net::LocalAddress(listener->get());
  if (!bound.ok()) return bound.status();
  options.port = bound->port();
  auto serving = std::make_shared<Serving>(std::move(options), bound->ToString(),
                                           std::move(handler), std::move(dependencies));
  std::unique_ptr<Server> server(new Server(std::move(serving), *bound, std::move(own_tls)));
  net::LoopThreads& threads = server->serving_->dependencies.threads;
  for (size_t i = 0; i < threads.size(); ++i) {
    server->loops_.push_back(std::make_unique<LoopServer>(threads.loop(i), server->serving_));
  }
  server->acceptor_ = std::make_unique<Acceptor>(
      threads.loop(server->accepting_loop_), *std::move(listener), server->serving_,
      [self = server.get()](net::Fd fd, const Address& peer) { self->Deal(std::move(fd), peer); });
  return server;
}

Server::Server(std::shared_ptr<Serving> serving, const Address& address,
               ServerContextSource own_tls)
    : serving_(std::move(serving)),
      address_(address),
      own_tls_(std::move(own_tls)),
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

void Server::ConfigureByOptions() {
  InboundPolicy policy;
  policy.default_chain->tls = own_tls_;
  // Whoever is in front of it may have set the headers; HttpRequest::peer is what we know.
  policy.default_chain->settings.client_certificate.action =
      resource::ClientCertificateDetails::Action::kAlwaysForward;
  policy.default_chain->keep_internal_headers = true;
  Configure(std::move(policy));
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

void Server::Deal(net::Fd fd, const Address& peer) {
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
  ConnectionFacts facts{.local = LocalOf(fd.get(), address_), .remote = peer};
  if (loop.loop().IsCurrent()) return loop.Adopt(std::move(fd), std::move(facts));
  loop.loop().Post([&loop, adopted = std::move(fd), known = std::move(facts)]() mutable {
    loop.Adopt(std::move(adopted), std::move(known));
  });
}

void Server::StopAccepting() {
  if (acceptor_ == nullptr) return;
  serving_->dependencies.threads.RunOn(accepting_loop_, [&] { acceptor_->Stop(); });
  if (address_.family() == Address::Family::kUnix && address_.unix_path().front() != '@') {
    unlink(address_.unix_path().c_str());
  }
}

}  // namespace meshlib::server
