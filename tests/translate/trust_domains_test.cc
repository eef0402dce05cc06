// SPDX-License-Identifier: Apache-2.0
#include "translate/trust_domains.h"

#include <gtest/gtest.h>

namespace meshlib::translate {
namespace {

using Strings = std::vector<std::string>;

const TrustDomains kDomains{.own = "new.example", .aliases = {"old.example", "new.example"}};

TEST(TrustDomainsTest, TheOwnIsFirstAndEachIsThereOnce) {
  EXPECT_EQ(kDomains.All(), (Strings{"new.example", "old.example"}));
  EXPECT_EQ(TrustDomains().All(), Strings{"cluster.local"});
}

TEST(TrustDomainsTest, PrincipalsOfAnyAreThoseOfAll) {
  const struct {
    const char* principal;
    Strings expected;
  } rows[] = {
      {"new.example/ns/a/sa/b", {"new.example/ns/a/sa/b", "old.example/ns/a/sa/b"}},
      {"old.example/ns/a/sa/b", {"new.example/ns/a/sa/b", "old.example/ns/a/sa/b"}},
      {"cluster.local/ns/a/sa/b", {"new.example/ns/a/sa/b", "old.example/ns/a/sa/b"}},
      {"old.example/ns/a/sa/*", {"new.example/ns/a/sa/*", "old.example/ns/a/sa/*"}},
      {"elsewhere/ns/a/sa/b", {"elsewhere/ns/a/sa/b"}},
      {"*/ns/a/sa/b", {"*/ns/a/sa/b"}},
      {"*.example/ns/a/sa/b", {"*.example/ns/a/sa/b"}},
      {"*d.example/ns/a/sa/b", {"new.example/ns/a/sa/b", "*d.example/ns/a/sa/b"}},
      {"old*/ns/a/sa/b", {"new.example/ns/a/sa/b", "old.example/ns/a/sa/b"}},
      {"*/sa/b", {"*/sa/b"}},
      {"cluster.local/ns/a", {"cluster.local/ns/a"}},
      {"*", {"*"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(kDomains.OfPrincipals({row.principal}), row.expected) << row.principal;
  }
}

TEST(TrustDomainsTest, NamesOfTrustDomainsAreThoseOfAll) {
  EXPECT_EQ(kDomains.OfDomains({"a", "old.example", "new.example", "old*", "cluster.local"}),
            (Strings{"a", "new.example", "old.example", "old*", "cluster.local"}));
}

TEST(TrustDomainsTest, OnlyIdsOfWorkloadsHaveAliases) {
  std::set<std::string> names = {"spiffe://x/ns/a/sa/b", "spiffe://x/short", "reviews"};
  kDomains.AddAliases(names);
  EXPECT_EQ(names, (std::set<std::string>{"spiffe://x/ns/a/sa/b", "spiffe://old.example/ns/a/sa/b",
                                          "spiffe://new.example/ns/a/sa/b", "spiffe://x/short",
                                          "reviews"}));
}

TEST(TrustDomainsTest, WhatIsAskedForGoesBeforeWhatTheMeshConfigSays) {
  manifest::Manifest manifest;
  EXPECT_EQ(TrustDomainsOf(manifest).own, "cluster.local");
  EXPECT_EQ(TrustDomainsOf(manifest, "a").own, "a");
  manifest.mesh_configs.push_back({.trust_domain = "b", .trust_domain_aliases = {"c"}});
  EXPECT_EQ(TrustDomainsOf(manifest).own, "b");
  EXPECT_EQ(TrustDomainsOf(manifest, "a"), (TrustDomains{.own = "a", .aliases = {"c"}}));
}

}  // namespace
}  // namespace meshlib::translate
