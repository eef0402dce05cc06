// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_rbac.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "meshlib/envoy/extensions/filters/http/rbac/v3/rbac.pb.h"
#include "proto/any.h"

namespace meshlib::xds {
namespace {

namespace rbac = envoy::extensions::filters::http::rbac::v3;
using resource::RbacRules;
using resource::StringMatcher;

struct Outcome {
  std::optional<resource::RbacFilter> filter;
  std::string problems;
};

Outcome Decode(const rbac::RBAC& message) {
  resource::Report report;
  DecodeContext context("RBAC", report);
  Outcome outcome{.filter = DecodeRbac(proto::PackAny(message), context), .problems = {}};
  outcome.problems = std::string(context.status().message());
  return outcome;
}

rbac::RBAC Message(const std::string& text) {
  rbac::RBAC message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// A filter with one policy, "p", that has `permission` and `principal`.
rbac::RBAC WithPolicy(const std::string& permission, const std::string& principal) {
  return Message("rules { policies { key: 'p' value { permissions {" + permission +
                 "} principals {" + principal + "} } } }");
}

TEST(DecodeRbacTest, KeepsRulesAndShadowRulesApart) {
  const std::string policy = "value { permissions { any: true } principals { any: true } }";
  const Outcome outcome =
      Decode(Message("rules { action: DENY policies { key: 'b' " + policy +
                     "} policies { key: 'a' " + policy + "} } shadow_rules { action: LOG }"));
  ASSERT_TRUE(outcome.filter) << outcome.problems;
  EXPECT_EQ(outcome.problems, "");
  EXPECT_EQ(outcome.filter->rules->action, RbacRules::Action::kDeny);
  ASSERT_EQ(outcome.filter->rules->policies.size(), 2u);
  EXPECT_EQ(outcome.filter->rules->policies[0].name, "a");
  EXPECT_EQ(outcome.filter->rules->policies[1].name, "b");
  EXPECT_EQ(outcome.filter->shadow_rules->action, RbacRules::Action::kLog);
}

TEST(DecodeRbacTest, AFilterWithoutRulesHasNone) {
  const Outcome outcome = Decode(rbac::RBAC());
  ASSERT_TRUE(outcome.filter);
  EXPECT_FALSE(outcome.filter->rules);
  EXPECT_FALSE(outcome.filter->shadow_rules);
}

TEST(DecodeRbacTest, RulesBecomeValues) {
  const Outcome outcome = Decode(WithPolicy(
      "and_rules { rules { not_rule { destination_port: 80 } } "
      "rules { url_path { path { prefix: '/a' } } } }",
      "or_ids { ids { direct_remote_ip { address_prefix: '10.0.0.0' prefix_len { value: 8 } } } "
      "ids { authenticated { principal_name { exact: 'spiffe://a/b' } } } }"));
  ASSERT_EQ(outcome.problems, "");
  const resource::RbacPolicy& policy = outcome.filter->rules->policies.at(0);
  const auto& all = std::get<resource::RbacAllOf>(policy.permissions.at(0).form);
  const auto& negated = std::get<resource::RbacNot>(all.rules.at(0).form);
  EXPECT_EQ(std::get<resource::RbacPort>(negated.rule.at(0).form),
            (resource::RbacPort{.start = 80, .end = 81}));
  EXPECT_EQ(std::get<resource::RbacPath>(all.rules.at(1).form).path.ToString(), "prefix \"/a\"");
  const auto& any = std::get<resource::RbacAnyOf>(policy.principals.at(0).form);
  const auto& address = std::get<resource::RbacAddress>(any.rules.at(0).form);
  EXPECT_EQ(address.whose, resource::RbacAddress::Whose::kDirectRemote);
  EXPECT_EQ(address.range.ToString(), "10.0.0.0/8");
  const auto& peer = std::get<resource::RbacAuthenticated>(any.rules.at(1).form);
  EXPECT_EQ(peer.name->ToString(), "exact \"spiffe://a/b\"");
}

TEST(DecodeRbacTest, PrefixesAreCutToTheirAddress) {
  const auto size_of = [](const std::string& range) {
    const Outcome outcome = Decode(WithPolicy("any: true", "source_ip {" + range + "}"));
    const auto& rule = outcome.filter->rules->policies.at(0).principals.at(0);
    return std::get<resource::RbacAddress>(rule.form).range.prefix_size;
  };
  EXPECT_EQ(size_of("address_prefix: '10.0.0.1' prefix_len { value: 99 }"), 32);
  EXPECT_EQ(size_of("address_prefix: '10.0.0.1'"), 0);
  EXPECT_EQ(size_of("address_prefix: '::1' prefix_len { value: 128 }"), 128);
}

struct RefusedRow {
  const char* name;
  const char* permission;
  const char* principal;
  const char* problem;
};

class RefusedRbacTest : public ::testing::TestWithParam<RefusedRow> {};

TEST_P(RefusedRbacTest, NamesTheField) {
  const std::string problems =
      Decode(WithPolicy(GetParam().permission, GetParam().principal)).problems;
  EXPECT_NE(problems.find(GetParam().problem), std::string::npos) << problems;
}

// Row 18 of the bad inputs: none of it may be left out, least of all under "not".
INSTANTIATE_TEST_SUITE_P(
    BadInput18, RefusedRbacTest,
    ::testing::ValuesIn<RefusedRow>({
        {"Metadata", "metadata { filter: 'x' path { key: 'k' } value { present_match: true } }",
         "any: true", "permissions[0].metadata: is not supported"},
        {"MetadataUnderNot",
         "not_rule { metadata { filter: 'x' path { key: 'k' } value { present_match: true } } }",
         "any: true", "permissions[0].not_rule.metadata: is not supported"},
        {"SourcedMetadata", "sourced_metadata {}", "any: true",
         "sourced_metadata: is not supported"},
        {"Matcher", "not_rule { matcher { name: 'x' } }", "any: true",
         "not_rule.matcher: is not supported"},
        {"UriTemplate", "uri_template { name: 'x' }", "any: true",
         "uri_template: is not supported"},
        {"PrincipalMetadata", "any: true", "not_id { metadata { filter: 'x' } }",
         "principals[0].not_id.metadata: is not supported"},
        {"PrincipalSourcedMetadata", "any: true", "sourced_metadata {}",
         "sourced_metadata: is not supported"},
        {"FilterState", "any: true", "filter_state { key: 'x' }", "filter_state: is not supported"},
        {"Custom", "any: true", "custom { name: 'x' }", "custom: is not supported"},
        {"NoRule", "", "any: true", "permissions[0].rule: is required"},
        {"NoIdentifier", "any: true", "not_id {}", "not_id.identifier: is required"},
        {"AnyFalse", "any: false", "any: true", "any: must be true"},
        {"EmptyAnd", "and_rules {}", "any: true", "and_rules: must not be empty"},
        {"EmptyOr", "any: true", "or_ids {}", "or_ids: must not be empty"},
        {"PortTooLarge", "destination_port: 70000", "any: true", "must not be more than 65535"},
        {"PortRange", "destination_port_range { start: 9 end: 9 }", "any: true",
         "must be a range within 0 to 65536"},
        {"NoAddress", "any: true", "remote_ip { address_prefix: 'fe80::1%eth0' }",
         "remote_ip.address_prefix: is not an IP address"},
        {"PrefixTooLong", "any: true",
         "remote_ip { address_prefix: '::1' prefix_len { value: 129 } }",
         "prefix_len: must not be more than 128"},
        {"BadRegex", "url_path { path { safe_regex { regex: '(' } } }", "any: true",
         "url_path.path.safe_regex.regex"},
        {"NoPath", "url_path {}", "any: true", "url_path.path: is required"},
        {"NoPattern", "any: true", "authenticated { principal_name {} }",
         "authenticated.principal_name.match_pattern: is required"},
        {"HeaderWithoutName", "header { present_match: true }", "any: true", "header.name"},
    }),
    [](const auto& row) { return std::string(row.param.name); });

TEST(DecodeRbacTest, ShadowRulesAreCheckedAsOthers) {
  const Outcome outcome =
      Decode(Message("shadow_rules { policies { key: 'p' value { principals { any: true } } } }"));
  EXPECT_EQ(outcome.problems, "shadow_rules.policies[\"p\"].permissions: must not be empty");
}

TEST(DecodeRbacTest, RulesThatNestTooDeeplyAreRefused) {
  rbac::RBAC message = WithPolicy("any: true", "any: true");
  auto* permission = (*message.mutable_rules()->mutable_policies())["p"].mutable_permissions(0);
  for (int depth = 0; depth < 50; ++depth) permission = permission->mutable_not_rule();
  permission->set_any(true);
  EXPECT_NE(Decode(message).problems.find("rules are nested too deeply"), std::string::npos);
}

TEST(DecodeRbacTest, FieldsThatAreNotKnownAreRefused) {
  rbac::RBAC message = WithPolicy("any: true", "any: true");
  auto& policy = (*message.mutable_rules()->mutable_policies())["p"];
  // Policy.condition
  policy.GetReflection()->MutableUnknownFields(&policy)->AddLengthDelimited(3, "x");
  EXPECT_NE(Decode(message).problems.find("field 3 is not known here"), std::string::npos);
}

}  // namespace
}  // namespace meshlib::xds
