// SPDX-License-Identifier: Apache-2.0
#include "snapshot/client_tls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "resource/address.h"

namespace meshlib::snapshot {
namespace {

using base::AbslView;

// RFC 6066 section 3, and what a DNS name may have.
constexpr size_t kMaxHost = 255;
// Hosts that a policy keeps contexts, and with them sessions, for.
constexpr size_t kMaxContexts = 256;

}  // namespace

ClientTls::ClientTls(absl::Status why, std::string description)
    : description_(std::move(description)), fixed_(std::move(why)) {}

ClientTls::ClientTls(NotYet not_yet, std::string description)
    : is_awaited_(true), description_(std::move(description)), fixed_(std::move(not_yet.why)) {}

ClientTls::ClientTls(tls::ClientSettings settings, ByHost by_host, std::string description)
    : settings_(std::move(settings)),
      by_host_(by_host),
      description_(std::move(description)),
      fixed_(depends_on_host() ? absl::StatusOr<Context>(Context())
                               : tls::ClientContext::Create(settings_)) {}

ClientTls::~ClientTls() = default;

absl::StatusOr<std::shared_ptr<const tls::ClientContext>> ClientTls::For(
    std::string_view host) const {
  if (!depends_on_host() || !fixed_.ok()) return fixed_;
  base::MutexLock lock(mutex_);
  const auto found = contexts_.find(AbslView(host));
  if (found != contexts_.end()) return found->second;
  absl::StatusOr<Context> made = Make(host);
  if (!made.ok()) return made;
  // Connections hold on to theirs.
  if (contexts_.size() >= kMaxContexts) contexts_.clear();
  contexts_.emplace(host, *made);
  return made;
}

absl::StatusOr<std::shared_ptr<const tls::ClientContext>> ClientTls::Make(
    std::string_view host) const {
  if (host.empty() || host.size() > kMaxHost || host.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("the request's host cannot be called by TLS: \"", AbslView(host), "\""));
  }
  tls::ClientSettings settings = settings_;
  const bool is_ip = resource::Address::FromIp(host, 0).has_value();
  if (by_host_.sni && !is_ip) settings.sni = host;
  if (settings.sni.empty()) settings.name = host;
  if (by_host_.names) settings.verifiers.push_back(tls::HostVerifier(std::string(host)));
  absl::StrAppend(&settings.policy, ", host ", AbslView(host));
  return tls::ClientContext::Create(std::move(settings));
}

}  // namespace meshlib::snapshot
