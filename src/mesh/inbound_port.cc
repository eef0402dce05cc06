#include "mesh/inbound_port.h"

#include <optional>
#include <utility>

#include "xds/decode_types.h"

namespace meshlib::mesh {
namespace {

constexpr const char* kNamePrefix = "xds.istio.io/grpc/lds/inbound/";

constexpr absl::Duration kOverdueAfter = absl::Seconds(15);

const resource::FilterChain* HttpChain(const resource::Listener& listener) {
  for (const resource::FilterChain& chain : listener.filter_chains) {
    if (chain.http) return &chain;
  }
  const auto& last = listener.default_filter_chain;
  return last && last->http ? &*last : nullptr;
}

std::optional<std::string> Unusable(const resource::FilterChain& chain) {
  if (chain.tls) return "security: TLS for incoming Calls is not supported yet";
  if (!chain.http) return std::nullopt;
  if (chain.http->unusable) return chain.http->unusable;
  if (!chain.http->rbac.empty()) return "security: authorization (RBAC) is not supported yet";
  return std::nullopt;
}

// One chain serves every Call here, so what any of them asks for is asked of all.
std::optional<std::string> Unusable(const resource::Listener& listener) {
  if (listener.unusable) return listener.unusable;
  for (const resource::FilterChain& chain : listener.filter_chains) {
    if (auto reason = Unusable(chain)) return reason;
  }
  if (listener.default_filter_chain) {
    if (auto reason = Unusable(*listener.default_filter_chain)) return reason;
  }
  if (HttpChain(listener) == nullptr) {
    return "listener \"" + listener.name.value + "\" has no HTTP filter chain";
  }
  return std::nullopt;
}

}  // namespace

server::InboundPolicy InboundPolicyOf(const resource::Listener& listener) {
  const resource::FilterChain* chain = HttpChain(listener);
  server::InboundPolicy policy;
  policy.failure = Unusable(listener);
  if (chain != nullptr) policy.settings = *chain->http;
  return policy;
}

InboundPort::InboundPort(const std::string& address, Unconfigured unconfigured, xds::AdsClient& ads,
                         net::Loop& loop, const Log& log, Configure configure)
    : address_(address),
      unconfigured_(unconfigured),
      ads_(ads),
      log_(log),
      configure_(std::move(configure)),
      overdue_timer_(loop.timers(), [this] { OnOverdue(); }),
      watch_(ads.Watch<resource::Listener>(
          xds::ListenerType(), kNamePrefix + address,
          [this](const xds::AdsClient::Update<resource::Listener>& update) {
            OnListener(update);
          })) {
  overdue_timer_.ArmAt(loop.Now() + kOverdueAfter);
}

void InboundPort::OnListener(const xds::AdsClient::Update<resource::Listener>& update) {
  if (update.ok()) return Apply(InboundPolicyOf(**update));
  if (configured_) return;
  log_.Warning("server: " + address_ +
               " has no inbound configuration: " + std::string(update.status().message()) +
               (absl::IsNotFound(update.status())
                    ? " (does a Service select this workload's labels and this port?)"
                    : ""));
  if (unconfigured_ == Unconfigured::kServePlaintext) Apply({});
}

void InboundPort::OnOverdue() {
  if (configured_) return;
  const absl::Status stream = ads_.StreamStatus();
  log_.Error("server: " + address_ + " has had no inbound configuration for 15 s and " +
             (unconfigured_ == Unconfigured::kServePlaintext ? "serves plaintext without it"
                                                             : "stays closed") +
             (stream.ok() ? "" : ": " + std::string(stream.message())));
  if (unconfigured_ == Unconfigured::kServePlaintext) Apply({});
}

void InboundPort::Apply(server::InboundPolicy policy) {
  configured_ = true;
  overdue_timer_.Cancel();
  if (policy.failure) log_.Error("server: " + address_ + ": " + *policy.failure);
  configure_(std::move(policy));
}

}  // namespace meshlib::mesh
