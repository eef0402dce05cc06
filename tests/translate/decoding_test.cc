// SPDX-License-Identifier: Apache-2.0
// What we send, our own client takes: every answer of the cases decodes without an error.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "manifest/load.h"
#include "proto/any.h"
#include "translate/node_view.h"
#include "translate/server_listeners.h"
#include "translate/translation_case.h"
#include "xds/decode_cluster.h"
#include "xds/decode_endpoint_set.h"
#include "xds/decode_listener.h"
#include "xds/decode_route_config.h"

namespace meshlib::translate {
namespace {

class DecodingTest : public ::testing::Test {
 protected:
  std::shared_ptr<const MeshModel> Model(const std::string& yaml) {
    manifest::LoadResult loaded = manifest::LoadText(yaml, "input.yaml");
    EXPECT_TRUE(loaded.ok()) << manifest::ToText(loaded.problems);
    return std::make_shared<const MeshModel>(
        std::make_shared<const manifest::Manifest>(std::move(loaded.manifest)));
  }
  std::string Reported() const {
    std::string text;
    for (const resource::ReportEntry& entry : report_)
      absl::StrAppend(&text, entry.ToString(), "\n");
    return text;
  }

  resource::Report report_;
};

template <typename Message>
std::string Bytes(const std::optional<Message>& message) {
  return message ? proto::SerializeDeterministic(*message) : "";
}

absl::Status Decode(const Question& question, NodeView& view, const MeshModel& model,
                    resource::Report& report) {
  const std::string& name = question.name;
  if (question.kind == "listener") {
    const auto listener = IsServerListener(name) ? FindServerListener(model, question.node,
                                                                      view.node_class().shape, name)
                                                 : view.Listener(name);
    return listener ? xds::DecodeListener(Bytes(listener), report).status() : absl::OkStatus();
  }
  if (question.kind == "route") {
    const auto config = view.RouteConfig(name);
    return config ? xds::DecodeRouteConfig(Bytes(config), report).status() : absl::OkStatus();
  }
  if (question.kind == "cluster") {
    const auto cluster = view.Cluster(name);
    return cluster ? xds::DecodeCluster(Bytes(cluster), report).status() : absl::OkStatus();
  }
  if (question.kind == "endpoints") {
    const auto set = view.Endpoints(name, model.files());
    return set ? xds::DecodeEndpointSet(Bytes(set), report).status() : absl::OkStatus();
  }
  return absl::OkStatus();
}

TEST_F(DecodingTest, EveryAnswerOfTheCasesIsAccepted) {
  for (const std::string& name : CaseNames()) {
    const std::string input = ReadFile(CasePath(name) + "/input.yaml");
    const auto model = Model(input);
    for (const Question& question : ReadCase(input).questions) {
      NodeView view(model, ClassOf(question.node, model->asked_of_clients()));
      const absl::Status status = Decode(question, view, *model, report_);
      EXPECT_TRUE(status.ok()) << name << ": " << question.name << ": " << status.ToString();
    }
  }
}

constexpr char kReviews[] = R"(
apiVersion: v1
kind: Service
metadata: {name: reviews}
spec: {ports: [{name: http, port: 9080}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - match: [{uri: {prefix: /a}}]
    route: [{destination: {host: reviews}}]
  - corsPolicy: {allowOrigins: [{exact: "*"}]}
    route: [{destination: {host: reviews}}]
)";
constexpr char kName[] = "outbound|9080||reviews.default.svc.cluster.local";

TEST_F(DecodingTest, RoutesNameTheirObjectAndRule) {
  const auto model = Model(kReviews);
  NodeView view(model, ClassOf({}, {}));
  const auto config = xds::DecodeRouteConfig(Bytes(view.RouteConfig(kName)), report_);
  ASSERT_TRUE(config.ok()) << config.status();
  const auto& routes = (*config)->virtual_hosts.at(0).routes;
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(routes[0].origin.ToString(), "VirtualService default/reviews http[0]");
  EXPECT_EQ(routes[1].origin.ToString(), "VirtualService default/reviews http[1]");
  EXPECT_NE(Reported().find("VirtualService default/reviews http[1]"), std::string::npos)
      << Reported();
}

TEST_F(DecodingTest, PlainServicesGiveNothingToReport) {
  const auto model = Model(kReviews);
  NodeView view(model, ClassOf({}, {}));
  EXPECT_TRUE(xds::DecodeListener(Bytes(view.Listener("reviews:9080")), report_).ok());
  EXPECT_TRUE(xds::DecodeCluster(Bytes(view.Cluster(kName)), report_).ok());
  EXPECT_TRUE(xds::DecodeEndpointSet(Bytes(view.Endpoints(kName, model->files())), report_).ok());
  EXPECT_EQ(Reported(), "");
}

}  // namespace
}  // namespace meshlib::translate
