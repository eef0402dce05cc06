// SPDX-License-Identifier: Apache-2.0
// What it costs to ask whether a Call is allowed: 100 AuthorizationPolicies with 10 rules each, of
// which one allows the Call, by callers and paths, and 1000 rules by something else. By Google
// Benchmark.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "access/policy.h"
#include "allocation_count.h"

namespace {

using meshlib::resource::HeaderMatcher;
using meshlib::resource::RbacRule;
using meshlib::resource::StringMatcher;
namespace resource = meshlib::resource;

constexpr int kPolicies = 100;
constexpr int kRules = 10;
constexpr int kCallers = 50;

StringMatcher Text(StringMatcher::Kind kind, std::string value) {
  return {.kind = kind, .value = std::move(value)};
}

StringMatcher Regex(const std::string& pattern) {
  return {.kind = StringMatcher::Kind::kRegex,
          .regex = {.pattern = pattern,
                    .compiled = std::make_shared<re2::RE2>(pattern, re2::RE2::Latin1)}};
}

RbacRule AnyOf(std::vector<RbacRule> rules) { return {resource::RbacAnyOf{std::move(rules)}}; }
RbacRule AllOf(std::vector<RbacRule> rules) { return {resource::RbacAllOf{std::move(rules)}}; }

std::string CallerName(int n) {
  return "spiffe://cluster.local/ns/team-" + std::to_string(n % 10) + "/sa/caller-" +
         std::to_string(n);
}

RbacRule Caller(int n, bool by_namespace) {
  if (by_namespace) {
    return {resource::RbacAuthenticated{Regex(".*/ns/team-" + std::to_string(n % 10) + "/.*")}};
  }
  return {resource::RbacAuthenticated{Text(StringMatcher::Kind::kExact, CallerName(n))}};
}

RbacRule Method(const char* method) {
  HeaderMatcher matcher;
  matcher.name = ":method";
  matcher.match = Text(StringMatcher::Kind::kExact, method);
  return {std::move(matcher)};
}

RbacRule Path(int n) {
  return {resource::RbacPath{
      Text(StringMatcher::Kind::kPrefix, "/service-" + std::to_string(n) + "/")}};
}

// As istiod writes a rule with principals or namespaces, methods and paths.
resource::RbacPolicy Rule(int policy, int rule, bool by_namespace) {
  const int n = policy * kRules + rule;
  return {.name = "ns[shop]-policy[p" + std::to_string(1000 + policy) + "]-rule[" +
                  std::to_string(rule) + "]",
          .permissions = {AllOf({AnyOf({Method("GET"), Method("POST")}), AnyOf({Path(n)})})},
          .principals = {AllOf({AnyOf(
              {Caller(n % kCallers, by_namespace), Caller((n + 1) % kCallers, by_namespace)})})}};
}

std::shared_ptr<const meshlib::access::Policy> Policies(bool by_namespace) {
  resource::RbacFilter deny{.name = "deny", .rules = resource::RbacRules{}, .shadow_rules = {}};
  deny.rules->action = resource::RbacRules::Action::kDeny;
  deny.rules->policies.push_back(
      {.name = "admin",
       .permissions = {{resource::RbacPath{Text(StringMatcher::Kind::kPrefix, "/admin")}}},
       .principals = {{resource::RbacAny{}}}});
  resource::RbacFilter allow{.name = "allow", .rules = resource::RbacRules{}, .shadow_rules = {}};
  for (int policy = 0; policy < kPolicies; ++policy) {
    for (int rule = 0; rule < kRules; ++rule) {
      allow.rules->policies.push_back(Rule(policy, rule, by_namespace));
    }
  }
  return meshlib::access::Policy::Compile({deny, allow});
}

using Decide = std::shared_ptr<const meshlib::access::Policy>;

void Measure(benchmark::State& state, const Decide& policy, const meshlib::access::Request& request,
             bool allowed) {
  if (policy->Check(request).allowed != allowed) return state.SkipWithError("decided otherwise");
  const uint64_t before = bench::AllocationCount();
  for (auto _ : state) {
    benchmark::DoNotOptimize(policy->Check(request));
  }
  state.counters["allocations"] = static_cast<double>(bench::AllocationCount() - before);
}

void Check(benchmark::State& state, bool by_namespace, bool allowed) {
  const auto policy = Policies(by_namespace);
  const int n = kPolicies * kRules / 2;
  const meshlib::access::Peer peer{
      .uris = {CallerName(allowed ? n % kCallers : 77)}, .dns_names = {}, .subject = ""};
  const meshlib::Headers headers = {{"accept", "*/*"}, {"user-agent", "bench"}};
  const std::string path = "/service-" + std::to_string(n) + "/items/42?full=1";
  const meshlib::access::Request request{
      .head = {.method = "GET", .path = path, .authority = "shop:80", .headers = &headers},
      .peer = &peer};
  Measure(state, policy, request, allowed);
}

RbacRule Header(const char* name, std::string value) {
  HeaderMatcher matcher;
  matcher.name = name;
  matcher.match = Text(StringMatcher::Kind::kExact, std::move(value));
  return {std::move(matcher)};
}

RbacRule Tenant(int n) { return Header("x-tenant", "tenant-" + std::to_string(n)); }
RbacRule Not(RbacRule rule) { return {resource::RbacNot{{std::move(rule)}}}; }
RbacRule Port(int n) {
  const auto port = static_cast<uint32_t>(10000 + n);
  return {resource::RbacPort{.start = port, .end = port + 1}};
}
RbacRule Source(int n) {
  const std::string range = absl::StrCat("10.", n / 250, ".", n % 250, ".0/24");
  return {resource::RbacAddress{.whose = resource::RbacAddress::Whose::kRemote,
                                .range = *resource::CidrRange::FromString(range)}};
}
RbacRule Any() { return {resource::RbacAny{}}; }

struct Condition {
  RbacRule permission, principal;
};

Condition ByHeader(int n) { return {AllOf({Method("GET"), Tenant(n)}), Any()}; }
Condition ByMethod(int n) { return {AllOf({Method(n % 2 == 0 ? "PUT" : "DELETE")}), Any()}; }
Condition ByPort(int n) { return {AllOf({Method("GET"), Port(n)}), Any()}; }
Condition BySource(int n) { return {AllOf({Method("GET"), Port(500)}), Source(n)}; }
// Nothing that could be looked up.
Condition ByWhatIsNot(int n) { return {Not(Tenant(n)), Not(Source(1))}; }

// 1000 rules without callers and paths, of which one allows the Call, or none.
void CheckOthers(benchmark::State& state, Condition (*condition)(int n), bool allowed) {
  constexpr int kRulesOfAll = kPolicies * kRules;
  resource::RbacFilter allow{.name = "allow", .rules = resource::RbacRules{}, .shadow_rules = {}};
  for (int n = 0; n < kRulesOfAll; ++n) {
    Condition one = condition(n);
    allow.rules->policies.push_back({.name = absl::StrCat("p", 10000 + n),
                                     .permissions = {std::move(one.permission)},
                                     .principals = {std::move(one.principal)}});
  }
  const meshlib::Headers headers = {{"accept", "*/*"},
                                    {"user-agent", "bench"},
                                    {"x-request-id", "1"},
                                    {"x-tenant", "tenant-500"}};
  const auto destination = *meshlib::resource::Address::FromString("10.9.9.9:10500");
  const auto remote = *meshlib::resource::Address::FromString("10.2.0.7:40000");
  const auto nearby = *meshlib::resource::Address::FromString("10.0.1.7:40000");
  const meshlib::access::Request request{
      .head = {.method = "GET", .path = "/a?b", .authority = "shop:80", .headers = &headers},
      .destination = &destination,
      .direct_remote = condition == ByWhatIsNot ? &nearby : &remote};
  Measure(state, meshlib::access::Policy::Compile({allow}), request, allowed);
}

// On the control thread, when a Listener changes.
void Compile(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Policies(false));
  }
}

BENCHMARK(Compile)->Name("access_1000_rules_compile")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Check, allowed, false, true)->Name("access_1000_rules_allowed_ns");
BENCHMARK_CAPTURE(Check, refused, false, false)->Name("access_1000_rules_refused_ns");
BENCHMARK_CAPTURE(Check, namespaces, true, true)->Name("access_1000_namespace_rules_allowed_ns");
BENCHMARK_CAPTURE(CheckOthers, header, ByHeader, true)->Name("access_1000_header_rules_ns");
BENCHMARK_CAPTURE(CheckOthers, method, ByMethod, false)->Name("access_1000_method_rules_ns");
BENCHMARK_CAPTURE(CheckOthers, port, ByPort, true)->Name("access_1000_port_rules_ns");
BENCHMARK_CAPTURE(CheckOthers, source, BySource, true)->Name("access_1000_source_rules_ns");
BENCHMARK_CAPTURE(CheckOthers, no, ByWhatIsNot, false)->Name("access_1000_negative_rules_ns");

}  // namespace

BENCHMARK_MAIN();
