// SPDX-License-Identifier: Apache-2.0
// StreamTest: an AdsServer, and a stream whose client is the test.

#ifndef MESHLIB_TESTS_ADS_SERVER_STREAM_FIXTURE_H_
#define MESHLIB_TESTS_ADS_SERVER_STREAM_FIXTURE_H_

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ads_server/ads_server.h"
#include "base/string_view.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_port_probe.h"
#include "fake/fake_resource_source.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"

namespace meshlib::ads_server {

namespace discovery = envoy::service::discovery::v3;

inline const std::string kCds(proto::kClusterTypeUrl);
inline const std::string kEds(proto::kEndpointSetTypeUrl);
inline const std::string kLds(proto::kListenerTypeUrl);
inline const std::string kRds(proto::kRouteConfigTypeUrl);

class StreamTest : public ::testing::Test, public StreamSink, public AdsServerObserver {
 protected:
  explicit StreamTest(xds::AdsMethod method) : method_(method) { Connect(); }
  ~StreamTest() override {
    stream_.reset();
    EXPECT_TRUE(sent_.empty()) << sent_.size() << " responses were not looked at";
  }

  void Connect() {
    stream_.reset();
    node_sent_ = false;
    stream_ = server_.Accept(method_, *this);
  }

  void Send(std::string bytes) override { sent_.push_back(std::move(bytes)); }
  void Close(const absl::Status& status) override { closed_ = status; }
  void OnStreamOpened(const Node& node) override { log_.push_back("opened " + node.name); }
  void OnStreamEnded(const Node& node) override { log_.push_back("ended " + node.name); }
  void OnNack(const Node& node, std::string_view /*type_url*/, std::string_view version,
              std::string_view text) override {
    log_.push_back(
        absl::StrCat("nack ", node.name, " ", base::AbslView(version), " ", base::AbslView(text)));
  }

  // The first request of a stream says who the client is.
  template <typename Request>
  void Say(Request request) {
    if (!std::exchange(node_sent_, true)) {
      request.mutable_node()->set_id(
          "sidecar~127.0.1.1~reviews-v1.default~default.svc.cluster.local");
    }
    stream_->OnMessage(request.SerializeAsString());
    loop_.RunUntilIdle();
  }
  // The oldest response that was not looked at yet; nullopt: nothing was sent.
  template <typename Response>
  std::optional<Response> Take() {
    loop_.RunUntilIdle();
    if (sent_.empty()) return std::nullopt;
    Response response;
    EXPECT_TRUE(response.ParseFromString(sent_.front()));
    sent_.pop_front();
    return response;
  }
  // "Cluster 1:", with the nonce.
  template <typename Response>
  static std::string Heading(const Response& response) {
    const std::string& url = response.type_url();
    return absl::StrCat(url.substr(url.rfind('.') + 1), " ", response.nonce(), ":");
  }

  // In these tests a resource's body is "name=value".
  void Set(const std::string& type_url, const std::string& name, const std::string& value) {
    source_.Set(type_url, name, name + "=" + value);
  }
  void Publish() {
    source_.Publish();
    loop_.RunUntilIdle();
  }

  const xds::AdsMethod method_;
  fake::FakeEventLoop loop_;
  fake::FakePortProbe probe_{loop_};
  registry::Registry registry_{loop_, probe_};
  fake::FakeResourceSource source_;
  AdsServer server_{loop_, source_, &registry_, this};
  std::deque<std::string> sent_;
  std::vector<std::string> log_;
  std::optional<absl::Status> closed_;
  bool node_sent_ = false;
  std::unique_ptr<ServedStream> stream_;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_TESTS_ADS_SERVER_STREAM_FIXTURE_H_
