// SPDX-License-Identifier: Apache-2.0
// AdsClientTest: an AdsClient, a control plane that is the test, and resources of two made-up
// types.

#ifndef MESHLIB_TESTS_XDS_ADS_CLIENT_FIXTURE_H_
#define MESHLIB_TESTS_XDS_ADS_CLIENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "fake/fake_ads_transport.h"
#include "fake/fake_event_loop.h"
#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"
#include "xds/ads_client.h"

namespace meshlib::xds {

namespace discovery = envoy::service::discovery::v3;

// A resource is a Cluster message here; its alt_stat_name is the payload, "bad..." is rejected.
struct Payload {
  std::string text;
};

inline std::string Body(const std::string& name, const std::string& payload) {
  envoy::config::cluster::v3::Cluster message;
  message.set_name(name);
  message.set_alt_stat_name(payload);
  return message.SerializeAsString();
}

// A response as a server writes it.
class ResponseBuilder {
 public:
  ResponseBuilder(std::string_view type_url, const std::string& version, const std::string& nonce) {
    response_.set_type_url(std::string(type_url));
    response_.set_version_info(version);
    response_.set_nonce(nonce);
  }
  ResponseBuilder& Add(const std::string& name, const std::string& payload) {
    return AddBytes(response_.type_url(), Body(name, payload));
  }
  ResponseBuilder& AddBytes(const std::string& type_url, const std::string& bytes) {
    google::protobuf::Any& any = *response_.add_resources();
    any.set_type_url(type_url);
    any.set_value(bytes);
    return *this;
  }
  ResponseBuilder& AddWrapped(const discovery::Resource& wrapper) {
    return AddBytes(std::string(proto::kResourceWrapperTypeUrl), wrapper.SerializeAsString());
  }
  ResponseBuilder& AddError(const std::string& name, absl::StatusCode code,
                            const std::string& message) {
    discovery::ResourceError& error = *response_.add_resource_errors();
    error.mutable_resource_name()->set_name(name);
    error.mutable_error_detail()->set_code(static_cast<int>(code));
    error.mutable_error_detail()->set_message(message);
    return *this;
  }
  operator std::string() const { return response_.SerializeAsString(); }

 private:
  discovery::DiscoveryResponse response_;
};

class AdsClientTest : public ::testing::Test, public AdsClientObserver {
 protected:
  AdsClientTest() { StartClient({}); }
  ~AdsClientTest() override { client_.reset(); }

  void StartClient(const AdsClientOptions& options) {
    client_ = std::make_unique<AdsClient>(loop_, transport_, MakeSotwProtocol(node_),
                                          base::Random(1), options, this);
  }

  static ResourceTypeOf<Payload>::Decode Decoder(int* decoded) {
    return [decoded](std::string_view bytes,
                     resource::Report& report) -> absl::StatusOr<std::shared_ptr<const Payload>> {
      ++*decoded;
      envoy::config::cluster::v3::Cluster message;
      if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return absl::InvalidArgumentError("not a message");
      }
      const std::string& text = message.alt_stat_name();
      if (text.starts_with("bad")) {
        return absl::InvalidArgumentError(absl::StrCat("alt_stat_name: ", text));
      }
      report.push_back({.resource_name = message.name(), .field = "f", .message = text});
      return std::make_shared<const Payload>(Payload{text});
    };
  }

  // Events are written as "type name=payload", "type name!message".
  base::Subscription Watch(const ResourceTypeOf<Payload>& type, const std::string& name) {
    return client_->Watch<Payload>(
        type, name,
        [this, label = type.untyped.label, name](const AdsClient::Update<Payload>& update) {
          events_.push_back(Event(label, name, update));
        });
  }
  static std::string Event(const std::string& label, const std::string& name,
                           const AdsClient::Update<Payload>& update) {
    if (update.ok()) return absl::StrCat(label, " ", name, "=", (*update)->text);
    return absl::StrCat(label, " ", name, "!", absl::StatusCodeToString(update.status().code()));
  }
  std::vector<std::string> Events() { return std::exchange(events_, {}); }

  // The oldest request that was not looked at yet.
  discovery::DiscoveryRequest Request() {
    discovery::DiscoveryRequest request;
    loop_.RunUntilIdle();
    if (transport_.sent().empty()) {
      ADD_FAILURE() << "the client has sent nothing";
      return request;
    }
    EXPECT_TRUE(request.ParseFromString(transport_.sent().front()));
    transport_.sent().pop_front();
    return request;
  }
  // "Cluster[a b] v=1 n=2 e=text", node and absent parts left out.
  std::string Sent() {
    const discovery::DiscoveryRequest request = Request();
    const std::string& url = request.type_url();
    std::string text = absl::StrCat(url.substr(url.rfind('.') + 1), "[");
    for (const std::string& name : request.resource_names()) {
      absl::StrAppend(&text, text.back() == '[' ? "" : " ", name);
    }
    absl::StrAppend(&text, "]");
    if (!request.version_info().empty()) absl::StrAppend(&text, " v=", request.version_info());
    if (!request.response_nonce().empty()) absl::StrAppend(&text, " n=", request.response_nonce());
    if (request.has_error_detail()) {
      absl::StrAppend(&text, " e=", request.error_detail().message());
    }
    return text;
  }
  bool NothingSent() {
    loop_.RunUntilIdle();
    return transport_.sent().empty();
  }

  void Deliver(const std::string& response) {
    loop_.RunUntilIdle();
    transport_.Deliver(response);
    loop_.RunUntilIdle();
  }
  void Connect() {
    loop_.RunUntilIdle();
    transport_.Connect();
  }
  void Close(const absl::Status& status = absl::UnavailableError("gone")) {
    transport_.Close(status);
    loop_.RunUntilIdle();
  }
  std::string StateOf(const std::string& name) {
    static const char* const kNames[] = {"requested", "absent", "acked", "nacked", "timeout"};
    for (const ResourceStatus& status : client_->Dump()) {
      if (status.name == name) return kNames[static_cast<int>(status.state)];
    }
    return "unknown";
  }

  void OnStreamUp() override { log_.push_back("up"); }
  void OnStreamDown(const absl::Status& status) override {
    log_.push_back(absl::StrCat("down ", absl::StatusCodeToString(status.code())));
  }
  void OnRejected(std::string_view type_label, std::string_view version,
                  std::string_view problems) override {
    log_.push_back(absl::StrCat("rejected ", base::AbslView(type_label), " ",
                                base::AbslView(version), ": ", base::AbslView(problems)));
  }

  int decoded_ = 0;
  const ResourceTypeOf<Payload> cds_ =
      ResourceTypeOf<Payload>::Listed(proto::kClusterTypeUrl, "Cluster", Decoder(&decoded_));
  const ResourceTypeOf<Payload> lds_ =
      ResourceTypeOf<Payload>::Listed(proto::kListenerTypeUrl, "Listener", Decoder(&decoded_));
  const ResourceTypeOf<Payload> eds_ =
      ResourceTypeOf<Payload>::Named(proto::kEndpointSetTypeUrl, "EndpointSet", Decoder(&decoded_));

  const NodeIdentity node_{.name = "reviews-v1",
                           .name_space = "shop",
                           .ips = {"127.0.1.3"},
                           .labels = {{"app", "reviews"}}};
  fake::FakeEventLoop loop_;
  fake::FakeAdsTransport transport_;
  std::unique_ptr<AdsClient> client_;
  std::vector<std::string> events_;
  std::vector<std::string> log_;
};

using Strings = std::vector<std::string>;

}  // namespace meshlib::xds

#endif  // MESHLIB_TESTS_XDS_ADS_CLIENT_FIXTURE_H_
