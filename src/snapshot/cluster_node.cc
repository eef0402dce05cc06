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
  if (entry_ != nullptr && entry_->cluster == current_.cluster && built_from_ == endpoints) {
    return false;
  }
  registry_.BeginBuild();
  auto picker = pick::BuildPicker(*current_.cluster, endpoints, registry_);
  registry_.EndBuild();
  entry_ = std::make_shared<const ClusterEntry>(
      ClusterEntry{current_.cluster, std::move(picker), registry_.cluster()});
  built_from_ = endpoints;
  return true;
}

std::string ClusterNode::WaitsFor() const {
  if (next_.cluster != nullptr) return "the endpoints of Cluster \"" + name_ + "\"";
  return "Cluster \"" + name_ + "\"";
}

}  // namespace meshlib::snapshot
