// SPDX-License-Identifier: Apache-2.0
#include "eds_update.h"

#include <utility>

#include "base/published.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_resolver.h"
#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/config/endpoint/v3/endpoint.pb.h"
#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "meshlib/envoy/extensions/filters/http/router/v3/router.pb.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/any.h"
#include "proto/type_urls.h"
#include "snapshot/snapshot_builder.h"
#include "xds/ads_client.h"

namespace bench {
namespace {

namespace proto = meshlib::envoy;

constexpr const char* kListener = "bench.example:80";
constexpr const char* kCluster = "bench";

template <typename Message>
std::string Response(const Message& resource, std::string_view type_url, int version) {
  proto::service::discovery::v3::DiscoveryResponse response;
  response.set_type_url(std::string(type_url));
  response.set_version_info(std::to_string(version));
  response.set_nonce(std::to_string(version));
  *response.add_resources() = meshlib::proto::PackAny(resource);
  return response.SerializeAsString();
}

proto::config::listener::v3::Listener ListenerMessage() {
  proto::extensions::filters::network::http_connection_manager::v3::HttpConnectionManager manager;
  auto* routes = manager.mutable_route_config();
  routes->set_name("routes");
  auto* host = routes->add_virtual_hosts();
  host->set_name("host");
  host->add_domains("*");
  auto* route = host->add_routes();
  route->mutable_match()->set_prefix("/");
  route->mutable_route()->set_cluster(kCluster);
  auto* filter = manager.add_http_filters();
  filter->set_name("envoy.filters.http.router");
  *filter->mutable_typed_config() =
      meshlib::proto::PackAny(proto::extensions::filters::http::router::v3::Router());
  proto::config::listener::v3::Listener listener;
  listener.set_name(kListener);
  *listener.mutable_api_listener()->mutable_api_listener() = meshlib::proto::PackAny(manager);
  return listener;
}

proto::config::cluster::v3::Cluster ClusterMessage() {
  proto::config::cluster::v3::Cluster cluster;
  cluster.set_name(kCluster);
  cluster.set_type(proto::config::cluster::v3::Cluster::EDS);
  cluster.mutable_eds_cluster_config()->mutable_eds_config()->mutable_ads();
  return cluster;
}

// Addresses 10.x.y.z, or 11.x.y.z in every other generation.
std::string EndpointsResponse(int count, int generation, int version) {
  proto::config::endpoint::v3::ClusterLoadAssignment assignment;
  assignment.set_cluster_name(kCluster);
  auto* locality = assignment.add_endpoints();
  for (int i = 0; i < count; ++i) {
    auto* address = locality->add_lb_endpoints()
                        ->mutable_endpoint()
                        ->mutable_address()
                        ->mutable_socket_address();
    address->set_address(std::to_string(10 + generation % 2) + "." + std::to_string(i >> 16) + "." +
                         std::to_string((i >> 8) & 255) + "." + std::to_string(i & 255));
    address->set_port_value(9080);
  }
  return Response(assignment, meshlib::proto::kEndpointSetTypeUrl, version);
}

class NullStream final : public meshlib::xds::AdsStream {
 public:
  void Send(std::string) override {}
};

// A control plane that says what it is told to say, whatever it is asked.
class SilentTransport final : public meshlib::xds::AdsTransport {
 public:
  std::unique_ptr<meshlib::xds::AdsStream> Open(meshlib::xds::AdsMethod,
                                                meshlib::xds::AdsStreamHandler& handler) override {
    client = &handler;
    return std::make_unique<NullStream>();
  }
  std::string ToString() const override { return "bench"; }

  meshlib::xds::AdsStreamHandler* client = nullptr;
};

}  // namespace

class EdsUpdate::Peer final {
 public:
  explicit Peer(int endpoints)
      : endpoints_(endpoints),
        ads_(loop_, transport_, meshlib::xds::MakeSotwProtocol(meshlib::xds::NodeIdentity()),
             meshlib::base::Random(1)),
        builder_({}, ads_, loop_, resolver_, published_,
                 [this](const meshlib::snapshot::MeshSnapshot&) { ++publications_; }) {
    builder_.Require(kListener);
    loop_.RunUntilIdle();
    transport_.client->OnConnected();
    Say(Response(ListenerMessage(), meshlib::proto::kListenerTypeUrl, ++version_));
    Say(Response(ClusterMessage(), meshlib::proto::kClusterTypeUrl, ++version_));
    Prepare(true);
    Deliver();
  }

  void Prepare(bool changed) {
    if (changed) ++generation_;
    changed_ = changed;
    next_ = EndpointsResponse(endpoints_, generation_, ++version_);
    published_.DropRetired();
  }

  bool Deliver() {
    const int before = publications_;
    Say(std::move(next_));
    return publications_ == before + (changed_ ? 1 : 0);
  }

 private:
  void Say(std::string bytes) {
    transport_.client->OnMessage(std::move(bytes));
    loop_.RunUntilIdle();
  }

  const int endpoints_;
  int generation_ = 0;
  int version_ = 0;
  int publications_ = 0;
  bool changed_ = false;
  std::string next_;
  meshlib::fake::FakeEventLoop loop_;
  meshlib::fake::FakeResolver resolver_;
  meshlib::base::Published<meshlib::snapshot::MeshSnapshot> published_;
  SilentTransport transport_;
  meshlib::xds::AdsClient ads_;
  meshlib::snapshot::SnapshotBuilder builder_;
};

EdsUpdate::EdsUpdate(int endpoints) : peer_(std::make_unique<Peer>(endpoints)) {}

EdsUpdate::~EdsUpdate() = default;

void EdsUpdate::Prepare(bool changed) { peer_->Prepare(changed); }

bool EdsUpdate::Deliver() { return peer_->Deliver(); }

}  // namespace bench
