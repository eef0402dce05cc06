// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_listener.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "meshlib/envoy/extensions/filters/http/rbac/v3/rbac.pb.h"
#include "meshlib/envoy/extensions/filters/http/router/v3/router.pb.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "meshlib/envoy/extensions/transport_sockets/tls/v3/tls.pb.h"
#include "meshlib/udpa/type/v1/typed_struct.pb.h"
#include "proto/any.h"
#include "xds/decode_fixture.h"

namespace meshlib::xds {
namespace {

namespace lds = envoy::config::listener::v3;
namespace rbac = envoy::extensions::filters::http::rbac::v3;
namespace tls = envoy::extensions::transport_sockets::tls::v3;
using HttpConnectionManager =
    envoy::extensions::filters::network::http_connection_manager::v3::HttpConnectionManager;
using Decoded = absl::StatusOr<std::shared_ptr<const resource::Listener>>;

class DecodeListenerTest : public ::testing::Test {
 protected:
  DecodeListenerTest() {
    http_.mutable_rds()->set_route_config_name("routes");
    http_.mutable_rds()->mutable_config_source()->mutable_ads();
  }

  template <typename Message>
  void AddFilter(const std::string& name, const Message& config) {
    AddFilter(name, proto::PackAny(config));
  }
  void AddFilter(const std::string& name, const google::protobuf::Any& any) {
    auto& filter = *http_.add_http_filters();
    filter.set_name(name);
    *filter.mutable_typed_config() = any;
  }
  static google::protobuf::Any OfType(const std::string& type) {
    google::protobuf::Any any;
    any.set_type_url("type.googleapis.com/" + type);
    return any;
  }
  void AddRouter() { AddFilter("router", envoy::extensions::filters::http::router::v3::Router()); }

  Decoded Api() {
    AddRouter();
    lds::Listener listener;
    listener.set_name("l");
    *listener.mutable_api_listener()->mutable_api_listener() = proto::PackAny(http_);
    return DecodeListener(listener.SerializeAsString(), report_);
  }
  // A server's chain with the HTTP that was made up.
  void AddHttp(lds::FilterChain& chain) {
    auto& filter = *chain.add_filters();
    filter.set_name("http");
    *filter.mutable_typed_config() = proto::PackAny(http_);
  }
  static void AddTls(lds::FilterChain& chain) {
    chain.mutable_transport_socket()->set_name("tls");
    *chain.mutable_transport_socket()->mutable_typed_config() =
        proto::PackAny(tls::DownstreamTlsContext());
  }
  Decoded Server(const lds::Listener& listener) {
    return DecodeListener(listener.SerializeAsString(), report_);
  }

  HttpConnectionManager http_;
  resource::Report report_;
};

TEST_F(DecodeListenerTest, ReadsTheSettingsThatDecide) {
  http_.mutable_normalize_path()->set_value(true);
  http_.set_merge_slashes(true);
  http_.mutable_stream_idle_timeout()->set_seconds(0);
  http_.mutable_common_http_protocol_options()->mutable_max_stream_duration()->set_seconds(4);
  const Decoded listener = Api();
  ASSERT_TRUE(listener.ok()) << listener.status();
  const resource::HttpSettings& http = *(*listener)->api;
  EXPECT_EQ(std::get<resource::RouteConfigName>(http.routes).value, "routes");
  EXPECT_TRUE(http.normalize_path);
  EXPECT_TRUE(http.merge_slashes);
  EXPECT_EQ(http.stream_idle_timeout, absl::ZeroDuration());
  EXPECT_EQ(http.request_timeout, std::nullopt);
  EXPECT_EQ(http.max_stream_duration, absl::Seconds(4));
  EXPECT_EQ(LinesOf(report_), "");
}

TEST_F(DecodeListenerTest, RefusesRoutesFromElsewhere) {
  http_.mutable_rds()->mutable_config_source()->set_path("/x");
  EXPECT_EQ(ProblemsOf(Api()),
            "api_listener.api_listener.rds.config_source: only ads and self are supported");
}

TEST_F(DecodeListenerTest, RefusesFiltersThatDoNotEndInTheRouter) {
  AddRouter();
  AddFilter("after", OfType("envoy.extensions.filters.http.cors.v3.Cors"));
  lds::Listener listener;
  listener.set_name("l");
  AddHttp(*listener.add_filter_chains());
  EXPECT_EQ(ProblemsOf(Server(listener)),
            "filter_chains[0].filters[0].typed_config.http_filters: the last filter must be the "
            "router");
}

struct FilterRow {
  const char* name;
  const char* filter;
  const char* type;
  const char* unusable;
  const char* report;
};

class ListenerFilterTest : public DecodeListenerTest,
                           public ::testing::WithParamInterface<FilterRow> {};

TEST_P(ListenerFilterTest, IsUsedReportedOrClosesTheListener) {
  AddFilter(GetParam().filter, OfType(GetParam().type));
  const Decoded listener = Api();
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_EQ((*listener)->unusable.value_or(""), GetParam().unusable);
  EXPECT_EQ(LinesOf(report_), GetParam().report);
}

INSTANTIATE_TEST_SUITE_P(
    Filters, ListenerFilterTest,
    ::testing::ValuesIn(std::vector<FilterRow>{
        {"Cors", "cors", "envoy.extensions.filters.http.cors.v3.Cors", "", ""},
        {"Stats", "istio.stats", "stats.PluginConfig", "", ""},
        {"Alpn", "istio.alpn", "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig", "", ""},
        {"Fault", "fault", "envoy.extensions.filters.http.fault.v3.HTTPFault", "", ""},
        {"Lua", "lua", "envoy.extensions.filters.http.lua.v3.Lua", "",
         "ignored api_listener.api_listener.http_filters[0]: filter lua is not supported yet\n"},
        {"Jwt", "jwt", "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
         "security: filter jwt is not supported yet", ""},
        {"ExtAuthz", "authz", "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
         "security: filter authz is not supported yet", ""},
        {"ByNameAlone", "envoy.filters.http.oauth2", "x.y.Z",
         "security: filter envoy.filters.http.oauth2 is not supported yet", ""},
    }),
    NameOf<FilterRow>);

TEST_F(DecodeListenerTest, SeesThroughTypedStructs) {
  udpa::type::v1::TypedStruct wrapped;
  wrapped.set_type_url("type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC.Other");
  google::protobuf::Any any = OfType("udpa.type.v1.TypedStruct");
  any.set_value(wrapped.SerializeAsString());
  AddFilter("odd", any);
  const Decoded listener = Api();
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener)->unusable, "security: filter odd is not supported yet");
}

class ListenerRbacTest : public DecodeListenerTest {
 protected:
  static rbac::RBAC AllowAll() {
    rbac::RBAC filter;
    auto& policy = (*filter.mutable_rules()->mutable_policies())["p"];
    policy.add_permissions()->set_any(true);
    policy.add_principals()->set_any(true);
    return filter;
  }
};

TEST_F(ListenerRbacTest, RulesCloseTheCallersSideWhereNobodyEnforcesThem) {
  AddFilter("rbac", AllowAll());
  const Decoded listener = Api();
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_EQ((*listener)->unusable,
            "security: authorization (RBAC) of outgoing Calls is not supported yet");
  ASSERT_EQ((*listener)->api->rbac.size(), 1u);
  EXPECT_EQ((*listener)->api->rbac[0].name, "rbac");
}

// Whom a route lets in would not be asked.
TEST_F(ListenerRbacTest, RoutesOfAServerThatChangeTheRulesCloseIt) {
  AddFilter("rbac", rbac::RBAC());
  AddRouter();
  auto& routes = *http_.mutable_route_config();
  auto& host = *routes.add_virtual_hosts();
  host.set_name("all");
  host.add_domains("*");
  auto& route = *host.add_routes();
  route.mutable_match()->set_prefix("/");
  route.mutable_non_forwarding_action();
  lds::Listener listener;
  listener.set_name("in");
  AddHttp(*listener.add_filter_chains());
  EXPECT_FALSE((*Server(listener))->filter_chains[0].http->unusable);

  rbac::RBACPerRoute override;
  *override.mutable_rbac() = AllowAll();
  (*route.mutable_typed_per_filter_config())["rbac"] = proto::PackAny(override);
  listener.clear_filter_chains();
  AddHttp(*listener.add_filter_chains());
  EXPECT_EQ((*Server(listener))->filter_chains[0].http->unusable,
            "security: filter rbac is not supported yet");

  http_.mutable_rds()->set_route_config_name("routes");
  http_.mutable_rds()->mutable_config_source()->mutable_ads();
  listener.clear_filter_chains();
  AddHttp(*listener.add_filter_chains());
  EXPECT_NE(*(*Server(listener))->filter_chains[0].http->unusable, "");
}

TEST_F(ListenerRbacTest, ADisabledFilterHasNoRules) {
  AddFilter("rbac", AllowAll());
  http_.mutable_http_filters(0)->set_disabled(true);
  const Decoded listener = Api();
  ASSERT_TRUE(listener.ok());
  EXPECT_FALSE((*listener)->unusable.has_value());
  ASSERT_EQ((*listener)->api->rbac.size(), 1u);
  EXPECT_FALSE((*listener)->api->rbac[0].rules);
}

TEST_F(ListenerRbacTest, ShadowRulesDecideNothing) {
  rbac::RBAC filter;
  *filter.mutable_shadow_rules() = AllowAll().rules();
  AddFilter("rbac", filter);
  const Decoded listener = Api();
  ASSERT_TRUE(listener.ok());
  EXPECT_FALSE((*listener)->unusable.has_value());
}

TEST_F(ListenerRbacTest, AFieldThatIsNotKnownIsRefused) {
  rbac::RBAC filter = AllowAll();
  auto& policy = (*filter.mutable_rules()->mutable_policies())["p"];
  auto& principal = *policy.mutable_principals(0);
  principal.GetReflection()->MutableUnknownFields(&principal)->AddVarint(77, 1);
  AddFilter("rbac", filter);
  EXPECT_NE(ProblemsOf(Api()).find("field 77 is not known here"), std::string::npos);
}

TEST_F(DecodeListenerTest, AChainKeepsItsTls) {
  AddRouter();
  lds::Listener listener;
  listener.set_name("in");
  AddHttp(*listener.add_filter_chains());
  AddTls(*listener.mutable_filter_chains(0));
  const Decoded strict = Server(listener);
  ASSERT_TRUE(strict.ok()) << strict.status();
  EXPECT_FALSE((*strict)->unusable.has_value());
  EXPECT_TRUE((*strict)->filter_chains[0].tls.has_value());

  listener.mutable_filter_chains(0)->mutable_filter_chain_match()->set_transport_protocol("tls");
  AddHttp(*listener.add_filter_chains());  // as PERMISSIVE has it
  const Decoded permissive = Server(listener);
  ASSERT_TRUE(permissive.ok()) << permissive.status();
  EXPECT_TRUE((*permissive)->filter_chains[0].tls.has_value());
  EXPECT_FALSE((*permissive)->filter_chains[1].tls.has_value());
}

TEST_F(DecodeListenerTest, PartialWildcardsOfServerNamesAreRefused) {
  AddRouter();
  for (const char* name : {"a*.example", "*", "*.*.example", "a.*"}) {
    lds::Listener listener;
    listener.set_name("in");
    AddHttp(*listener.add_filter_chains());
    auto& match = *listener.mutable_filter_chains(0)->mutable_filter_chain_match();
    match.add_server_names("*.example");
    match.add_server_names(name);
    const Decoded decoded = Server(listener);
    ASSERT_FALSE(decoded.ok()) << name;
    EXPECT_NE(std::string(decoded.status().message()).find("partial wildcards"), std::string::npos)
        << decoded.status();
  }
}

TEST_F(DecodeListenerTest, ForwardedCertificatesAreAsTheManagerSays) {
  AddRouter();
  http_.set_forward_client_cert_details(HttpConnectionManager::APPEND_FORWARD);
  auto& details = *http_.mutable_set_current_client_cert_details();
  details.mutable_subject()->set_value(true);
  details.set_uri(true);
  details.set_dns(true);
  lds::Listener listener;
  listener.set_name("in");
  AddHttp(*listener.add_filter_chains());
  const Decoded decoded = Server(listener);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ((*decoded)->filter_chains[0].http->client_certificate,
            (resource::ClientCertificateDetails{
                .action = resource::ClientCertificateDetails::Action::kAppend,
                .subject = true,
                .uri = true,
                .dns = true}));
}

TEST_F(DecodeListenerTest, AChainForSomeSourcesIsUnusable) {
  AddRouter();
  lds::Listener listener;
  listener.set_name("in");
  AddHttp(*listener.add_filter_chains());
  auto& range =
      *listener.mutable_filter_chains(0)->mutable_filter_chain_match()->add_source_prefix_ranges();
  range.set_address_prefix("10.0.0.0");
  const Decoded decoded = Server(listener);
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE((*decoded)->unusable.has_value());
}

TEST_F(DecodeListenerTest, RefusesPortsThatAreNone) {
  lds::Listener listener;
  listener.set_name("in");
  listener.mutable_address()->mutable_socket_address()->set_address("10.0.0.1");
  listener.mutable_address()->mutable_socket_address()->set_port_value(70000);
  listener.add_filter_chains()->mutable_filter_chain_match()->mutable_destination_port()->set_value(
      0);
  EXPECT_EQ(ProblemsOf(Server(listener)),
            "address.socket_address.port_value: 70000 is no port; "
            "filter_chains[0].filter_chain_match.destination_port: must be 1 to 65535");
}

}  // namespace
}  // namespace meshlib::xds
