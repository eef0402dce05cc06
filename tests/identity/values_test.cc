// SPDX-License-Identifier: Apache-2.0
// The small values of identity: names, roots, messages.

#include <gtest/gtest.h>

#include <string>

#include "identity/certificate_messages.h"
#include "identity/root_history.h"
#include "identity/workload_name.h"

namespace meshlib::identity {
namespace {

TEST(WorkloadNameTest, ASpiffeIdIsMadeAsIstioDoes) {
  const WorkloadName name{.name_space = "shop", .service_account = "cart"};
  EXPECT_EQ(name.SpiffeId(), "spiffe://cluster.local/ns/shop/sa/cart");
  EXPECT_TRUE(CheckWorkloadName(name).ok()) << CheckWorkloadName(name);
}

TEST(WorkloadNameTest, NamesThatWouldMakeAnotherSpiffeIdAreRefused) {
  for (const WorkloadName& name :
       std::initializer_list<WorkloadName>{{.name_space = ""},
                                           {.service_account = ""},
                                           {.name_space = ".."},
                                           {.service_account = "a/../b"},
                                           {.service_account = "cart/sa/root"},
                                           {.name_space = "a/b"},
                                           {.service_account = "a%2fb"},
                                           {.service_account = "a b"},
                                           {.service_account = std::string("a\0b", 3)},
                                           {.trust_domain = "Cluster.Local"},
                                           {.trust_domain = "a/ns/b"},
                                           {.trust_domain = "host:1"},
                                           {.trust_domain = ""}}) {
    EXPECT_FALSE(CheckWorkloadName(name).ok()) << name.SpiffeId();
  }
}

std::string Pem(const std::string& content) {
  return "-----BEGIN CERTIFICATE-----\n" + content + "\n-----END CERTIFICATE-----\n";
}

TEST(RootHistoryTest, ARootStaysUntilTheLastThatNeedsItHasExpired) {
  const absl::Time start = absl::FromUnixSeconds(1'000'000);
  RootHistory roots;
  roots.Add(Pem("A") + Pem("B"), start + absl::Seconds(10));
  roots.Add("text\r\n" + Pem("B") + Pem("C"), start + absl::Seconds(20));
  EXPECT_EQ(roots.Pem(), Pem("A") + Pem("B") + Pem("C"));
  EXPECT_EQ(roots.NextExpiry(), start + absl::Seconds(10));
  EXPECT_FALSE(roots.Expire(start + absl::Seconds(9)));
  EXPECT_TRUE(roots.Expire(start + absl::Seconds(10)));
  EXPECT_EQ(roots.Pem(), Pem("B") + Pem("C"));
  EXPECT_TRUE(roots.Expire(start + absl::Seconds(20)));
  EXPECT_EQ(roots.Pem(), "");
  EXPECT_EQ(roots.NextExpiry(), absl::InfiniteFuture());
}

TEST(CertificateMessagesTest, WhatIsEncodedDecodes) {
  const CertificateRequest request{
      .request_pem = "PEM", .lifetime = absl::Seconds(10), .metadata = {{"NAMESPACE", "shop"}}};
  EXPECT_EQ(DecodeRequest(EncodeRequest(request)).value(), request);
  const std::vector<std::string> chain{"leaf", "root"};
  EXPECT_EQ(DecodeResponse(EncodeResponse(chain)).value(), chain);
}

TEST(CertificateMessagesTest, ARequestHasTheFieldNumbersOfIstio) {
  EXPECT_EQ(EncodeRequest({.request_pem = "PEM", .lifetime = absl::Seconds(5)}),
            "\x0a\x03PEM\x18\x05");
  EXPECT_EQ(EncodeResponse({"leaf", "root"}), "\x0a\x04leaf\x0a\x04root");
}

TEST(CertificateMessagesTest, GarbageIsRefused) {
  EXPECT_FALSE(DecodeRequest("\x0a\xff").ok());
  EXPECT_FALSE(DecodeResponse("\x0a\xff").ok());
  EXPECT_FALSE(DecodeResponse(std::string(2 << 20, '\x0a')).ok());
}

}  // namespace
}  // namespace meshlib::identity
