// SPDX-License-Identifier: Apache-2.0
#include "route/route_table.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "route/path_index.h"
#include "route/route_builder.h"

namespace meshlib::route {
namespace {

using resource::HeaderMatcher;
using resource::Int64Range;
using resource::PresentMatch;
using resource::StringMatcher;
using Kind = resource::StringMatcher::Kind;

std::string Chosen(const RouteTable& table, const RequestHead& head, uint64_t random = 0) {
  const RouteMatchResult result = table.Match(head, random);
  if (result.virtual_host == nullptr) return "no host";
  return result.route == nullptr ? "no route" : result.route->route->name;
}

std::string ChosenFor(const RouteTable& table, std::string_view path, Headers headers = {}) {
  return Chosen(table, {.method = "GET", .path = path, .authority = "shop", .headers = &headers});
}

struct Row {
  const char* what;
  const char* input;
  const char* expected;
};

TEST(RouteTableTest, ChoosesTheVirtualHostWithTheMostSpecificDomain) {
  const auto table = RouteTable::Compile(Config({
      Host("a", {"shop.example.com", "shop:8080", "[::1]:80", ""}, {Prefix("exact", "/")}),
      Host("b", {"*.example.com"}, {Prefix("suffix", "/")}),
      Host("c", {"*.b.example.com", "*-x.b.example.com"}, {Prefix("longer suffix", "/")}),
      Host("d", {"shop.*"}, {Prefix("prefix", "/")}),
      Host("e", {"shop.ex*"}, {Prefix("longer prefix", "/")}),
      Host("f", {"*"}, {Prefix("fallback", "/")}),
  }));
  const Row rows[] = {
      {"exact beats wildcards", "shop.example.com", "exact"},
      {"case does not count", "SHOP.Example.COM", "exact"},
      {"a port is part of the name", "shop:8080", "exact"},
      {"an IPv6 literal", "[::1]:80", "exact"},
      {"another port", "shop:8081", "fallback"},
      {"suffix beats prefix", "shop.x.example.com", "suffix"},
      {"longest suffix", "a.b.example.com", "longer suffix"},
      {"still longer suffix", "a-x.b.example.com", "longer suffix"},
      {"a wildcard is not empty", ".example.com", "fallback"},
      {"prefix", "shop.org", "prefix"},
      {"longest prefix", "shop.exe", "longer prefix"},
      {"prefix wildcard is not empty", "shop.", "fallback"},
      {"nothing else", "elsewhere.org", "fallback"},
      {"empty", "", "exact"},
      {"a port does not match without one", "shop.example.com:80", "longer prefix"},
  };
  for (const Row& row : rows) {
    const Headers headers;
    EXPECT_EQ(Chosen(*table, {"GET", "/", row.input, "http", &headers}), row.expected) << row.what;
  }
}

TEST(RouteTableTest, IgnoresThePortWhereConfigured) {
  auto config = Config({Host("a", {"shop", "[::1]"}, {Prefix("a", "/")})});
  config->ignore_port_in_host_matching = true;
  const auto table = RouteTable::Compile(config);
  const Headers headers;
  for (const char* authority : {"shop", "shop:80", "shop:", "[::1]", "[::1]:80"}) {
    EXPECT_EQ(Chosen(*table, {"GET", "/", authority, "http", &headers}), "a") << authority;
  }
  EXPECT_EQ(Chosen(*table, {"GET", "/", "shop.org:80", "http", &headers}), "no host");
}

TEST(RouteTableTest, MatchesPathsByTheirKind) {
  const auto table = TableOf({
      Exact("exact", "/a"),
      IgnoringCase(Exact("exact caseless", "/Case")),
      Separated("separated", "/sep"),
      IgnoringCase(Separated("separated caseless", "/SEP2")),
      Pattern("regex", "/item/[0-9]+"),
      Pattern("alternatives", "/x|/y"),
      Pattern("dotted", "/v1\\.0/.*"),
      Prefix("prefix", "/pre"),
      IgnoringCase(Prefix("prefix caseless", "/PRE")),
      Prefix("with mark", "/q?x"),
  });
  const Row rows[] = {
      {"exact", "/a", "exact"},
      {"the query does not count", "/a?b=/c", "exact"},
      {"exact is not a prefix", "/ab", "no route"},
      {"exact is not a prefix of segments", "/a/", "no route"},
      {"exact minds case", "/A", "no route"},
      {"caseless exact", "/cASE", "exact caseless"},
      {"caseless exact is whole", "/case/", "no route"},
      {"separated whole", "/sep", "separated"},
      {"separated segment", "/sep/x", "separated"},
      {"separated boundary", "/sepx", "no route"},
      {"separated with query", "/sep?x", "separated"},
      {"separated caseless", "/Sep2/x", "separated caseless"},
      {"regex", "/item/42", "regex"},
      {"regex is a full match", "/item/42x", "no route"},
      {"regex without the query", "/item/42?x", "regex"},
      {"first alternative", "/x", "alternatives"},
      {"second alternative", "/y", "alternatives"},
      {"escaped dot", "/v1.0/", "dotted"},
      {"escaped dot is a dot", "/v1x0/", "no route"},
      {"prefix", "/prefix", "prefix"},
      {"prefix caseless", "/Prefix", "prefix caseless"},
      {"a mark in a prefix matches no query", "/q?x", "no route"},
      {"nothing", "/", "no route"},
  };
  for (const Row& row : rows) EXPECT_EQ(ChosenFor(*table, row.input), row.expected) << row.what;
}

TEST(RouteTableTest, FirstMatchingRouteWins) {
  const auto table = TableOf({Prefix("1", "/a/b/c"), Pattern("2", "/a/b.*"), Prefix("3", "/a"),
                              Exact("4", "/a/b"), Exact("5", "/z"), Prefix("6", "/")});
  EXPECT_EQ(ChosenFor(*table, "/a/b/c/d"), "1");
  EXPECT_EQ(ChosenFor(*table, "/a/b"), "2");
  EXPECT_EQ(ChosenFor(*table, "/a/c"), "3");
  EXPECT_EQ(ChosenFor(*table, "/z"), "5");
  EXPECT_EQ(ChosenFor(*table, "/zz"), "6");
}

HeaderMatcher Header(std::string name, decltype(HeaderMatcher::match) match) {
  HeaderMatcher matcher;
  matcher.name = std::move(name);
  matcher.match = std::move(match);
  return matcher;
}

HeaderMatcher Inverted(HeaderMatcher matcher) {
  matcher.invert = true;
  return matcher;
}

HeaderMatcher MissingAsEmpty(HeaderMatcher matcher) {
  matcher.treat_missing_as_empty = true;
  return matcher;
}

TEST(RouteTableTest, MatchesHeaders) {
  const Headers headers = {{"x-user", "jason"}, {"x-n", "42"},   {"x-many", "a"},
                           {"x-empty", ""},     {"x-many", "b"}, {"x-text", "forty"}};
  const struct {
    const char* what;
    HeaderMatcher matcher;
    bool expected;
  } rows[] = {
      {"exact", Header("x-user", Exactly("jason")), true},
      {"exact other", Header("x-user", Exactly("jaso")), false},
      {"inverted", Inverted(Header("x-user", Exactly("jaso"))), true},
      {"prefix", Header("x-user", String(Kind::kPrefix, "ja")), true},
      {"suffix", Header("x-user", String(Kind::kSuffix, "son")), true},
      {"contains", Header("x-user", String(Kind::kContains, "aso")), true},
      {"regex", Header("x-user", String(Kind::kRegex, "j.*n")), true},
      {"regex is full", Header("x-user", String(Kind::kRegex, "j")), false},
      {"the first of several values", Header("x-many", Exactly("a")), true},
      {"the last of several values", Header("x-many", Exactly("b")), true},
      {"several values are not joined", Header("x-many", Exactly("a,b")), false},
      {"inverted, one of several", Inverted(Header("x-many", Exactly("b"))), false},
      {"range", Header("x-n", Int64Range{42, 43}), true},
      {"range ends before", Header("x-n", Int64Range{40, 42}), false},
      {"range of no number", Header("x-text", Int64Range{0, 100}), false},
      {"inverted range of no number", Inverted(Header("x-text", Int64Range{0, 100})), true},
      {"present", Header("x-empty", PresentMatch{true}), true},
      {"absent", Header("x-none", PresentMatch{false}), true},
      {"not present", Inverted(Header("x-none", PresentMatch{true})), true},
      {"missing matches nothing", Header("x-none", Exactly("")), false},
      {"missing as empty", MissingAsEmpty(Header("x-none", Exactly(""))), true},
      {"missing as empty inverted", MissingAsEmpty(Inverted(Header("x-none", Exactly("a")))), true},
      {"method", Header(":method", Exactly("GET")), true},
      {"path with query", Header(":path", Exactly("/p?q")), true},
      {"authority", Header(":authority", Exactly("shop")), true},
      {"host is the authority", Header("host", Exactly("shop")), true},
      {"scheme", Header(":scheme", Exactly("http")), true},
  };
  for (const auto& row : rows) {
    const auto table = TableOf({With(Prefix("yes", "/"), row.matcher), Prefix("no", "/")});
    EXPECT_EQ(ChosenFor(*table, "/p?q", headers), row.expected ? "yes" : "no") << row.what;
  }
}

TEST(RouteTableTest, MatchesQueryParametersUndecoded) {
  const struct {
    const char* path;
    decltype(resource::QueryParameterMatcher::match) match;
    bool expected;
  } rows[] = {
      {"/?a=1&b=2", Exactly("2"), true},
      {"/?b=1&b=2", Exactly("2"), false},  // only the first counts
      {"/?b=%32", Exactly("2"), false},
      {"/?b=%32", Exactly("%32"), true},
      {"/?b", Exactly(""), true},
      {"/?b=", Exactly(""), true},
      {"/?b=c=d", Exactly("c=d"), true},
      {"/?xb=2", Exactly("2"), false},
      {"/", PresentMatch{false}, true},
      {"/?b", PresentMatch{true}, true},
      {"/?&&b", PresentMatch{true}, true},
      {"/?b", PresentMatch{false}, false},
      {"/b", PresentMatch{true}, false},
  };
  for (const auto& row : rows) {
    resource::Route route = Prefix("yes", "/");
    route.match.query_parameters.push_back({"b", row.match});
    EXPECT_EQ(ChosenFor(*TableOf({route, Prefix("no", "/")}), row.path),
              row.expected ? "yes" : "no")
        << row.path;
  }
}

TEST(RouteTableTest, MatchesGrpcByContentType) {
  resource::Route route = Prefix("grpc", "/");
  route.match.grpc = true;
  const auto table = TableOf({route, Prefix("other", "/")});
  EXPECT_EQ(ChosenFor(*table, "/", {{"content-type", "application/grpc"}}), "grpc");
  EXPECT_EQ(ChosenFor(*table, "/", {{"content-type", "application/grpc+proto"}}), "grpc");
  EXPECT_EQ(ChosenFor(*table, "/", {{"content-type", "application/grpc-web"}}), "other");
  EXPECT_EQ(ChosenFor(*table, "/"), "other");
}

TEST(RouteTableTest, TakesTheConfiguredFractionOfRequests) {
  resource::Route route = Prefix("some", "/");
  route.match.runtime_fraction = {.per_million = 250'000};
  const auto table = TableOf({route, Prefix("rest", "/")});
  const Headers headers;
  const RequestHead head{"GET", "/", "shop", "http", &headers};
  base::Random random(7);
  int some = 0;
  for (int n = 0; n < 10'000; ++n) some += Chosen(*table, head, random.Next()) == "some" ? 1 : 0;
  EXPECT_NEAR(some, 2'500, 200);
}

TEST(RouteTableTest, NumbersEachClusterOnce) {
  const auto table = TableOf({Prefix("b", "/b"), Prefix("a", "/a"), Prefix("b", "/")});
  ASSERT_EQ(table->clusters().size(), 2u);
  const Headers headers;
  const RouteMatchResult result = table->Match({"GET", "/x", "shop", "http", &headers}, 0);
  EXPECT_EQ(table->clusters()[result.route->clusters.at(0)].value, "b");
}

TEST(RouteTableTest, PrefersTheRoutesRetryPolicyToTheHosts) {
  resource::Route own = Prefix("own", "/own");
  Forward(own).retry_policy = resource::RetryPolicy{.num_retries = 7};
  resource::VirtualHost host = Host("h", {"*"}, {own, Prefix("inherits", "/")});
  host.retry_policy = resource::RetryPolicy{.num_retries = 3};
  const auto table = RouteTable::Compile(Config({host}));
  const Headers headers;
  EXPECT_EQ(table->Match({"GET", "/own", "", "http", &headers}, 0).route->retry_policy->num_retries,
            7u);
  EXPECT_EQ(table->Match({"GET", "/", "", "http", &headers}, 0).route->retry_policy->num_retries,
            3u);
}

// The index must agree with asking every route in turn.
bool TakesPath(const resource::PathMatcher& matcher, std::string path) {
  std::string value = matcher.value;
  if (!matcher.case_sensitive && matcher.kind != resource::PathMatcher::Kind::kRegex) {
    for (char& c : path) c = static_cast<char>(std::tolower(c));
    for (char& c : value) c = static_cast<char>(std::tolower(c));
  }
  switch (matcher.kind) {
    case resource::PathMatcher::Kind::kExact:
      return path == value;
    case resource::PathMatcher::Kind::kPrefix:
      return path.starts_with(value);
    case resource::PathMatcher::Kind::kPathSeparatedPrefix:
      return path.starts_with(value) && (path.size() == value.size() || path[value.size()] == '/');
    case resource::PathMatcher::Kind::kRegex:
      return re2::RE2::FullMatch(path, *matcher.regex.compiled);
  }
  return false;
}

std::string RandomPath(base::Random& random) {
  static constexpr std::string_view kBytes = "aAbB//.";
  std::string path = "/";
  for (uint64_t n = random.Below(7); n > 0; --n) path += kBytes[random.Below(kBytes.size())];
  return path;
}

resource::Route RandomRoute(base::Random& random, const std::string& name) {
  static constexpr const char* kTails[] = {"", ".*", "?", "b+", "|/a", "(/b)?", "{2}", "\\."};
  const std::string path = RandomPath(random);
  switch (random.Below(5)) {
    case 0:
      return Exact(name, path);
    case 1:
      return Separated(name, path);
    case 2:
      return Pattern(name, path + kTails[random.Below(8)]);
    default:
      return Prefix(name, path);
  }
}

TEST(PathIndexTest, AgreesWithAskingEveryRouteInTurn) {
  base::Random random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<resource::Route> routes;
    for (uint64_t n = random.Below(30); n > 0; --n) {
      routes.push_back(RandomRoute(random, std::to_string(n)));
      if (random.Below(3) == 0) routes.back().match.path.case_sensitive = false;
    }
    const PathIndex index(routes);
    for (int request = 0; request < 100; ++request) {
      const std::string path = RandomPath(random);
      const uint32_t skipped = static_cast<uint32_t>(random.Below(30));
      uint32_t expected = 0;
      while (expected < routes.size() &&
             (expected == skipped || !TakesPath(routes[expected].match.path, path))) {
        ++expected;
      }
      ASSERT_EQ(index.FindFirst(path, [&](uint32_t n) { return n != skipped; }), expected)
          << path << " in round " << round;
    }
  }
}

TEST(PathIndexTest, ReadsOnlyWhatEveryMatchBeginsWith) {
  const struct {
    const char* pattern;
    const char* prefix;
  } rows[] = {{"/item/[0-9]+", "/item/"},
              {"/ab?c", "/a"},
              {"/ab*", "/a"},
              {"/ab{0,1}", "/a"},
              {"/v1\\.0/.*", "/v1.0/"},
              {"/a|/b", ""},
              {"(?i)/a", ""},
              {"/a\\d", "/a"},
              {"/a.b", "/a"},
              {"/a(b|c)", ""},
              {"^/a", ""},
              {"/a\\.?", "/a"},
              {"", ""}};
  for (const auto& row : rows) EXPECT_EQ(LiteralPrefix(row.pattern), row.prefix) << row.pattern;
}

}  // namespace
}  // namespace meshlib::route
