// SPDX-License-Identifier: Apache-2.0
// SnapshotBuilderTest: a SnapshotBuilder over a real AdsClient, a control plane that is the test.

#ifndef MESHLIB_TESTS_SNAPSHOT_SNAPSHOT_FIXTURE_H_
#define MESHLIB_TESTS_SNAPSHOT_SNAPSHOT_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fake/fake_ads_transport.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_resolver.h"
#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/config/endpoint/v3/endpoint.pb.h"
#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "meshlib/envoy/extensions/filters/http/router/v3/router.pb.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/any.h"
#include "snapshot/snapshot_builder.h"

namespace meshlib::snapshot {

namespace discovery = envoy::service::discovery::v3;
namespace hcm = envoy::extensions::filters::network::http_connection_manager::v3;
using envoy::config::cluster::v3::Cluster;
using envoy::config::endpoint::v3::ClusterLoadAssignment;
using envoy::config::listener::v3::Listener;
using envoy::config::route::v3::RouteConfiguration;

inline hcm::HttpConnectionManager Http(const std::string& routes) {
  hcm::HttpConnectionManager http;
  http.mutable_rds()->set_route_config_name(routes);
  http.mutable_rds()->mutable_config_source()->mutable_ads();
  hcm::HttpFilter& router = *http.add_http_filters();
  router.set_name("router");
  *router.mutable_typed_config() =
      proto::PackAny(envoy::extensions::filters::http::router::v3::Router());
  return http;
}

inline Listener ClientListener(const std::string& name, const std::string& routes) {
  Listener listener;
  listener.set_name(name);
  *listener.mutable_api_listener()->mutable_api_listener() = proto::PackAny(Http(routes));
  return listener;
}

// A gateway's.
inline Listener ServerListener(const std::string& name, const std::string& routes) {
  Listener listener;
  listener.set_name(name);
  auto& filter = *listener.add_filter_chains()->add_filters();
  filter.set_name("http");
  *filter.mutable_typed_config() = proto::PackAny(Http(routes));
  return listener;
}

// One route for each of the clusters.
inline RouteConfiguration Routes(const std::string& name, const std::vector<std::string>& to) {
  RouteConfiguration config;
  config.set_name(name);
  auto& host = *config.add_virtual_hosts();
  host.set_name("all");
  host.add_domains("*");
  for (const std::string& cluster : to) {
    auto& route = *host.add_routes();
    route.mutable_match()->set_prefix("/" + cluster);
    route.mutable_route()->set_cluster(cluster);
  }
  return config;
}

inline Cluster EdsCluster(const std::string& name, const std::string& service = "") {
  Cluster cluster;
  cluster.set_name(name);
  cluster.set_type(Cluster::EDS);
  cluster.mutable_eds_cluster_config()->mutable_eds_config()->mutable_ads();
  cluster.mutable_eds_cluster_config()->set_service_name(service);
  return cluster;
}

template <typename Endpoints>
void AddEndpoint(Endpoints& endpoints, const std::string& host, uint32_t port) {
  auto& address = *endpoints.add_lb_endpoints()
                       ->mutable_endpoint()
                       ->mutable_address()
                       ->mutable_socket_address();
  address.set_address(host);
  address.set_port_value(port);
}

inline Cluster DnsCluster(const std::string& name, const std::string& host,
                          Cluster::DiscoveryType type = Cluster::STRICT_DNS) {
  Cluster cluster;
  cluster.set_name(name);
  cluster.set_type(type);
  cluster.mutable_load_assignment()->set_cluster_name(name);
  AddEndpoint(*cluster.mutable_load_assignment()->add_endpoints(), host, 80);
  return cluster;
}

// At 127.0.0.<last>:80.
inline ClusterLoadAssignment EndpointsAt(const std::string& name, const std::vector<int>& last) {
  ClusterLoadAssignment set;
  set.set_cluster_name(name);
  auto& locality = *set.add_endpoints();
  for (const int byte : last) AddEndpoint(locality, "127.0.0." + std::to_string(byte), 80);
  return set;
}

class SnapshotBuilderTest : public ::testing::Test {
 protected:
  SnapshotBuilderTest() { Start({}); }
  ~SnapshotBuilderTest() override {
    builder_.reset();
    loop_.RunUntilIdle();
    ads_.reset();
    transport_.sent().clear();
  }

  void Start(const SnapshotOptions& options) {
    builder_.reset();
    ads_ = std::make_unique<xds::AdsClient>(loop_, transport_, xds::MakeSotwProtocol(node_),
                                            base::Random(1), xds::AdsClientOptions{});
    builder_ = std::make_unique<SnapshotBuilder>(options, *ads_, loop_, resolver_, published_,
                                                 [this](const MeshSnapshot&) { ++publishes_; });
  }

  // All resources of a type, as the control plane sends them.
  template <typename Message>
  void Serve(const std::vector<Message>& resources) {
    Connect();
    discovery::DiscoveryResponse response;
    response.set_type_url(proto::TypeUrl<Message>());
    response.set_version_info(std::to_string(++version_));
    response.set_nonce(std::to_string(version_));
    for (const Message& message : resources) *response.add_resources() = proto::PackAny(message);
    transport_.Deliver(response.SerializeAsString());
    loop_.RunUntilIdle();
  }

  // "shop" forwards to `to`, each at one endpoint.
  void ServeShop(const std::vector<std::string>& to) {
    Serve<Listener>({ClientListener("shop", "shop-routes")});
    std::vector<Cluster> clusters;
    std::vector<ClusterLoadAssignment> endpoints;
    Serve<RouteConfiguration>({Routes("shop-routes", to)});
    for (const std::string& name : to) clusters.push_back(EdsCluster(name));
    Serve(clusters);
    for (const std::string& name : to) endpoints.push_back(EndpointsAt(name, {1}));
    Serve(endpoints);
  }

  std::shared_ptr<const MeshSnapshot> Latest() {
    loop_.RunUntilIdle();
    return published_.Latest();
  }
  std::shared_ptr<const ListenerEntry> Entry(const std::string& name) {
    const auto snapshot = Latest();
    const auto it = snapshot->listeners.find(name);
    return it == snapshot->listeners.end() ? nullptr : it->second;
  }

  // "a=127.0.0.1:80 b=none c=wait d=absent": the clusters of a Listener in the order of its routes.
  std::string Targets(const std::string& listener) {
    const auto entry = Entry(listener);
    if (entry == nullptr) return "(unknown)";
    if (entry->state == ListenerEntry::State::kAbsent) return "(absent)";
    if (entry->state == ListenerEntry::State::kFailed) return "(failed)";
    std::string text;
    for (size_t i = 0; i < entry->clusters.size(); ++i) {
      if (i > 0) text += " ";
      text += entry->routes->clusters()[i].value + "=" + EndpointsOf(entry->clusters[i].get());
    }
    return text;
  }
  std::string EndpointsOf(const ClusterEntry* cluster) {
    if (cluster == nullptr) return "absent";
    const pick::PickResult first = Pick(*cluster->picker);
    if (std::holds_alternative<pick::PickWait>(first)) return "wait";
    if (std::holds_alternative<pick::PickFail>(first)) return "none";
    std::set<std::string> seen;
    for (int i = 0; i < 64; ++i) {
      const pick::PickResult pick = Pick(*cluster->picker);
      seen.insert(std::get<pick::Picked>(pick).endpoint->address().ToString());
    }
    std::string text;
    for (const std::string& address : seen) text += (text.empty() ? "" : ",") + address;
    return text;
  }
  pick::PickResult Pick(const pick::Picker& picker) {
    std::unique_ptr<pick::PickState> state;
    return picker.Pick({.random = random_, .state = state, .previous = {}});
  }

  int Publishes() {
    loop_.RunUntilIdle();
    return std::exchange(publishes_, 0);
  }

  const xds::NodeIdentity node_{.name = "page", .name_space = "default"};
  fake::FakeEventLoop loop_;
  fake::FakeAdsTransport transport_;
  fake::FakeResolver resolver_;
  base::Published<MeshSnapshot> published_;
  base::Random random_{7};
  int publishes_ = 0;
  int version_ = 0;
  std::unique_ptr<xds::AdsClient> ads_;
  std::unique_ptr<SnapshotBuilder> builder_;

 private:
  void Connect() {
    loop_.RunUntilIdle();
    if (!std::exchange(connected_, true)) transport_.Connect();
    loop_.RunUntilIdle();
  }
  bool connected_ = false;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_TESTS_SNAPSHOT_SNAPSHOT_FIXTURE_H_
