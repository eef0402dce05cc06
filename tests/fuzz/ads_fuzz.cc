// SPDX-License-Identifier: Apache-2.0
// The ADS protocol, both sides: any bytes may come from a control plane or from a client.
//
// The first byte of an input chooses the side. A client answers each message that is a response
// exactly once and ends the stream at any other; a server sends only what its client has asked for.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ads_server/ads_server.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_port_probe.h"
#include "fake/fake_resource_source.h"
#include "fuzz_target.h"
#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"
#include "xds/ads_client.h"

namespace {

namespace discovery = meshlib::envoy::service::discovery::v3;
using meshlib::fuzz::Require;

constexpr char kToClient = 'c', kToServer = 's', kToDeltaServer = 'd';
const std::string_view kCds = meshlib::proto::kClusterTypeUrl;
const std::string kInbound = "xds.istio.io/grpc/lds/inbound/127.0.0.1:80";

std::string ClusterNamed(const std::string& name) {
  meshlib::envoy::config::cluster::v3::Cluster cluster;
  cluster.set_name(name);
  return cluster.SerializeAsString();
}

// A control plane that says what the input says.
class Transport final : public meshlib::xds::AdsTransport {
 public:
  std::unique_ptr<meshlib::xds::AdsStream> Open(meshlib::xds::AdsMethod /*method*/,
                                                meshlib::xds::AdsStreamHandler& handler) override {
    handler_ = &handler;
    open_ = true;
    return std::make_unique<Stream>(*this);
  }
  std::string ToString() const override { return "fuzz"; }
  void Deliver(const std::string& bytes) { handler_->OnMessage(bytes); }
  bool open() const { return open_; }
  int sent() const { return sent_; }

 private:
  class Stream final : public meshlib::xds::AdsStream {
   public:
    explicit Stream(Transport& transport) : transport_(transport) {}
    ~Stream() override { transport_.open_ = false; }
    void Send(std::string bytes) override {
      discovery::DiscoveryRequest request;
      Require(request.ParseFromString(bytes), "the client writes requests");
      ++transport_.sent_;
    }

   private:
    Transport& transport_;
  };

  meshlib::xds::AdsStreamHandler* handler_ = nullptr;
  bool open_ = false;
  int sent_ = 0;
};

void RunClient(const std::string& bytes) {
  meshlib::fake::FakeEventLoop loop;
  Transport transport;
  meshlib::xds::AdsClient client(
      loop, transport, meshlib::xds::MakeSotwProtocol(meshlib::xds::NodeIdentity{.name = "fuzz"}),
      meshlib::base::Random(1));
  const auto type = meshlib::xds::ResourceTypeOf<std::string>::Listed(
      kCds, "Cluster",
      [](std::string_view body,
         meshlib::resource::Report&) -> absl::StatusOr<std::shared_ptr<const std::string>> {
        if (body.size() % 2 == 1) return absl::InvalidArgumentError("odd");
        return std::make_shared<const std::string>(body);
      });
  const auto watch = client.Watch<std::string>(type, "a", [](const auto&) {});
  const auto all = client.WatchAll<std::string>(type, [](const std::string&, const auto&) {});
  loop.RunUntilIdle();
  const int before = transport.sent();
  discovery::DiscoveryResponse response;
  const bool is_response = response.ParseFromString(bytes);
  transport.Deliver(bytes);
  if (transport.open()) {
    Require(is_response, "what is not a response ends the stream");
    const bool unasked = response.type_url() == std::string(meshlib::proto::kListenerTypeUrl);
    Require(transport.sent() == before + (unasked ? 0 : 1), "a response is answered once");
  }
  loop.Advance(absl::Seconds(20));
  client.Report();
  client.Dump();
}

class Sink final : public meshlib::ads_server::StreamSink {
 public:
  explicit Sink(const std::string& request) { is_request_ = asked_.ParseFromString(request); }
  void Send(std::string bytes) override {
    discovery::DiscoveryResponse response;
    Require(response.ParseFromString(bytes), "the server writes responses");
    Require(is_request_ && response.type_url() == asked_.type_url(), "only what was asked for");
    const std::set<std::string> names(asked_.resource_names().begin(),
                                      asked_.resource_names().end());
    for (const auto& error : response.resource_errors()) {
      Require(names.count(error.resource_name().name()) == 1, "only names that were asked for");
    }
  }
  void Close(const absl::Status& status) override { closed_ = !status.ok(); }
  bool closed() const { return closed_; }

 private:
  discovery::DiscoveryRequest asked_;
  bool is_request_ = false;
  bool closed_ = false;
};

class DeltaSink final : public meshlib::ads_server::StreamSink {
 public:
  explicit DeltaSink(const std::string& request) { is_request_ = asked_.ParseFromString(request); }
  void Send(std::string bytes) override {
    discovery::DeltaDiscoveryResponse response;
    Require(response.ParseFromString(bytes), "the server writes responses");
    Require(is_request_ && response.type_url() == asked_.type_url(), "only what was asked for");
    std::set<std::string> names;
    for (const auto& resource : response.resources()) names.insert(resource.name());
    for (const std::string& name : response.removed_resources()) {
      Require(names.insert(name).second, "what is removed is not sent");
    }
  }
  void Close(const absl::Status& status) override { closed_ = !status.ok(); }
  bool closed() const { return closed_; }

 private:
  discovery::DeltaDiscoveryRequest asked_;
  bool is_request_ = false;
  bool closed_ = false;
};

template <typename ClientSink>
void RunServer(meshlib::xds::AdsMethod method, const std::string& bytes) {
  meshlib::fake::FakeEventLoop loop;
  meshlib::fake::FakePortProbe probe(loop);
  meshlib::registry::Registry registry(loop, probe);
  meshlib::fake::FakeResourceSource source;
  source.Set(kCds, "a", ClusterNamed("a"));
  source.Set(meshlib::proto::kListenerTypeUrl, kInbound, "");
  meshlib::ads_server::AdsServer server(loop, source, &registry, nullptr);
  ClientSink sink(bytes);
  const auto stream = server.Accept(method, sink);
  stream->OnMessage(bytes);
  if (!sink.closed()) stream->OnMessage(bytes);
  loop.RunUntilIdle();
  source.Set(kCds, "a", ClusterNamed("b"));
  source.Publish();
  loop.Advance(absl::Seconds(20));
}

}  // namespace

namespace meshlib::fuzz {

std::vector<std::string> Seeds() {
  discovery::DiscoveryResponse response;
  response.set_type_url(std::string(kCds));
  response.set_version_info("1");
  response.set_nonce("n");
  for (const char* name : {"a", "b"}) {
    google::protobuf::Any& any = *response.add_resources();
    any.set_type_url(std::string(kCds));
    any.set_value(ClusterNamed(name));
  }
  discovery::Resource wrapper;
  wrapper.set_name("c");
  wrapper.add_aliases("a");
  *wrapper.mutable_resource() = response.resources(0);
  google::protobuf::Any& wrapped = *response.add_resources();
  wrapped.set_type_url(std::string(proto::kResourceWrapperTypeUrl));
  wrapped.set_value(wrapper.SerializeAsString());
  discovery::ResourceError& error = *response.add_resource_errors();
  error.mutable_resource_name()->set_name("d");
  error.mutable_error_detail()->set_code(5);

  discovery::DiscoveryRequest request;
  request.mutable_node()->set_id("sidecar~127.0.0.1~a.b~b.svc.cluster.local");
  (*request.mutable_node()->mutable_metadata()->mutable_fields())["INSTANCE_IPS"].set_string_value(
      "127.0.0.1,::1");
  request.set_type_url(std::string(kCds));
  request.add_resource_names("a");
  request.add_resource_names("*");
  discovery::DiscoveryRequest inbound = request;
  inbound.set_type_url(std::string(proto::kListenerTypeUrl));
  inbound.add_resource_names(kInbound);
  inbound.set_response_nonce("1");

  discovery::DeltaDiscoveryRequest delta;
  *delta.mutable_node() = request.node();
  delta.set_type_url(std::string(kCds));
  delta.add_resource_names_subscribe("a");
  delta.add_resource_names_subscribe("*");
  delta.add_resource_names_unsubscribe("b");
  (*delta.mutable_initial_resource_versions())["c"] = "1";
  delta.set_response_nonce("1");
  return {kToDeltaServer + delta.SerializeAsString(), kToClient + response.SerializeAsString(),
          kToServer + request.SerializeAsString(), kToServer + inbound.SerializeAsString()};
}

std::vector<std::string> Dictionary() {
  return {std::string(kCds),
          std::string(proto::kResourceWrapperTypeUrl),
          kInbound,
          "\x0a\x01",
          "1",
          std::string("\xff\xff\xff\xff\x0f")};
}

}  // namespace meshlib::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == kToClient) RunClient(bytes);
  using Method = meshlib::xds::AdsMethod;
  if (data[0] == kToServer) RunServer<Sink>(Method::kStateOfTheWorld, bytes);
  if (data[0] == kToDeltaServer) RunServer<DeltaSink>(Method::kDelta, bytes);
  return 0;
}
