// SPDX-License-Identifier: Apache-2.0
#include "mesh/inbound_port.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "access/policy.h"
#include "xds/decode_types.h"

namespace meshlib::mesh {
namespace {

constexpr const char* kNamePrefix = "xds.istio.io/grpc/lds/inbound/";

constexpr absl::Duration kOverdueAfter = absl::Seconds(15);

// A gRPC server's Listener cannot say what the sidecar's would: that a verified client is told of,
// and that nobody else can say so.
constexpr resource::ClientCertificateDetails kToldByDefault = {
    .action = resource::ClientCertificateDetails::Action::kSet,
    .subject = true,
    .uri = true,
    .dns = true};

// nullopt: a range of addresses that cannot be compared with.
std::optional<server::ChainMatch> MatchOf(const resource::FilterChain& chain) {
  server::ChainMatch match;
  match.destination_port = chain.destination_port;
  for (const std::string& range : chain.prefix_ranges) {
    const auto destination = resource::CidrRange::FromString(range);
    if (!destination) return std::nullopt;
    match.destinations.push_back(*destination);
  }
  match.server_names = chain.server_names;
  match.transport_protocol = chain.transport_protocol;
  match.application_protocols = chain.application_protocols;
  return match;
}

server::InboundChain ChainOf(const resource::FilterChain& chain, const ResolveServerTls& resolve) {
  server::InboundChain out;
  if (chain.tls) {
    out.tls_settings = *chain.tls;
    out.tls = resolve(*chain.tls);
  }
  if (!chain.http) {
    out.refusal = "its filter chain \"" + chain.name + "\" has no HTTP";
    return out;
  }
  out.failure = chain.http->unusable;
  out.settings = *chain.http;
  out.access = access::Policy::Compile(chain.http->rbac);
  const bool is_told =
      out.settings.client_certificate.action != resource::ClientCertificateDetails::Action::kRemove;
  if (chain.tls && !is_told) out.settings.client_certificate = kToldByDefault;
  return out;
}

// Why the workload's certificate is not there yet; OK: nothing waits for it.
absl::Status AwaitedBy(const server::InboundPolicy& policy) {
  const auto awaited = [](const server::InboundChain& chain) {
    const absl::Status status = chain.tls ? chain.tls().status() : absl::OkStatus();
    return absl::IsUnavailable(status) ? status : absl::OkStatus();
  };
  absl::Status status;
  for (const server::InboundChain& chain : policy.chains) status.Update(awaited(chain));
  if (policy.default_chain) status.Update(awaited(*policy.default_chain));
  return status;
}

bool HasHttp(const resource::Listener& listener) {
  const auto& last = listener.default_filter_chain;
  return (last && last->http) ||
         std::any_of(listener.filter_chains.begin(), listener.filter_chains.end(),
                     [](const resource::FilterChain& chain) { return chain.http.has_value(); });
}

}  // namespace

server::InboundPolicy InboundPolicyOf(const resource::Listener& listener,
                                      const ResolveServerTls& resolve) {
  const std::string name = "listener \"" + listener.name.value + "\"";
  if (listener.unusable) return server::InboundPolicy::Failing(*listener.unusable);
  if (!HasHttp(listener)) return server::InboundPolicy::Failing(name + " has no HTTP filter chain");
  server::InboundPolicy policy;
  policy.default_chain.reset();
  for (const resource::FilterChain& chain : listener.filter_chains) {
    std::optional<server::ChainMatch> match = MatchOf(chain);
    if (!match) {
      return server::InboundPolicy::Failing(name + ": a prefix range of filter chain \"" +
                                            chain.name + "\" is none");
    }
    policy.matches.push_back(*std::move(match));
    policy.chains.push_back(ChainOf(chain, resolve));
  }
  if (listener.default_filter_chain) {
    policy.default_chain = ChainOf(*listener.default_filter_chain, resolve);
  }
  return policy;
}

InboundPort::InboundPort(const std::string& address, Unconfigured unconfigured, xds::AdsClient& ads,
                         base::EventLoop& loop, const Log& log, ResolveServerTls resolve,
                         Configure configure, const WatchServerTls& watch_tls)
    : address_(address),
      unconfigured_(unconfigured),
      ads_(ads),
      log_(log),
      resolve_(std::move(resolve)),
      configure_(std::move(configure)),
      overdue_timer_(loop.timers(), [this] { OnOverdue(); }),
      tls_watch_(watch_tls ? watch_tls([this] { OnTlsChanged(); }) : base::Subscription()),
      watch_(ads.Watch<resource::Listener>(
          xds::ListenerType(), kNamePrefix + address,
          [this](const xds::AdsClient::Update<resource::Listener>& update) {
            OnListener(update);
          })) {
  overdue_timer_.ArmAt(loop.Now() + kOverdueAfter);
}

void InboundPort::OnListener(const xds::AdsClient::Update<resource::Listener>& update) {
  if (update.ok()) {
    has_policy_ = true;
    server::InboundPolicy policy = InboundPolicyOf(**update, resolve_);
    return configured_ ? Apply(std::move(policy)) : ApplyFirst(std::move(policy));
  }
  if (has_policy_) return;
  const std::string problem(update.status().message());
  log_.Warning("server: " + address_ + " has no inbound configuration: " + problem +
               (absl::IsNotFound(update.status())
                    ? " (does a Service select this workload's labels and this port?)"
                    : ""));
  // A policy that was sent and cannot be followed is not the same as none.
  is_rejected_ = !absl::IsNotFound(update.status());
  if (MayServePlaintext()) {
    Apply({});
  } else if (configured_) {
    Apply(server::InboundPolicy::Failing(problem));
  }
}

bool InboundPort::MayServePlaintext() const {
  return unconfigured_ == Unconfigured::kServePlaintext && !is_rejected_;
}

void InboundPort::OnOverdue() {
  if (configured_) return;
  if (held_) {
    log_.Error("server: " + address_ + " has had no certificate for 15 s and stays closed: " +
               std::string(AwaitedBy(*held_).message()));
    return;
  }
  const absl::Status stream = ads_.StreamStatus();
  log_.Error("server: " + address_ + " has had no inbound configuration for 15 s and " +
             (MayServePlaintext() ? "serves plaintext without it" : "stays closed") +
             (stream.ok() ? "" : ": " + std::string(stream.message())));
  if (MayServePlaintext()) Apply({});
}

void InboundPort::ApplyFirst(server::InboundPolicy policy) {
  held_.reset();
  const absl::Status awaited = AwaitedBy(policy);
  if (awaited.ok()) return Apply(std::move(policy));
  log_.Info("server: " + address_ +
            " waits for its certificate: " + std::string(awaited.message()));
  held_ = std::move(policy);
}

void InboundPort::OnTlsChanged() {
  if (held_ && AwaitedBy(*held_).ok()) Apply(*std::exchange(held_, std::nullopt));
}

void InboundPort::Apply(server::InboundPolicy policy) {
  configured_ = true;
  overdue_timer_.Cancel();
  if (policy.default_chain) LogFailure(*policy.default_chain);
  for (const server::InboundChain& chain : policy.chains) LogFailure(chain);
  configure_(std::move(policy));
}

void InboundPort::LogFailure(const server::InboundChain& chain) const {
  if (chain.failure) log_.Error("server: " + address_ + ": " + *chain.failure);
}

}  // namespace meshlib::mesh
