// SPDX-License-Identifier: Apache-2.0
// ClientFixture: a Client on a hand-made MeshSnapshot, with scripted peers behind it.

#ifndef MESHLIB_CLIENT_TEST_CLIENT_FIXTURE_H_
#define MESHLIB_CLIENT_TEST_CLIENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "client/client.h"
#include "fake/scripted_peer.h"
#include "net/loop_threads.h"
#include "pick/endpoint_registry.h"

namespace meshlib::client {

// A coroutine that nobody waits for.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

// Remembers what was asked for. Thread-safe.
class FakeDemand final : public ConfigurationDemand {
 public:
  void Require(std::string_view name) override { Note(std::string(name)); }
  void RequireHost(std::string_view host, uint16_t port) override {
    Note("host " + std::string(host) + ":" + std::to_string(port));
  }
  void RequireUrlTls() override { Note("TLS of URLs"); }
  bool HasAnswered() const override {
    ++has_answered_asked;
    return has_answered;
  }
  bool Has(const std::string& name) {
    std::lock_guard lock(mutex_);
    return asked_.count(name) > 0;
  }
  void Await(const std::string& name) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return asked_.count(name) > 0; }))
        << name << " was not asked for";
  }

  std::atomic<bool> has_answered{true};
  mutable std::atomic<int> has_answered_asked{0};

 private:
  void Note(const std::string& text) {
    std::lock_guard lock(mutex_);
    asked_.insert(text);
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> asked_;
};

// Builds snapshots: clusters, and one Listener per route configuration.
class Configuration final {
 public:
  Configuration& Cluster(const std::string& name, const std::vector<resource::Address>& addresses,
                         resource::Cluster cluster = {},
                         std::vector<resource::DropOverload> drops = {}) {
    resource::EndpointSet set;
    set.drops = std::move(drops);
    set.localities.push_back({});
    for (const resource::Address& address : addresses) {
      set.localities[0].endpoints.push_back(
          {.address = address, .tls_mode = tls_mode_, .details = details_});
    }
    cluster.name = resource::ClusterName(name);
    if (!std::holds_alternative<resource::OriginalDestination>(cluster.discovery)) {
      cluster.discovery = resource::StaticDiscovery{set};
    }
    auto& registry = registries_[name];
    if (registry == nullptr) registry = std::make_unique<pick::EndpointRegistry>(cluster.name);
    registry->BeginBuild();
    auto entry = std::make_shared<snapshot::ClusterEntry>();
    entry->picker =
        pick::BuildPicker(cluster, std::make_shared<const resource::EndpointSet>(set), *registry);
    registry->EndBuild();
    entry->state = registry->cluster();
    entry->cluster = std::make_shared<const resource::Cluster>(std::move(cluster));
    clusters_[name] = entry;
    return *this;
  }

  // What the endpoints of Clusters from now on announce.
  Configuration& Announcing(resource::TlsMode mode) {
    tls_mode_ = mode;
    return *this;
  }
  // Further addresses of each endpoint of Clusters from now on.
  Configuration& AlsoAt(std::vector<resource::Address> addresses) {
    resource::Endpoint::Details details;
    details.more_addresses = std::move(addresses);
    details_ = std::make_shared<const resource::Endpoint::Details>(std::move(details));
    return *this;
  }
  // How connections of a Cluster are secured; null: they are plaintext.
  Configuration& Secured(const std::string& cluster,
                         std::shared_ptr<const snapshot::ClientTls> always,
                         std::shared_ptr<const snapshot::ClientTls> for_istio = nullptr) {
    auto entry = std::make_shared<snapshot::ClusterEntry>(*clusters_[cluster]);
    entry->always = std::move(always);
    entry->for_istio = std::move(for_istio);
    clusters_[cluster] = std::move(entry);
    return *this;
  }
  Configuration& Urls(std::shared_ptr<const snapshot::ClientTls> urls) {
    urls_ = std::move(urls);
    return *this;
  }

  // All routes of a Listener, in order, in one VirtualHost.
  Configuration& Listener(const std::string& name, std::vector<resource::Route> routes,
                          resource::HttpSettings http = {}, resource::VirtualHost host = {}) {
    resource::RouteConfig config;
    config.name = resource::RouteConfigName(name);
    host.name = "vhost";
    host.domains = {"*"};
    host.routes = std::move(routes);
    config.virtual_hosts.push_back(std::move(host));
    tables_[name] = route::RouteTable::Compile(
        std::make_shared<const resource::RouteConfig>(std::move(config)));
    http_[name] = std::move(http);
    return *this;
  }
  Configuration& Absent(const std::string& name) {
    absent_.insert(name);
    return *this;
  }
  // A host outside the mesh.
  Configuration& Host(const std::string& name, const std::string& cluster) {
    hosts_[name] = cluster;
    return *this;
  }
  const std::shared_ptr<pick::ClusterState>& state(const std::string& cluster) {
    return clusters_[cluster]->state;
  }

  std::shared_ptr<const snapshot::MeshSnapshot> Build() {
    auto snapshot = std::make_shared<snapshot::MeshSnapshot>();
    for (const auto& [name, entry] : clusters_) snapshot->clusters[name] = entry;
    for (const auto& [name, cluster] : hosts_) snapshot->hosts[name] = clusters_[cluster];
    for (const auto& [name, table] : tables_) snapshot->listeners[name] = Entry(name, table);
    for (const std::string& name : absent_) {
      auto entry = std::make_shared<snapshot::ListenerEntry>();
      entry->state = snapshot::ListenerEntry::State::kAbsent;
      snapshot->listeners[name] = entry;
    }
    snapshot->urls = urls_;
    return snapshot;
  }

 private:
  std::shared_ptr<const snapshot::ListenerEntry> Entry(
      const std::string& name, const std::shared_ptr<const route::RouteTable>& table) {
    auto entry = std::make_shared<snapshot::ListenerEntry>();
    auto listener = std::make_shared<resource::Listener>();
    listener->name = resource::ListenerName(name);
    listener->api = http_[name];
    entry->listener = listener;
    entry->http = &*listener->api;
    entry->routes = table;
    for (const resource::ClusterName& cluster : table->clusters()) {
      const auto it = clusters_.find(cluster.value);
      entry->clusters.push_back(it == clusters_.end() ? nullptr : it->second);
    }
    return entry;
  }

  std::map<std::string, std::unique_ptr<pick::EndpointRegistry>> registries_;
  std::map<std::string, std::shared_ptr<const snapshot::ClusterEntry>> clusters_;
  std::map<std::string, std::shared_ptr<const route::RouteTable>> tables_;
  std::map<std::string, resource::HttpSettings> http_;
  std::map<std::string, std::string> hosts_;
  std::set<std::string> absent_;
  std::shared_ptr<const resource::Endpoint::Details> details_;
  resource::TlsMode tls_mode_ = resource::TlsMode::kDisabled;
  std::shared_ptr<const snapshot::ClientTls> urls_;
};

// A Route for everything, to that cluster.
inline resource::Route RouteTo(const std::string& cluster, resource::ForwardAction action = {}) {
  resource::Route route;
  route.name = "to-" + cluster;
  route.match.path = {.kind = resource::PathMatcher::Kind::kPrefix, .value = "/"};
  action.cluster = resource::ClusterName(cluster);
  route.action = std::move(action);
  return route;
}

class ClientFixture : public ::testing::Test {
 protected:
  static constexpr const char* kCart = "cart.default.svc.cluster.local:80";

  void MakeClient(ClientOptions options = {}) {
    client_ = std::make_unique<Client>(
        std::move(options),
        ClientDependencies{
            .threads = *threads_, .snapshots = published_, .demand = demand_, .clock = clock_});
  }
  Client& client() {
    if (client_ == nullptr) MakeClient();
    return *client_;
  }
  void Publish() {
    published_.Publish(configuration_.Build());
    client().OnPublished();
  }
  // "cart" is one route to a cluster of these peers.
  void ServeCart(const std::vector<resource::Address>& peers, resource::ForwardAction action = {},
                 resource::Cluster cluster = {}) {
    configuration_.Cluster("cart", peers, std::move(cluster))
        .Listener(kCart, {RouteTo("cart", std::move(action))});
    Publish();
  }
  // "200 hello", or "UF 503: why".
  std::string Get(const std::string& url, const CallOptions& options = {}) {
    return Text(client().Get(url, options));
  }
  static std::string Text(const absl::StatusOr<HttpResponse>& result) {
    if (result.ok()) return std::to_string(result->status) + " " + result->body;
    const std::optional<CallError> error = CallErrorOf(result.status());
    if (!error) return std::string(result.status().message());
    return std::string(error->flag()) + " " + std::to_string(error->http_status) + ": " +
           std::string(result.status().message());
  }
  // The first words of Get(), up to the colon.
  std::string GetFlag(const std::string& url, const CallOptions& options = {}) {
    const std::string text = Get(url, options);
    return text.substr(0, text.find(':'));
  }

  base::SystemClock clock_;
  std::unique_ptr<net::LoopThreads> threads_ = net::LoopThreads::Start(2, clock_).value();
  base::Published<snapshot::MeshSnapshot> published_;
  FakeDemand demand_;
  Configuration configuration_;
  std::unique_ptr<Client> client_;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_TEST_CLIENT_FIXTURE_H_
