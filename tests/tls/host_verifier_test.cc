// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tls/peer_verifier.h"

namespace meshlib::tls {
namespace {

using Type = SubjectAltName::Type;

struct Row {
  std::string host;
  SubjectAltName name;
  bool matches;
};

TEST(HostVerifierTest, BadInput20_MatchesNamesOfTheRightType) {
  const Row rows[] = {
      {"reviews", {Type::kDns, "reviews"}, true},
      {"reviews", {Type::kDns, "Reviews"}, true},
      {"REVIEWS.example.com", {Type::kDns, "reviews.example.com"}, true},
      {"reviews.example.com.", {Type::kDns, "reviews.example.com"}, true},
      {"reviews.example.com", {Type::kDns, "reviews.example.com."}, true},
      {"reviews", {Type::kDns, "reviews.example.com"}, false},
      {"reviews", {Type::kUri, "reviews"}, false},
      {"reviews", {Type::kEmail, "reviews"}, false},
      {"reviews", {Type::kOther, ""}, false},
      {"", {Type::kDns, ""}, false},
      // Wildcards stand for one whole label at the left.
      {"a.example.com", {Type::kDns, "*.example.com"}, true},
      {"A.Example.Com", {Type::kDns, "*.eXample.com"}, true},
      {"a.b.example.com", {Type::kDns, "*.example.com"}, false},
      {"example.com", {Type::kDns, "*.example.com"}, false},
      {".example.com", {Type::kDns, "*.example.com"}, false},
      {"abc.example.com", {Type::kDns, "a*.example.com"}, false},
      {"a.b.com", {Type::kDns, "a.*.com"}, false},
      {"a.b.example.com", {Type::kDns, "*.*.example.com"}, false},
      {"example.com", {Type::kDns, "*.com"}, false},
      {"reviews", {Type::kDns, "*"}, false},
      {"*.example.com", {Type::kDns, "*.example.com"}, true},
      // Addresses.
      {"127.0.0.1", {Type::kIpAddress, "127.0.0.1"}, true},
      {"127.0.0.1", {Type::kIpAddress, "127.0.0.2"}, false},
      {"127.0.0.1", {Type::kDns, "127.0.0.1"}, false},
      {"127.0.0.1", {Type::kDns, "*.0.0.1"}, false},
      {"::1", {Type::kIpAddress, "::1"}, true},
      {"[::1]", {Type::kIpAddress, "::1"}, true},
      {"0:0:0:0:0:0:0:1", {Type::kIpAddress, "::1"}, true},
      {"reviews", {Type::kIpAddress, "127.0.0.1"}, false},
  };
  for (const Row& row : rows) {
    PeerCertificate peer;
    peer.names = {{Type::kDns, "other"}, row.name};
    EXPECT_EQ(HostVerifier(row.host)->Verify(peer).ok(), row.matches)
        << row.host << " and " << row.name.value;
  }
}

TEST(HostVerifierTest, BadInput20_ANulByteNeverEndsAName) {
  PeerCertificate peer;
  peer.names = {{Type::kDns, std::string("good.example\0.evil.com", 22)}};
  EXPECT_FALSE(HostVerifier("good.example")->Verify(peer).ok());
  peer.names = {{Type::kDns, "good.example"}};
  EXPECT_FALSE(HostVerifier(std::string("good.example\0.evil.com", 22))->Verify(peer).ok());
  peer.names = {{Type::kIpAddress, "127.0.0.1"}};
  EXPECT_FALSE(HostVerifier(std::string("127.0.0.1\0", 10))->Verify(peer).ok());
}

TEST(HostVerifierTest, SaysWhomTheCertificateIsFor) {
  PeerCertificate peer;
  peer.names = {{Type::kDns, "a"}, {Type::kUri, "spiffe://b"}, {Type::kIpAddress, "10.0.0.1"}};
  EXPECT_EQ(HostVerifier("reviews")->Verify(peer).message(),
            "certificate is not for reviews, but for a, 10.0.0.1");
  peer.names.assign(20, {Type::kDns, "x\n"});
  EXPECT_EQ(HostVerifier("reviews")->Verify(peer).message(),
            "certificate is not for reviews, but for x\\n, x\\n, x\\n, x\\n, x\\n, x\\n, x\\n, "
            "x\\n, ...");
}

}  // namespace
}  // namespace meshlib::tls
