// SPDX-License-Identifier: Apache-2.0
#include "snapshot/san_verifier.h"

#include <gtest/gtest.h>

namespace meshlib::snapshot {
namespace {

using resource::SanMatcher;
using resource::SanType;
using resource::StringMatcher;
using Kind = StringMatcher::Kind;
using Name = tls::SubjectAltName;

SanMatcher Matcher(SanType type, Kind kind, const std::string& value, bool ignore_case = false) {
  SanMatcher matcher;
  matcher.type = type;
  matcher.matcher.kind = kind;
  matcher.matcher.ignore_case = ignore_case;
  if (kind == Kind::kRegex) {
    matcher.matcher.regex = {value, std::make_shared<const re2::RE2>(value, re2::RE2::Latin1)};
  } else {
    matcher.matcher.value = value;
  }
  return matcher;
}

struct Row {
  const char* name;
  SanMatcher matcher;
  Name::Type type;
  std::string in_certificate;
  bool accepted;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class SanVerifierTest : public ::testing::TestWithParam<Row> {};

TEST_P(SanVerifierTest, DecidesByTypeAndBytes) {
  tls::PeerCertificate peer;
  peer.names = {{Name::Type::kDns, "unrelated"}, {GetParam().type, GetParam().in_certificate}};
  const absl::Status status = SanVerifier({GetParam().matcher})->Verify(peer);
  EXPECT_EQ(status.ok(), GetParam().accepted) << status;
}

constexpr Name::Type kDns = Name::Type::kDns;
constexpr Name::Type kUri = Name::Type::kUri;
const std::string kId = "spiffe://cluster.local/ns/default/sa/db";

INSTANTIATE_TEST_SUITE_P(
    BadInput20, SanVerifierTest,
    ::testing::Values(
        Row{"exact", Matcher(SanType::kAny, Kind::kExact, kId), kUri, kId, true},
        Row{"exact_longer", Matcher(SanType::kAny, Kind::kExact, kId), kUri, kId + "2", false},
        Row{"exact_shorter", Matcher(SanType::kAny, Kind::kExact, kId), kUri, "spiffe://cluster",
            false},
        Row{"uri_case", Matcher(SanType::kAny, Kind::kExact, kId), kUri,
            "spiffe://Cluster.local/ns/default/sa/db", false},
        Row{"nul_ends_nothing", Matcher(SanType::kAny, Kind::kExact, kId), kUri,
            kId + std::string("\0x", 2), false},
        Row{"prefix", Matcher(SanType::kUri, Kind::kPrefix, "spiffe://cluster.local/"), kUri, kId,
            true},
        Row{"suffix", Matcher(SanType::kUri, Kind::kSuffix, "/sa/db"), kUri, kId, true},
        Row{"contains", Matcher(SanType::kUri, Kind::kContains, "/ns/default/"), kUri, kId, true},
        Row{"regex_matches_all_of_it", Matcher(SanType::kUri, Kind::kRegex, "spiffe://.*/db"), kUri,
            kId, true},
        Row{"regex_part", Matcher(SanType::kUri, Kind::kRegex, "cluster.local"), kUri, kId, false},
        Row{"ignoring_case", Matcher(SanType::kUri, Kind::kExact, kId, true), kUri,
            "SPIFFE://cluster.local/ns/default/sa/db", true},
        Row{"dns_for_uri", Matcher(SanType::kUri, Kind::kExact, "db.example"), kDns, "db.example",
            false},
        Row{"email_for_dns", Matcher(SanType::kDns, Kind::kExact, "db.example"), Name::Type::kEmail,
            "db.example", false},
        Row{"other_for_any", Matcher(SanType::kAny, Kind::kExact, ""), Name::Type::kOther, "",
            false},
        Row{"ip", Matcher(SanType::kIpAddress, Kind::kExact, "10.0.0.1"), Name::Type::kIpAddress,
            "10.0.0.1", true},
        Row{"dns_case", Matcher(SanType::kDns, Kind::kExact, "db.example"), kDns, "DB.example",
            true},
        Row{"dns_wildcard", Matcher(SanType::kAny, Kind::kExact, "db.example"), kDns, "*.example",
            true},
        Row{"dns_wildcard_one_label", Matcher(SanType::kDns, Kind::kExact, "a.b.example"), kDns,
            "*.example", false},
        Row{"dns_wildcard_needs_a_label", Matcher(SanType::kDns, Kind::kExact, ".example"), kDns,
            "*.example", false},
        Row{"dns_partial_wildcard", Matcher(SanType::kDns, Kind::kExact, "db1.example"), kDns,
            "db*.example", false},
        Row{"uri_is_no_wildcard", Matcher(SanType::kUri, Kind::kExact, "db.example"), kUri,
            "*.example", false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SanVerifierTextTest, SaysWhatThereIsAndWhatIsWanted) {
  tls::PeerCertificate peer;
  peer.names = {{kDns, "other.example"}};
  EXPECT_EQ(SanVerifier({Matcher(SanType::kAny, Kind::kExact, "db.example"),
                         Matcher(SanType::kUri, Kind::kPrefix, "spiffe://")})
                ->Verify(peer)
                .message(),
            "certificate is for other.example, not for exact \"db.example\", URI prefix "
            "\"spiffe://\"");
}

TEST(SanVerifierTextTest, ACertificateWithoutNamesIsRefused) {
  EXPECT_FALSE(SanVerifier({Matcher(SanType::kAny, Kind::kPrefix, "")})->Verify({}).ok());
}

}  // namespace
}  // namespace meshlib::snapshot
