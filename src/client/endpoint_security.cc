// SPDX-License-Identifier: Apache-2.0
#include "client/endpoint_security.h"

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::client {
namespace {

// Without port and brackets.
std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    return authority.substr(1, end == std::string_view::npos ? end : end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const tls::ClientContext>> EndpointSecurity::Context() const {
  if (tls != nullptr) return tls->For(host);
  if (!wanted) return nullptr;
  return absl::FailedPreconditionError("its policy is not ready");
}

std::string EndpointSecurity::Describe() const {
  if (!wanted) return by_mode ? "plaintext: no tlsMode istio" : "plaintext";
  const auto context = Context();
  const std::string how = tls == nullptr ? "TLS" : tls->description();
  if (context.ok()) return how;
  return absl::StrCat("security: ", context.status().message(),
                      IsAwaited() ? "; Calls wait for it (" : " (", how, ")");
}

EndpointSecurity SecurityOf(const snapshot::MeshSnapshot& snapshot,
                            const snapshot::ClusterEntry& cluster, resource::TlsMode mode,
                            const Destination& destination, std::string_view authority) {
  const resource::ClusterSecurity& policy = cluster.cluster->security;
  const bool for_istio = mode == resource::TlsMode::kIstio && policy.for_istio.has_value();
  EndpointSecurity security;
  security.by_mode = policy.for_istio.has_value();
  security.tls = cluster.TlsFor(mode).get();
  security.wanted =
      security.tls != nullptr || for_istio || policy.always.has_value() || destination.tls;
  if (security.tls != nullptr) {
    if (security.tls->depends_on_host()) security.host = HostOf(authority);
  } else if (destination.tls && !for_istio && !policy.always) {
    security.tls = snapshot.urls.get();
    security.host = destination.host;
  }
  return security;
}

}  // namespace meshlib::client
