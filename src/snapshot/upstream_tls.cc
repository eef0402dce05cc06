// SPDX-License-Identifier: Apache-2.0
#include "snapshot/upstream_tls.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "snapshot/named_trust_domains.h"
#include "snapshot/san_verifier.h"

namespace meshlib::snapshot {
namespace {

using resource::TlsContext;

// What is offered to a peer that is to speak HTTP/1.1. Istio's sidecars recognise a member of the
// mesh by "istio" and name the protocol inside as well (Istio's alpn filter).
std::vector<std::string> AlpnOf(const TlsContext& context) {
  const auto& asked = context.alpn;
  const bool istio = std::any_of(asked.begin(), asked.end(), [](const std::string& name) {
    return name == "istio" || name == "istio-peer-exchange";
  });
  if (istio) return {"istio-http/1.1", "istio", "http/1.1"};
  std::vector<std::string> names;
  std::copy_if(asked.begin(), asked.end(), std::back_inserter(names),
               [](const std::string& name) { return name != "h2"; });
  if (names.empty()) names.push_back("http/1.1");
  return names;
}

template <typename Value>
std::shared_ptr<const ClientTls> Without(const TlsMaterial<Value>& material,
                                         std::string description) {
  if (material.is_awaited) {
    return std::make_shared<ClientTls>(ClientTls::NotYet{material.status}, std::move(description));
  }
  return std::make_shared<ClientTls>(material.status, std::move(description));
}

template <typename Lookup>
auto Find(const std::optional<resource::CertificateSource>& source, Lookup find)
    -> decltype(find(*source)) {
  return source ? find(*source) : nullptr;
}

}  // namespace

UpstreamTls::UpstreamTls(const TlsContext& context, ClientTls::ByHost by_host,
                         TlsMaterials& materials)
    : context_(context),
      by_host_{.sni = by_host.sni && context.sni.empty(), .names = by_host.names},
      identity_(
          Find(context.identity, [&](const auto& source) { return materials.KeyPair(source); })),
      roots_(Find(context.roots, [&](const auto& source) { return materials.Roots(source); })),
      names_(context.peer_names.empty() ? nullptr : SanVerifier(context.peer_names)),
      revision_(Revision()),
      current_(Compile()) {}

TlsContext UpstreamTls::OfUrls() {
  TlsContext context;
  context.roots.emplace().system_roots = true;
  return context;
}

bool UpstreamTls::Update() {
  if (Revision() == revision_) return false;
  revision_ = Revision();
  current_ = Compile();
  return true;
}

uint64_t UpstreamTls::Revision() const {
  return (identity_ == nullptr ? 0 : identity_->revision) +
         (roots_ == nullptr ? 0 : roots_->revision);
}

std::shared_ptr<const ClientTls> UpstreamTls::Compile() const {
  std::string description = Description();
  tls::ClientSettings settings;
  settings.sni = context_.sni;
  settings.alpn = AlpnOf(context_);
  settings.policy = description;
  if (identity_ != nullptr) {
    if (identity_->value == nullptr) return Without(*identity_, std::move(description));
    settings.identity = identity_->value;
  }
  if (roots_ != nullptr) {
    if (roots_->value == nullptr) return Without(*roots_, std::move(description));
    if (roots_->bundles != nullptr) {
      settings.spiffe_bundles = BundlesFor(*roots_, context_.peer_names);
    } else {
      settings.roots = roots_->value;
    }
    // Texts have no version, and files no text.
    absl::StrAppend(&settings.policy, ", version ", roots_->version, context_.roots->ca_pem);
  }
  if (context_.identity) absl::StrAppend(&settings.policy, context_.identity->certificate_pem);
  if (names_ != nullptr) settings.verifiers.push_back(names_);
  return std::make_shared<ClientTls>(std::move(settings), by_host_, std::move(description));
}

std::string UpstreamTls::Description() const {
  std::string text = identity_ == nullptr ? "TLS" : "mutual TLS";
  if (by_host_.sni) {
    absl::StrAppend(&text, ", SNI is the request's host");
  } else if (!context_.sni.empty()) {
    absl::StrAppend(&text, ", SNI ", context_.sni);
  }
  if (identity_ != nullptr) absl::StrAppend(&text, ", certificate ", identity_->name);
  if (roots_ == nullptr) {
    absl::StrAppend(&text, ", any certificate");
  } else {
    absl::StrAppend(&text, ", roots ", roots_->name);
  }
  if (by_host_.names) absl::StrAppend(&text, ", for the request's host");
  if (names_ != nullptr) absl::StrAppend(&text, ", for ", Describe(context_.peer_names));
  return text;
}

}  // namespace meshlib::snapshot
