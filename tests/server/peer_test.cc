// SPDX-License-Identifier: Apache-2.0
#include "server/peer.h"

#include <gtest/gtest.h>

#include <vector>

namespace meshlib::server {
namespace {

using resource::ClientCertificateDetails;
using tls::SubjectAltName;
using Action = ClientCertificateDetails::Action;
using Type = SubjectAltName::Type;

constexpr const char* kReviews = "spiffe://cluster.local/ns/default/sa/reviews";
constexpr const char* kProductpage = "spiffe://cluster.local/ns/default/sa/productpage";
constexpr const char* kHeader = "x-forwarded-client-cert";

// What istiod's inbound chains ask for.
constexpr ClientCertificateDetails kIstio = {
    .action = Action::kAppend, .subject = true, .uri = true, .dns = true};

tls::PeerCertificate Certificate(std::vector<SubjectAltName> names) {
  tls::PeerCertificate certificate;
  certificate.names = std::move(names);
  certificate.sha256 = "5e1f";
  certificate.leaf_pem = "-----BEGIN A+B-----\nx/y=\n";
  return certificate;
}

std::string Forwarded(const ClientCertificateDetails& details,
                      const tls::PeerCertificate& certificate) {
  const std::vector<SubjectAltName> own = {{Type::kUri, kReviews}, {Type::kDns, "reviews"}};
  return ForwardedCertificate(details, certificate, own);
}

TEST(ForwardedCertificateTest, IsTheOneThatIstiosSidecarsMake) {
  EXPECT_EQ(Forwarded(kIstio, Certificate({{Type::kUri, kProductpage}})),
            std::string("By=") + kReviews + ";Hash=5e1f;Subject=\"\";URI=" + kProductpage);
}

TEST(ForwardedCertificateTest, TellsOnlyWhatIsAskedFor) {
  const auto certificate =
      Certificate({{Type::kUri, "a:1"}, {Type::kUri, "a:2"}, {Type::kDns, "b"}});
  const std::string by = std::string("By=") + kReviews + ";Hash=5e1f";
  EXPECT_EQ(Forwarded({}, certificate), by);
  EXPECT_EQ(Forwarded({.uri = true}, certificate), by + ";URI=a:1;URI=a:2");
  EXPECT_EQ(Forwarded({.dns = true}, certificate), by + ";DNS=b");
  EXPECT_EQ(Forwarded({.uri = true, .dns = true}, Certificate({})), by + ";URI=");
  EXPECT_EQ(Forwarded({.certificate = true}, certificate),
            by + ";Cert=\"-----BEGIN%20A%2BB-----%0Ax%2Fy%3D%0A\"");
}

// A name must not be able to add elements or headers.
TEST(ForwardedCertificateTest, NamesCannotEndTheirValue) {
  auto certificate = Certificate({{Type::kUri, "a,b;c=\"d\"\r\n\xff"}});
  certificate.subject = "CN=x\";URI=y\\";
  EXPECT_EQ(Forwarded({.subject = true, .uri = true}, certificate),
            std::string("By=") + kReviews +
                ";Hash=5e1f;Subject=\"CN=x\\\";URI=y\\\\\";URI=a%2cb%3bc=%22d%22%0d%0a%ff");
}

struct Row {
  const char* name;
  Action action;
  const char* certificate;  // empty: none was shown
  const char* expected;     // nullptr: no header
};

class ForwardCertificateTest : public ::testing::TestWithParam<Row> {};

TEST_P(ForwardCertificateTest, TreatsWhatTheClientSent) {
  Headers headers = {{kHeader, "By=forged"}, {"accept", "a"}, {kHeader, "By=again"}};
  ForwardCertificate(GetParam().action, GetParam().certificate, headers);
  std::string storage;
  const auto value = headers.GetJoined(kHeader, &storage);
  EXPECT_EQ(value.value_or("none"), GetParam().expected ? GetParam().expected : "none");
  EXPECT_TRUE(headers.Has("accept"));
}

INSTANTIATE_TEST_SUITE_P(
    Actions, ForwardCertificateTest,
    ::testing::ValuesIn<Row>({
        {"RemoveRemoves", Action::kRemove, "Hash=1", nullptr},
        {"SetReplaces", Action::kSet, "Hash=1", "Hash=1"},
        {"AppendAppends", Action::kAppend, "Hash=1", "By=forged,By=again,Hash=1"},
        {"ForwardLeavesIt", Action::kForward, "Hash=1", "By=forged,By=again"},
        {"SetRemovesWithoutACertificate", Action::kSet, "", nullptr},
        {"AppendRemovesWithoutACertificate", Action::kAppend, "", nullptr},
        {"ForwardRemovesWithoutACertificate", Action::kForward, "", nullptr},
        {"AlwaysForwardTouchesNothing", Action::kAlwaysForward, "", "By=forged,By=again"},
    }),
    [](const ::testing::TestParamInfo<Row>& row) { return row.param.name; });

}  // namespace
}  // namespace meshlib::server
