// SPDX-License-Identifier: Apache-2.0
#include "access/rule_set.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "access/rbac_text.h"

namespace meshlib::access {
namespace {

using resource::RbacPolicy;
using resource::RbacRules;

RbacRules RulesOf(const std::string& policies) {
  return *FilterOf("rules { action: ALLOW " + policies + "}").rules;
}

resource::Address Ip(const char* ip, uint16_t port) { return *resource::Address::FromIp(ip, port); }

std::string Header(const std::string& name, const std::string& match) {
  return "header { name: '" + name + "' " + match + " }";
}

std::string Range(const std::string& whose, const char* ip, int size) {
  return whose + " { address_prefix: '" + ip + "' prefix_len { value: " + std::to_string(size) +
         " } }";
}

// Conditions that are permissions and principals alike, or nearly so.
std::vector<std::string> Conditions() {
  return {
      Header(":method", "string_match { exact: 'GET' }"),
      Header(":method", "string_match { prefix: 'P' }"),
      Header(":method", "string_match { exact: 'GET' } invert_match: true"),
      Header("x-a", "string_match { exact: '1' }"),
      Header("x-a", "string_match { prefix: '1' }"),
      Header("x-a", "string_match { suffix: '2' ignore_case: true }"),
      Header("x-a", "string_match { contains: '/b' }"),
      Header("x-a", "string_match { safe_regex { regex: '.*/b/.*' } }"),
      Header("x-a", "string_match { safe_regex { regex: '[0-9]+' } }"),
      Header("x-a", "present_match: true"),
      Header("x-a", "present_match: false"),
      Header("x-a", "range_match { start: 1 end: 5 }"),
      Header("x-a", "string_match { exact: '1' } invert_match: true"),
      Header("x-a", "string_match { exact: '' } treat_missing_header_as_empty: true"),
      Header("user-agent", "string_match { exact: 'a,b' }"),
      Header("user-agent", "string_match { exact: 'a' }"),
      Header("host", "string_match { exact: 'reviews' }"),
      Header(":authority", "string_match { suffix: 's' }"),
      Header(":path", "string_match { suffix: '?x' }"),
      "url_path { path { prefix: '/a' } }",
  };
}

std::vector<std::string> Permissions() {
  std::vector<std::string> all = Conditions();
  for (const char* more :
       {"any: true", "destination_port: 80", "destination_port_range { start: 80 end: 90 }",
        "destination_port_range { start: 81 end: 82 }", "requested_server_name { exact: '' }",
        "requested_server_name { suffix: '.example' }"}) {
    all.emplace_back(more);
  }
  all.push_back(Range("destination_ip", "10.0.0.0", 24));
  return all;
}

std::vector<std::string> Principals() {
  std::vector<std::string> all = Conditions();
  for (const char* more : {"any: true", "authenticated {}",
                           "authenticated { principal_name { exact: 'spiffe://td/a' } }"}) {
    all.emplace_back(more);
  }
  for (const char* whose : {"source_ip", "direct_remote_ip", "remote_ip"}) {
    all.push_back(Range(whose, "10.1.2.0", 23));
    all.push_back(Range(whose, "10.1.2.3", 32));
    all.push_back(Range(whose, "0.0.0.0", 0));
    all.push_back(Range(whose, "::", 0));
    all.push_back(Range(whose, "::ffff:10.1.2.3", 128));
    all.push_back(Range(whose, "2001:db8::", 33));
  }
  return all;
}

std::vector<std::string> Policies() {
  std::vector<std::string> all;
  const auto add = [&](const std::string& permission, const std::string& principal) {
    all.push_back(PolicyText(permission, principal, "p" + std::to_string(10000 + all.size())));
  };
  const std::vector<std::string> permissions = Permissions();
  const std::vector<std::string> principals = Principals();
  for (size_t i = 0; i < permissions.size(); ++i) {
    for (size_t j = 0; j < principals.size(); ++j) {
      const std::string& other = permissions[(i + j) % permissions.size()];
      add(permissions[i], principals[j]);
      add("and_rules { rules {" + permissions[i] + "} rules {" + other + "} }", principals[j]);
      add("or_rules { rules {" + permissions[i] + "} rules {" + other + "} }",
          "not_id {" + principals[j] + "}");
    }
  }
  return all;
}

struct Call {
  std::string method, path, authority, server_name;
  Headers headers;
  resource::Address destination, direct_remote, remote;
  bool has_peer = true;
};

std::vector<Call> Calls() {
  const std::vector<Headers> headers = {
      {},
      {{"x-a", "1"}},
      {{"x-a", ""}},
      {{"x-a", "x/B2"}, {"x-a", "1/b/2"}, {"user-agent", "a"}},
      {{"user-agent", "a"}, {"user-agent", "b"}, {"x-b", "1"}},
  };
  const std::vector<const char*> remotes = {"10.1.2.3", "10.1.3.9", "::ffff:10.1.2.3",
                                            "2001:db8:1::1", "2001:db9::1"};
  std::vector<Call> all;
  for (const Headers& fields : headers) {
    for (size_t i = 0; i < remotes.size(); ++i) {
      const bool odd = i % 2 == 1;
      all.push_back({.method = odd ? "GET" : "POST",
                     .path = odd ? "/a?x" : "/b",
                     .authority = odd ? "reviews" : "x",
                     .server_name = odd ? "a.example" : "",
                     .headers = fields,
                     .destination = Ip("10.0.0.7", odd ? 80 : 81),
                     .direct_remote = Ip(remotes[i], 1),
                     .remote = Ip(remotes[(i + 1) % remotes.size()], 1),
                     .has_peer = i % 3 != 0});
    }
  }
  return all;
}

// Without any index.
const RbacPolicy* FirstThatMatches(std::span<const RbacPolicy> policies, const Subject& subject) {
  for (const RbacPolicy& policy : policies) {
    if (MatchesAny(policy.permissions, subject) && MatchesAny(policy.principals, subject)) {
      return &policy;
    }
  }
  return nullptr;
}

void ExpectSame(const RbacRules& rules, const std::vector<Call>& calls) {
  const RuleSet set(rules);
  const Peer peer{.uris = {"spiffe://td/a"}, .dns_names = {}, .subject = ""};
  for (const Call& call : calls) {
    const Request request{.head = {.method = call.method,
                                   .path = call.path,
                                   .authority = call.authority,
                                   .headers = &call.headers},
                          .peer = call.has_peer ? &peer : nullptr,
                          .destination = &call.destination,
                          .direct_remote = &call.direct_remote,
                          .remote = &call.remote,
                          .server_name = call.server_name};
    const Subject subject(request);
    const RbacPolicy* wanted = FirstThatMatches(rules.policies, subject);
    const RbacPolicy* found = set.Find(subject);
    ASSERT_EQ(found == nullptr, wanted == nullptr) << (wanted ? wanted : found)->name;
    if (found != nullptr) {
      ASSERT_EQ(found->name, wanted->name);
    }
  }
}

TEST(RuleSetTest, FindsWhatAskingEachPolicyFinds) {
  std::string text;
  for (const std::string& policy : Policies()) text += policy;
  const RbacRules all = RulesOf(text);
  const std::vector<Call> calls = Calls();
  for (const size_t size : {size_t{40}, size_t{1100}}) {
    for (size_t begin = 0; begin < all.policies.size(); begin += size) {
      const size_t end = std::min(begin + size, all.policies.size());
      RbacRules some;
      some.policies.assign(all.policies.begin() + static_cast<ptrdiff_t>(begin),
                           all.policies.begin() + static_cast<ptrdiff_t>(end));
      ExpectSame(some, calls);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace meshlib::access
