// SPDX-License-Identifier: Apache-2.0
// The Resolver over c-ares, which is confined to this file.

#include <ares.h>
#include <netdb.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_view.h"
#include "net/resolver.h"
#include "net/socket_name.h"

namespace meshlib::net {
namespace {

using resource::Address;

// What needs no server: IP literals and RFC 6761 section 6.3 names.
std::optional<Resolution> ResolveLocally(std::string_view host, AddressFamily family) {
  Resolution local{{}, absl::InfiniteDuration()};
  if (std::optional<Address> literal = Address::FromIp(host, 0)) {
    local.addresses.push_back(*literal);
    return local;
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string name = absl::AsciiStrToLower(base::AbslView(host));
  if (name != "localhost" && !name.ends_with(".localhost")) return std::nullopt;
  if (family != AddressFamily::kIpv6) local.addresses.push_back(*Address::FromIp("127.0.0.1", 0));
  if (family != AddressFamily::kIpv4) local.addresses.push_back(*Address::FromIp("::1", 0));
  return local;
}

Resolution ResolutionOf(const ares_addrinfo& info) {
  Resolution resolution{{}, absl::InfiniteDuration()};
  for (const ares_addrinfo_node* node = info.nodes; node != nullptr; node = node->ai_next) {
    const Address address =
        AddressOf(node->ai_addr, static_cast<socklen_t>(node->ai_addrlen)).WithPort(0);
    if (!address.is_ip()) continue;
    if (std::find(resolution.addresses.begin(), resolution.addresses.end(), address) !=
        resolution.addresses.end()) {
      continue;
    }
    resolution.addresses.push_back(address);
    resolution.ttl = std::min(resolution.ttl, absl::Seconds(std::max(node->ai_ttl, 0)));
  }
  return resolution;
}

absl::Status ErrorOf(int status, const std::string& host) {
  const std::string text =
      absl::StrCat("net: resolve \"", host, "\": ", absl::AsciiStrToLower(ares_strerror(status)));
  const bool absent = status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME;
  return absent ? absl::NotFoundError(text) : absl::UnavailableError(text);
}

int FamilyOf(AddressFamily family) {
  return family == AddressFamily::kAny ? AF_UNSPEC
                                       : (family == AddressFamily::kIpv4 ? AF_INET : AF_INET6);
}

class DnsResolver final : public Resolver {
 public:
  explicit DnsResolver(Loop& loop)
      : loop_(loop),
        timeout_(loop.timers(), [this] { Process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }),
        deliver_(loop.timers(), [this] { Deliver(); }) {}
  ~DnsResolver() override;

  absl::Status Init(const DnsOptions& options);
  base::Subscription Resolve(const std::string& host, AddressFamily family, Done done) override;

 private:
  // One question; lives until c-ares has answered it and the answer is delivered.
  struct Query {
    DnsResolver* resolver;
    std::string host;
    Done done;  // null: cancelled
    absl::StatusOr<Resolution> result = absl::UnknownError("");
  };
  // One of c-ares' sockets.
  struct Watched final : FdHandler {
    Watched(DnsResolver& owner, int socket) : resolver(owner), fd(socket) {}
    void OnReady(uint32_t readiness) override {
      // The handler may be gone after the first call.
      DnsResolver& owner = resolver;
      const bool readable = (readiness & (kReadable | kError)) != 0;
      const bool writable = (readiness & (kWritable | kError)) != 0;
      owner.Process(readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
    }
    DnsResolver& resolver;
    const int fd;
  };

  static void OnSocketState(void* self, ares_socket_t fd, int readable, int writable);
  static void OnAnswer(void* query, int status, int timeouts, ares_addrinfo* info);
  void Process(ares_socket_t readable, ares_socket_t writable);
  void Watch(int fd, uint32_t interest);
  void ArmTimeout();
  void Finish(Query* query);
  void Deliver();

  Loop& loop_;
  ares_channel channel_ = nullptr;
  base::Timer timeout_;
  base::Timer deliver_;
  absl::flat_hash_map<int, std::unique_ptr<Watched>> watched_;
  absl::flat_hash_set<std::shared_ptr<Query>> queries_;
  std::vector<std::shared_ptr<Query>> finished_;
  std::vector<std::unique_ptr<Watched>> unwatched_;  // kept until no handler can be running
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

DnsResolver::~DnsResolver() {
  *alive_ = false;
  if (channel_ != nullptr) ares_destroy(channel_);
  for (const auto& [fd, watched] : watched_) loop_.Unwatch(fd, watched.get());
}

absl::Status DnsResolver::Init(const DnsOptions& options) {
  ares_options c_options{};
  c_options.sock_state_cb = OnSocketState;
  c_options.sock_state_cb_data = this;
  c_options.timeout = static_cast<int>(absl::ToInt64Milliseconds(options.timeout));
  c_options.tries = options.tries;
  int status = ares_init_options(&channel_, &c_options,
                                 ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  if (status == ARES_SUCCESS && !options.servers.empty()) {
    const std::string servers = absl::StrJoin(
        options.servers, ",",
        [](std::string* out, const Address& address) { absl::StrAppend(out, address.ToString()); });
    status = ares_set_servers_ports_csv(channel_, servers.c_str());
  }
  if (status == ARES_SUCCESS) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("net: DNS: ", ares_strerror(status)));
}

base::Subscription DnsResolver::Resolve(const std::string& host, AddressFamily family, Done done) {
  auto query = std::make_shared<Query>(Query{this, host, std::move(done)});
  queries_.insert(query);
  if (std::optional<Resolution> local = ResolveLocally(host, family)) {
    query->result = *std::move(local);
    Finish(query.get());
  } else {
    ares_addrinfo_hints hints{};
    hints.ai_family = FamilyOf(family);
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, OnAnswer, query.get());
    ArmTimeout();
  }
  return base::Subscription([weak = std::weak_ptr<Query>(query)] {
    if (const std::shared_ptr<Query> waiting = weak.lock()) waiting->done = nullptr;
  });
}

void DnsResolver::OnSocketState(void* self, ares_socket_t fd, int readable, int writable) {
  static_cast<DnsResolver*>(self)->Watch(
      fd, (readable != 0 ? kReadable : 0u) | (writable != 0 ? kWritable : 0u));
}

void DnsResolver::OnAnswer(void* arg, int status, int /*timeouts*/, ares_addrinfo* info) {
  Query* query = static_cast<Query*>(arg);
  if (status == ARES_SUCCESS && info != nullptr) {
    Resolution resolution = ResolutionOf(*info);
    if (resolution.addresses.empty()) {
      query->result = ErrorOf(ARES_ENODATA, query->host);
    } else {
      query->result = std::move(resolution);
    }
  } else {
    query->result = ErrorOf(status, query->host);
  }
  if (info != nullptr) ares_freeaddrinfo(info);
  query->resolver->Finish(query);
}

void DnsResolver::Process(ares_socket_t readable, ares_socket_t writable) {
  ares_process_fd(channel_, readable, writable);
  ArmTimeout();
}

void DnsResolver::Watch(int fd, uint32_t interest) {
  const auto it = watched_.find(fd);
  if (interest == 0) {
    if (it == watched_.end()) return;
    loop_.Unwatch(fd, it->second.get());
    unwatched_.push_back(std::move(it->second));
    watched_.erase(it);
    deliver_.ArmAt(loop_.Now());
  } else if (it != watched_.end()) {
    loop_.Modify(fd, interest, it->second.get()).IgnoreError();
  } else {
    auto watched = std::make_unique<Watched>(*this, fd);
    // One that cannot be watched times out.
    if (loop_.Watch(fd, interest, watched.get()).ok()) watched_.emplace(fd, std::move(watched));
  }
}

void DnsResolver::ArmTimeout() {
  timeval buffer{};
  const timeval* next = ares_timeout(channel_, nullptr, &buffer);
  if (next == nullptr) return timeout_.Cancel();
  timeout_.ArmAt(loop_.Now() + absl::DurationFromTimeval(*next) + absl::Milliseconds(1));
}

void DnsResolver::Finish(Query* query) {
  if (!*alive_) return;
  const auto it = std::find_if(queries_.begin(), queries_.end(),
                               [&](const auto& candidate) { return candidate.get() == query; });
  finished_.push_back(*it);
  queries_.erase(it);
  deliver_.ArmAt(loop_.Now());
}

void DnsResolver::Deliver() {
  unwatched_.clear();
  const std::vector<std::shared_ptr<Query>> delivered = std::exchange(finished_, {});
  const std::shared_ptr<const bool> alive = alive_;
  for (const std::shared_ptr<Query>& query : delivered) {
    Done done = std::exchange(query->done, nullptr);
    if (done) done(std::move(query->result));
    if (!*alive) return;  // `done` destroyed the resolver
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Resolver>> CreateDnsResolver(Loop& loop, const DnsOptions& options) {
  auto resolver = std::make_unique<DnsResolver>(loop);
  if (absl::Status started = resolver->Init(options); !started.ok()) return started;
  return resolver;
}

}  // namespace meshlib::net
