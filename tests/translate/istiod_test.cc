// SPDX-License-Identifier: Apache-2.0
// What a real istiod answers for the same manifests means the same as what we answer.
// testdata/istiod/ has its recorded DiscoveryResponses. What may differ is taken out of both sides:
// our own metadata, stat names, tracing, access logs, and Istio's own filters.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "manifest/load.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/any.h"
#include "translate/node_view.h"
#include "translate/server_listeners.h"
#include "translate/text_format.h"
#include "translate/translation_case.h"

namespace meshlib::translate {
namespace {

namespace xds_discovery = ::meshlib::envoy::service::discovery::v3;
using Hcm = ::meshlib::envoy::extensions::filters::network::http_connection_manager::v3::
    HttpConnectionManager;

std::string Data(const std::string& path) {
  return std::string(MESHLIB_TEST_DATA) + "/istiod/" + path;
}

// The recorded resources of one response, by name.
template <typename Message>
std::map<std::string, Message> Recorded(const std::string& file) {
  xds_discovery::DiscoveryResponse response;
  EXPECT_TRUE(response.ParseFromString(ReadFile(Data(file)))) << file;
  std::map<std::string, Message> resources;
  for (const google::protobuf::Any& any : response.resources()) {
    Message message;
    EXPECT_TRUE(proto::UnpackAny(any, message)) << any.type_url();
    if constexpr (requires { message.cluster_name(); }) {
      resources[message.cluster_name()] = message;
    } else {
      resources[message.name()] = message;
    }
  }
  EXPECT_FALSE(resources.empty()) << file;
  return resources;
}

void Mask(xds_core::Metadata& metadata) { metadata.mutable_filter_metadata()->erase("meshlib"); }

void Mask(xds_route::VirtualHost& host) {
  for (xds_route::Route& route : *host.mutable_routes()) {
    if (!route.has_metadata()) continue;
    Mask(*route.mutable_metadata());
  }
}

void Mask(xds_route::RouteConfiguration& config) {
  for (xds_route::VirtualHost& host : *config.mutable_virtual_hosts()) Mask(host);
}

void Mask(xds_cluster::Cluster& cluster) {
  cluster.clear_filters();
  if (cluster.has_metadata()) Mask(*cluster.mutable_metadata());
  cluster.DiscardUnknownFields();
}

void Mask(xds_endpoint::ClusterLoadAssignment&) {}

void Mask(Hcm& manager) {
  manager.clear_tracing();
  manager.clear_access_log();
  manager.clear_request_id_extension();
  auto& filters = *manager.mutable_http_filters();
  for (int i = filters.size() - 1; i >= 0; --i) {
    const std::string& name = filters[i].name();
    if (name.rfind("istio.", 0) == 0 || name == "envoy.filters.http.grpc_stats") {
      filters.DeleteSubrange(i, 1);
    }
  }
  manager.DiscardUnknownFields();
}

void Mask(xds_listener::Listener& listener) {
  Hcm manager;
  if (listener.has_api_listener()) {
    ASSERT_TRUE(proto::UnpackAny(listener.api_listener().api_listener(), manager));
    Mask(manager);
    *listener.mutable_api_listener()->mutable_api_listener() = proto::PackAny(manager);
  }
  for (xds_listener::FilterChain& chain : *listener.mutable_filter_chains()) {
    for (xds_listener::Filter& filter : *chain.mutable_filters()) {
      if (!proto::UnpackAny(filter.typed_config(), manager)) continue;
      Mask(manager);
      *filter.mutable_typed_config() = proto::PackAny(manager);
    }
  }
}

template <typename Message>
void ExpectSame(Message istiod, std::optional<Message> ours, const std::string& name) {
  ASSERT_TRUE(ours.has_value()) << name;
  Mask(istiod);
  Mask(*ours);
  const std::string difference = FirstDifference(ToText(istiod), ToText(*ours));
  EXPECT_TRUE(difference.empty()) << name << ":\n" << difference;
}

class IstiodTest : public ::testing::Test {
 protected:
  // testdata/istiod/mesh or testdata/istiod/gateway.
  void Load(const std::string& folder) {
    manifest::LoadResult loaded = manifest::LoadPath(Data(folder));
    ASSERT_TRUE(loaded.ok()) << manifest::ToText(loaded.problems);
    model_ = std::make_shared<const MeshModel>(
        std::make_shared<const manifest::Manifest>(std::move(loaded.manifest)));
  }

  NodeView View(const NodeClass& node_class) { return NodeView(model_, node_class); }
  static NodeClass Class(Shape shape, const std::string& name_space = "default") {
    return {.shape = shape,
            .name_space = name_space,
            .dns_domain = name_space + ".svc.cluster.local",
            .labels = {}};
  }
  static NodeClass Router() {
    NodeClass router = Class(Shape::kRouter, "istio-system");
    router.labels["istio"] = "ingressgateway";
    return router;
  }

  void ExpectSameClusters(const NodeClass& node_class, const std::string& folder) {
    const NodeView view(model_, node_class);
    for (const auto& [name, cluster] : Recorded<xds_cluster::Cluster>(folder + "/cds.pb")) {
      if (name.rfind("inbound|", 0) == 0 || name == "InboundPassthroughCluster") continue;
      ExpectSame(cluster, view.Cluster(name), name);
    }
  }
  void ExpectSameEndpoints(const NodeClass& node_class, const std::string& folder) {
    const NodeView view(model_, node_class);
    for (const auto& [name, set] :
         Recorded<xds_endpoint::ClusterLoadAssignment>(folder + "/eds.pb")) {
      ExpectSame(set, view.Endpoints(name, model_->files()), name);
    }
  }
  // The sidecar's routes of a port are the routes by name of its hosts, and the catch-all.
  void ExpectSameVirtualHosts(const std::string& folder) {
    NodeView view(model_, Class(Shape::kSidecar));
    for (const auto& [port, config] : Recorded<xds_route::RouteConfiguration>(folder + "/rds.pb")) {
      for (const xds_route::VirtualHost& host : config.virtual_hosts()) {
        if (host.name() == "allow_any") continue;
        const std::string called = host.name().substr(0, host.name().rfind(':'));
        xds_route::RouteConfiguration expected = config;
        expected.set_name("outbound|" + port + "||" + called);
        expected.clear_virtual_hosts();
        *expected.add_virtual_hosts() = host;
        ExpectSame(expected, view.RouteConfig(expected.name()), expected.name());
      }
    }
  }

  std::shared_ptr<const MeshModel> model_;
};

TEST_F(IstiodTest, GrpcClientsGetTheSame) {
  Load("mesh");
  NodeView view(model_, Class(Shape::kGrpc));
  for (const auto& [name, listener] : Recorded<xds_listener::Listener>("grpc-client/lds.pb")) {
    ExpectSame(listener, view.Listener(name), name);
  }
  for (const auto& [name, config] : Recorded<xds_route::RouteConfiguration>("grpc-client/rds.pb")) {
    ExpectSame(config, view.RouteConfig(name), name);
  }
  ExpectSameClusters(Class(Shape::kGrpc), "grpc-client");
  ExpectSameEndpoints(Class(Shape::kGrpc), "grpc-client");
}

TEST_F(IstiodTest, GrpcServersGetTheSame) {
  Load("mesh");
  ads_server::Node node;
  node.generator = "grpc";
  node.name_space = "default";
  node.ips = {"127.0.0.21"};
  node.labels = {{"app", "reviews"}, {"version", "v1"}};
  for (const auto& [name, listener] : Recorded<xds_listener::Listener>("grpc-server/lds.pb")) {
    ExpectSame(listener, FindServerListener(*model_, node, Shape::kGrpc, name), name);
  }
}

TEST_F(IstiodTest, ClientsByNameGetTheBodiesOfASidecar) {
  Load("mesh");
  for (const char* folder : {"sidecar-client", "sidecar-server"}) {
    ExpectSameVirtualHosts(folder);
    ExpectSameClusters(Class(Shape::kSidecar), folder);
    ExpectSameEndpoints(Class(Shape::kSidecar), folder);
  }
}

// Of the chains of a Listener, the first with HTTP on that destination port (0: whatever port).
Hcm ManagerIn(const xds_listener::Listener& listener, uint32_t destination_port) {
  Hcm manager;
  for (const xds_listener::FilterChain& chain : listener.filter_chains()) {
    const auto& match = chain.filter_chain_match();
    if (destination_port != 0 && match.destination_port().value() != destination_port) continue;
    for (const xds_listener::Filter& filter : chain.filters()) {
      if (proto::UnpackAny(filter.typed_config(), manager)) return manager;
    }
  }
  ADD_FAILURE() << "no HTTP in " << listener.name();
  return manager;
}

TEST_F(IstiodTest, ClientsTreatHttpAsASidecarDoes) {
  Load("mesh");
  const auto recorded = Recorded<xds_listener::Listener>("sidecar-client/lds.pb");
  Hcm istiod = ManagerIn(recorded.at("0.0.0.0_9080"), 0);
  istiod.mutable_rds()->set_route_config_name("outbound|9080||reviews.default.svc.cluster.local");
  const auto listener = View(Class(Shape::kSidecar)).Listener("reviews:9080");
  ASSERT_TRUE(listener.has_value());
  Hcm ours;
  ASSERT_TRUE(proto::UnpackAny(listener->api_listener().api_listener(), ours));
  Mask(istiod);
  Mask(ours);
  const std::string difference = FirstDifference(ToText(istiod), ToText(ours));
  EXPECT_TRUE(difference.empty()) << difference;
}

// The proxy's routes lead to the program behind it, ours are to the program itself.
TEST_F(IstiodTest, ServersTreatHttpAsASidecarDoes) {
  Load("mesh");
  const auto recorded = Recorded<xds_listener::Listener>("sidecar-server/lds.pb");
  Hcm istiod = ManagerIn(recorded.at("virtualInbound"), 19081);
  ads_server::Node node;
  node.name_space = "default";
  node.labels = {{"app", "reviews"}, {"version", "v1"}};
  node.ips = {"127.0.0.21"};
  const auto listener = FindServerListener(*model_, node, Shape::kSidecar,
                                           "xds.istio.io/grpc/lds/inbound/127.0.0.21:19081");
  ASSERT_TRUE(listener.has_value());
  Hcm ours = ManagerIn(*listener, 0);
  EXPECT_EQ(istiod.route_config().name(), ours.route_config().name());
  EXPECT_EQ(istiod.route_config().virtual_hosts(0).name(),
            ours.route_config().virtual_hosts(0).name());
  istiod.clear_route_config();
  ours.clear_route_config();
  Mask(istiod);
  Mask(ours);
  const std::string difference = FirstDifference(ToText(istiod), ToText(ours));
  EXPECT_TRUE(difference.empty()) << difference;
}

TEST_F(IstiodTest, ServersAreSecuredAsGrpcServersAre) {
  Load("secure");
  ads_server::Node node;
  node.generator = "grpc";
  node.name_space = "default";
  node.labels = {{"app", "reviews"}, {"version", "v1"}, {"security.istio.io/tlsMode", "istio"}};
  for (const auto& [name, listener] :
       Recorded<xds_listener::Listener>("secure-grpc-server/lds.pb")) {
    ExpectSame(listener, FindServerListener(*model_, node, Shape::kGrpc, name), name);
  }
}

// The chain of a port, without its HTTP's routes: the proxy's lead to the program behind it.
xds_listener::FilterChain ChainOf(const xds_listener::Listener& listener, uint32_t port) {
  for (xds_listener::FilterChain chain : listener.filter_chains()) {
    if (chain.filter_chain_match().destination_port().value() != port) continue;
    chain.clear_name();
    chain.mutable_filter_chain_match()->clear_destination_port();
    auto& filters = *chain.mutable_filters();
    Hcm manager;
    for (int i = filters.size() - 1; i >= 0; --i) {
      if (!proto::UnpackAny(filters[i].typed_config(), manager)) filters.DeleteSubrange(i, 1);
    }
    manager.clear_route_config();
    Mask(manager);
    *filters[0].mutable_typed_config() = proto::PackAny(manager);
    return chain;
  }
  ADD_FAILURE() << "no chain for port " << port;
  return {};
}

// The chain behind the first is the one for plaintext.
TEST_F(IstiodTest, ServersTakeTlsAndPlaintextWhereNothingIsSaid) {
  Load("mesh");
  ads_server::Node node;
  node.name_space = "default";
  node.labels = {{"app", "reviews"}, {"version", "v1"}};
  node.ips = {"127.0.0.21"};
  auto listener = FindServerListener(*model_, node, Shape::kSidecar,
                                     "xds.istio.io/grpc/lds/inbound/127.0.0.21:19081");
  ASSERT_TRUE(listener.has_value());
  ASSERT_EQ(listener->filter_chains_size(), 2);
  auto istiod = Recorded<xds_listener::Listener>("sidecar-server/lds.pb").at("virtualInbound");
  for (int turn = 0; turn < 2; ++turn) {
    const std::string difference =
        FirstDifference(ToText(ChainOf(istiod, 19081)), ToText(ChainOf(*listener, 0)));
    EXPECT_TRUE(difference.empty()) << difference;
    auto& chains = *istiod.mutable_filter_chains();
    while (chains[0].filter_chain_match().destination_port().value() != 19081) {
      chains.DeleteSubrange(0, 1);
    }
    chains.DeleteSubrange(0, 1);
    listener->mutable_filter_chains()->DeleteSubrange(0, 1);
  }
}

TEST_F(IstiodTest, ServersAreSecuredAsSidecarsAre) {
  Load("secure");
  ads_server::Node node;
  node.name_space = "default";
  node.labels = {{"app", "reviews"}, {"version", "v1"}};
  const auto listener = FindServerListener(*model_, node, Shape::kSidecar,
                                           "xds.istio.io/grpc/lds/inbound/10.244.0.21:9080");
  ASSERT_TRUE(listener.has_value());
  ASSERT_EQ(listener->filter_chains_size(), 1);
  const auto istiod = Recorded<xds_listener::Listener>("secure-sidecar-server/lds.pb");
  const std::string difference = FirstDifference(ToText(ChainOf(istiod.at("virtualInbound"), 9080)),
                                                 ToText(ChainOf(*listener, 0)));
  EXPECT_TRUE(difference.empty()) << difference;
}

// Recorded with the MeshConfig that the folder has in a ConfigMap.
TEST_F(IstiodTest, TrustDomainsAreThoseThatSidecarsHave) {
  Load("aliases");
  ExpectSameClusters(Class(Shape::kSidecar), "aliases-client");
  ads_server::Node node;
  node.name_space = "default";
  node.labels = {{"app", "reviews"}, {"version", "v1"}};
  node.ips = {"127.0.0.31"};
  const auto listener = FindServerListener(*model_, node, Shape::kSidecar,
                                           "xds.istio.io/grpc/lds/inbound/127.0.0.31:9080");
  ASSERT_TRUE(listener.has_value());
  const auto istiod = Recorded<xds_listener::Listener>("aliases-server/lds.pb");
  const std::string difference = FirstDifference(ToText(ChainOf(istiod.at("virtualInbound"), 9080)),
                                                 ToText(ChainOf(*listener, 0)));
  EXPECT_TRUE(difference.empty()) << difference;
}

TEST_F(IstiodTest, RoutersGetTheSame) {
  Load("gateway");
  NodeView view(model_, Router());
  for (const auto& [name, listener] : Recorded<xds_listener::Listener>("router/lds.pb")) {
    ExpectSame(listener, view.Listener(name), name);
  }
  for (const auto& [name, config] : Recorded<xds_route::RouteConfiguration>("router/rds.pb")) {
    ExpectSame(config, view.RouteConfig(name), name);
  }
  ExpectSameClusters(Router(), "router");
  ExpectSameEndpoints(Router(), "router");
}

TEST_F(IstiodTest, RoutersAreToldOfTheSameResources) {
  Load("gateway");
  std::vector<std::string> clusters, listeners;
  for (const auto& [name, cluster] : Recorded<xds_cluster::Cluster>("router/cds.pb")) {
    clusters.push_back(name);
  }
  for (const auto& [name, listener] : Recorded<xds_listener::Listener>("router/lds.pb")) {
    listeners.push_back(name);
  }
  std::vector<std::string> ours = View(Router()).ClusterNames();
  std::sort(ours.begin(), ours.end());
  EXPECT_EQ(ours, clusters);
  EXPECT_EQ(View(Router()).ListenerNames(), listeners);
}

}  // namespace
}  // namespace meshlib::translate
