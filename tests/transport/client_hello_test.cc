// SPDX-License-Identifier: Apache-2.0
#include "transport/client_hello.h"

#include <gtest/gtest.h>

#include "transport/client_hello_builder.h"

namespace meshlib::transport {
namespace {

using Kind = Opening::Kind;
using Names = std::vector<std::string>;

TEST(ClientHelloTest, NamesAndProtocolsAreRead) {
  const Opening opening = InspectOpening(ClientHelloBuilder()
                                             .Extension(43, "x")
                                             .ServerName("Reviews.Default")
                                             .Protocol("istio-http/1.1")
                                             .Protocol("http/1.1")
                                             .Bytes());
  EXPECT_EQ(opening.kind, Kind::kTls);
  EXPECT_EQ(opening.hello.server_name, "reviews.default");
  EXPECT_EQ(opening.hello.application_protocols, Names({"istio-http/1.1", "http/1.1"}));
}

TEST(ClientHelloTest, OneWithoutExtensionsSaysNothing) {
  const Opening opening = InspectOpening(ClientHelloBuilder().Bytes());
  EXPECT_EQ(opening.kind, Kind::kTls);
  EXPECT_EQ(opening.hello, ClientHello());
}

TEST(ClientHelloTest, EveryPrefixIsUndecided) {
  const std::string bytes = ClientHelloBuilder().ServerName("a.example").Protocol("h2").Bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(InspectOpening(bytes.substr(0, size)).kind, Kind::kUndecided) << size;
  }
  EXPECT_EQ(InspectOpening(bytes + "behind it").hello.server_name, "a.example");
}

TEST(ClientHelloTest, RecordsOfAnySizeArePutTogether) {
  const ClientHelloBuilder hello = ClientHelloBuilder().ServerName("a.example").Protocol("h2");
  for (size_t record = 1; record < 64; ++record) {
    const Opening opening = InspectOpening(hello.Bytes(record));
    EXPECT_EQ(opening.kind, Kind::kTls) << record;
    EXPECT_EQ(opening.hello.server_name, "a.example") << record;
    EXPECT_EQ(opening.hello.application_protocols, Names({"h2"})) << record;
  }
}

struct Row {
  const char* name;
  std::string bytes;
  Kind kind;
};

class OpeningTest : public ::testing::TestWithParam<Row> {};

TEST_P(OpeningTest, IsTold) { EXPECT_EQ(InspectOpening(GetParam().bytes).kind, GetParam().kind); }

INSTANTIATE_TEST_SUITE_P(
    Openings, OpeningTest,
    ::testing::ValuesIn<Row>({
        {"Request", "GET / HTTP/1.1\r\n", Kind::kPlaintext},
        {"OneLetter", "G", Kind::kPlaintext},
        {"EmptyLineFirst", "\r\n", Kind::kPlaintext},
        {"Http2Preface", "PRI * HTTP/2.0\r\n\r\n", Kind::kPlaintext},
        {"Ssl2Hello", std::string("\x80\x2e\x01\x00\x02", 5), Kind::kPlaintext},
        {"Nothing", "", Kind::kUndecided},
        {"HandshakeByteAlone", "\x16", Kind::kUndecided},
        {"HandshakeByteOfNothing", "\x16GET", Kind::kPlaintext},
        // What TLS makes of these is for the handshake to say.
        {"AnotherMessage", std::string("\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9), Kind::kTls},
        {"EmptyRecord", std::string("\x16\x03\x01\x00\x00", 5), Kind::kTls},
        {"AlertWithinTheHello", std::string("\x16\x03\x01\x00\x01\x01\x15\x03\x01\x00\x01", 11),
         Kind::kTls},
        {"HugeHello", std::string("\x16\x03\x01\x40\x00\x01\x00\x80\x00", 9), Kind::kTls},
        {"LengthsBeyondTheEnd", std::string("\x16\x03\x01\x00\x06\x01\x00\x00\x02\xff\xff", 11),
         Kind::kTls},
    }),
    [](const ::testing::TestParamInfo<Row>& row) { return row.param.name; });

TEST(ClientHelloTest, LengthsWithinExtensionsThatLieAreSurvived) {
  const std::string good = ClientHelloBuilder().ServerName("a.example").Protocol("h2").Bytes();
  for (size_t at = 5; at < good.size(); ++at) {
    for (const char byte : {'\0', '\x01', '\x7f', '\xff'}) {
      std::string bad = good;
      bad[at] = byte;
      static_cast<void>(InspectOpening(bad));
    }
  }
}

}  // namespace
}  // namespace meshlib::transport
