// SPDX-License-Identifier: Apache-2.0
#include "mesh/inbound_tls.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "snapshot/named_trust_domains.h"
#include "snapshot/san_verifier.h"

namespace meshlib::mesh {
namespace {

using ContextOr = absl::StatusOr<std::shared_ptr<const tls::ServerContext>>;

// HTTP/1.1 is what is served: a client must not be told that it may speak HTTP/2.
std::vector<std::string> AlpnOf(const resource::TlsContext& settings) {
  std::vector<std::string> names;
  std::copy_if(settings.alpn.begin(), settings.alpn.end(), std::back_inserter(names),
               [](const std::string& name) { return name != "h2" && name != "istio-h2"; });
  return names;
}

absl::Status Missing(const std::string& what, const absl::Status& cause = absl::OkStatus()) {
  return absl::FailedPreconditionError(
      absl::StrCat("security: no ", what, cause.ok() ? "" : ": ", cause.message()));
}

template <typename Value>
absl::Status Missing(const std::string& what, const snapshot::TlsMaterial<Value>& material) {
  const absl::Status missing = Missing(what, material.status);
  return material.is_awaited ? absl::UnavailableError(missing.message()) : missing;
}

}  // namespace

// Thread-safe.
class InboundTls::Slot final {
 public:
  ContextOr Get() const {
    base::MutexLock lock(mutex_);
    return context_;
  }
  void Set(ContextOr context) {
    base::MutexLock lock(mutex_);
    std::swap(context_, context);  // the old one is destroyed without the lock
  }

 private:
  mutable base::Mutex mutex_;
  ContextOr context_ ABSL_GUARDED_BY(mutex_) = absl::FailedPreconditionError("security: not ready");
};

struct InboundTls::Entry {
  resource::TlsContext settings;
  std::shared_ptr<const snapshot::KeyPairMaterial> identity;  // null: none is named
  std::shared_ptr<const snapshot::RootsMaterial> roots;       // null: clients show no certificate
  std::weak_ptr<Slot> slot;
  uint64_t revision = 0;

  uint64_t Revision() const {
    return (identity == nullptr ? 0 : identity->revision) +
           (roots == nullptr ? 0 : roots->revision);
  }
};

InboundTls::InboundTls(snapshot::TlsMaterialSources sources)
    : materials_(std::move(sources), [this] { Refresh(); }) {}

InboundTls::~InboundTls() = default;

server::ServerContextSource InboundTls::Resolve(const resource::TlsContext& settings) {
  std::erase_if(entries_, [](const Entry& entry) { return entry.slot.expired(); });
  std::shared_ptr<Slot> slot;
  for (const Entry& entry : entries_) {
    if (entry.settings == settings) slot = entry.slot.lock();
  }
  if (slot == nullptr) {
    slot = std::make_shared<Slot>();
    Entry entry{.settings = settings, .slot = slot};
    if (settings.identity) entry.identity = materials_.KeyPair(*settings.identity);
    if (settings.roots) entry.roots = materials_.Roots(*settings.roots);
    entry.revision = entry.Revision();
    slot->Set(Compile(entry));
    entries_.push_back(std::move(entry));
  }
  return [slot] { return slot->Get(); };
}

void InboundTls::Refresh() {
  bool changed = false;
  for (Entry& entry : entries_) {
    const auto slot = entry.slot.lock();
    if (slot == nullptr || entry.revision == entry.Revision()) continue;
    entry.revision = entry.Revision();
    slot->Set(Compile(entry));
    changed = true;
  }
  if (!changed) return;
  const auto told = watchers_->by_id;
  for (const auto& [id, watcher] : told) {
    if (watchers_->by_id.count(id) > 0) watcher();
  }
}

base::Subscription InboundTls::Watch(std::function<void()> changed) {
  const uint64_t id = watchers_->next++;
  watchers_->by_id.emplace(id, std::move(changed));
  return base::Subscription([weak = std::weak_ptr(watchers_), id] {
    if (const auto watchers = weak.lock()) watchers->by_id.erase(id);
  });
}

ContextOr InboundTls::Compile(const Entry& entry) const {
  if (entry.identity == nullptr) return Missing("certificate");
  if (entry.identity->value == nullptr) return Missing("certificate", *entry.identity);
  tls::ServerSettings settings;
  settings.identity = entry.identity->value;
  settings.require_client_certificate = entry.settings.require_client_certificate;
  settings.alpn = AlpnOf(entry.settings);
  if (entry.roots != nullptr) {
    if (entry.roots->value == nullptr) return Missing("roots", *entry.roots);
    if (entry.roots->bundles != nullptr) {
      settings.spiffe_bundles = snapshot::BundlesFor(*entry.roots, entry.settings.peer_names);
    } else {
      settings.client_roots = entry.roots->value;
    }
  } else if (entry.settings.require_client_certificate) {
    return Missing("roots to check client certificates with");
  }
  if (!entry.settings.peer_names.empty()) {
    settings.verifiers.push_back(snapshot::SanVerifier(entry.settings.peer_names));
  }
  return tls::ServerContext::Create(std::move(settings));
}

}  // namespace meshlib::mesh
