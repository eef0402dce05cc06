// SPDX-License-Identifier: Apache-2.0
#include "snapshot/cluster_node.h"

#include <utility>
#include <variant>

#include "xds/decode_types.h"

namespace meshlib::snapshot {
namespace {

using resource::Cluster;

// Stands for a Cluster that was rejected and has no good version: Calls are told why.
std::shared_ptr<const Cluster> Rejected(const std::string& name, const absl::Status& why) {
  auto cluster = std::make_shared<Cluster>();
  cluster->name = resource::ClusterName(name);
  cluster->discovery = resource::StaticDiscovery{};
  cluster->unusable = "xds: " + std::string(why.message());
  return cluster;
}

std::unique_ptr<UpstreamTls> Secured(const std::optional<resource::TlsContext>& context,
                                     const resource::ClusterSecurity& security,
                                     TlsMaterials& materials) {
  if (!context) return nullptr;
  return std::make_unique<UpstreamTls>(
      *context, ClientTls::ByHost{.sni = security.auto_sni, .names = security.auto_san_validation},
      materials);
}

std::shared_ptr<const ClientTls> CurrentOf(const std::unique_ptr<UpstreamTls>& tls) {
  return tls == nullptr ? nullptr : tls->current();
}

}  // namespace

ClusterNode::ClusterNode(std::string name, const Sources& sources, absl::Duration withdrawn_grace,
                         absl::AnyInvocable<void()> changed)
    : name_(std::move(name)),
      sources_(sources),
      withdrawn_grace_(withdrawn_grace),
      changed_(std::move(changed)),
      registry_(resource::ClusterName(name_)),
      grace_(sources.loop.timers(), [this] {
        absent_ = true;
        changed_();
      }) {
  watch_ = sources_.ads.Watch<Cluster>(
      xds::ClusterType(), name_,
      [this](const xds::AdsClient::Update<Cluster>& update) { OnCluster(update); });
}

void ClusterNode::OnCluster(const xds::AdsClient::Update<Cluster>& update) {
  if (absl::IsNotFound(update.status())) {
    Withdraw();
  } else {
    withdrawn_ = absent_ = false;
    grace_.Cancel();
    arrived_ = update.ok() ? *update : Rejected(name_, update.status());
  }
  changed_();
}

void ClusterNode::Withdraw() {
  arrived_ = nullptr;
  if (withdrawn_ || absent_) return;
  withdrawn_ = true;
  if (entry_ == nullptr) {
    absent_ = true;
  } else {
    grace_.ArmAt(sources_.loop.Now() + withdrawn_grace_);
  }
}

bool ClusterNode::Update() {
  if (absent_) {
    const bool was_there = entry_ != nullptr;
    current_ = {};
    next_ = {};
    entry_ = nullptr;
    built_from_ = nullptr;
    return was_there || std::exchange(withdrawn_, false);
  }
  if (arrived_ != nullptr) TakeOver(std::exchange(arrived_, nullptr));
  if (next_.cluster != nullptr && next_.source->endpoints() != nullptr) {
    current_ = std::exchange(next_, {});
  }
  return BuildEntry();
}

void ClusterNode::TakeOver(std::shared_ptr<const Cluster> cluster) {
  if (current_.cluster != nullptr && current_.cluster->discovery == cluster->discovery) {
    next_ = {};
    if (*current_.cluster != *cluster) current_.cluster = std::move(cluster);
    return;
  }
  if (next_.cluster != nullptr && next_.cluster->discovery == cluster->discovery) {
    next_.cluster = std::move(cluster);
    return;
  }
  const bool is_dns = std::holds_alternative<resource::DnsDiscovery>(cluster->discovery);
  auto source = std::make_unique<EndpointSource>(*cluster, sources_, [this] { changed_(); });
  // Names may take long to resolve. With nothing in use before, Calls wait for them at the Picker.
  next_ = {};
  Version& place = current_.cluster == nullptr && is_dns ? current_ : next_;
  place = {std::move(cluster), std::move(source)};
}

bool ClusterNode::BuildEntry() {
  if (current_.cluster == nullptr) return false;
  const auto& endpoints = current_.source->endpoints();
  const bool secured_otherwise = UpdateSecurity();
  const bool picks_the_same =
      entry_ != nullptr && entry_->cluster == current_.cluster && built_from_ == endpoints;
  if (picks_the_same && !secured_otherwise) return false;
  auto entry = std::make_shared<ClusterEntry>();
  entry->cluster = current_.cluster;
  if (picks_the_same) {
    entry->picker = entry_->picker;
  } else {
    registry_.BeginBuild();
    entry->picker = pick::BuildPicker(*current_.cluster, endpoints, registry_);
    registry_.EndBuild();
  }
  entry->state = registry_.cluster();
  entry->always = CurrentOf(always_);
  entry->for_istio = CurrentOf(for_istio_);
  entry_ = std::move(entry);
  built_from_ = endpoints;
  return true;
}

bool ClusterNode::UpdateSecurity() {
  const resource::ClusterSecurity& wanted = current_.cluster->security;
  if (wanted == security_) {
    const bool always = always_ != nullptr && always_->Update();
    const bool for_istio = for_istio_ != nullptr && for_istio_->Update();
    return always || for_istio;
  }
  security_ = wanted;
  always_ = Secured(wanted.always, wanted, sources_.tls);
  for_istio_ = Secured(wanted.for_istio, wanted, sources_.tls);
  return true;
}

std::string ClusterNode::WaitsFor() const {
  if (next_.cluster != nullptr) return "the endpoints of Cluster \"" + name_ + "\"";
  return "Cluster \"" + name_ + "\"";
}

}  // namespace meshlib::snapshot
