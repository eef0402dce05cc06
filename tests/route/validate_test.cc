// SPDX-License-Identifier: Apache-2.0
#include "route/validate.h"

#include <gtest/gtest.h>

#include "route/route_builder.h"

namespace meshlib::route {
namespace {

using Errors = std::vector<ValidationError>;

TEST(ValidateTest, AcceptsWhatIsSound) {
  EXPECT_EQ(Validate(*Config({Host("a", {"shop", "*.shop", "shop.*", "*", ""}, {Prefix("r", "/")}),
                              Host("b", {"*-x.shop", "a*b"}, {})})),
            Errors());
}

TEST(ValidateTest, FindsDuplicateDomainsInAnyCase) {
  const Errors errors = Validate(
      *Config({Host("a", {"shop", "*"}, {}), Host("b", {"x", "SHOP"}, {}), Host("c", {"*"}, {})}));
  EXPECT_EQ(errors, (Errors{{"virtual_hosts[1].domains[1]", "duplicate domain \"SHOP\""},
                            {"virtual_hosts[2].domains[0]", "duplicate domain \"*\""}}));
}

TEST(ValidateTest, FindsEveryProblemOfARoute) {
  resource::Route route = Prefix("r", "/");
  resource::WeightedClusters weighted;
  weighted.clusters.resize(2);
  weighted.clusters[1].response_headers.remove = {"host"};
  Forward(route).cluster = weighted;
  Forward(route).prefix_rewrite = "/a";
  Forward(route).regex_rewrite = resource::RegexRewrite{Regex("a"), "b"};
  Forward(route).retry_policy =
      resource::RetryPolicy{.backoff_base = absl::Seconds(2), .backoff_max = absl::Seconds(1)};
  route.request_headers.add = {{.name = ":path", .value = "v"}, {.name = "x", .value = "%NO%"}};
  const Errors errors = Validate(*Config({Host("a", {"*"}, {route})}));
  const std::string at = "virtual_hosts[0].routes[0].";
  EXPECT_EQ(
      errors,
      (Errors{{at + "request_headers_to_add[0].header.key", "\":path\" must not be changed"},
              {at + "request_headers_to_add[1].header.value", "NO is no known command"},
              {at + "route", "only one of prefix_rewrite and regex_rewrite may be set"},
              {at + "route.retry_policy.retry_back_off.max_interval", "less than base_interval"},
              {at + "route.weighted_clusters.clusters[1].response_headers_to_remove[0]",
               "\"host\" must not be changed"},
              {at + "route.weighted_clusters", "the weights sum up to 0"}}));
}

TEST(ValidateTest, WeightsMustFitInto32Bits) {
  resource::Route route = Prefix("r", "/");
  resource::WeightedClusters weighted;
  weighted.clusters.resize(2);
  weighted.clusters[0].weight = 4'294'967'295;
  Forward(route).cluster = weighted;
  EXPECT_EQ(Validate(*Config({Host("a", {"*"}, {route})})), Errors());
  weighted.clusters[1].weight = 1;
  Forward(route).cluster = weighted;
  EXPECT_EQ(Validate(*Config({Host("a", {"*"}, {route})})).size(), 1u);
}

}  // namespace
}  // namespace meshlib::route
