// SPDX-License-Identifier: Apache-2.0
#include "wire/encoder.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::wire {
namespace {

std::string Request(const RequestLine& line, const Headers& headers = {},
                    const BodyFraming& framing = {},
                    ConnectionField connection = ConnectionField::kNone) {
  std::string out = "|";
  const absl::Status status = AppendRequestHead(line, headers, framing, connection, &out);
  return status.ok() ? out : out + std::string(status.message());
}

std::string Response(int status, const Headers& headers, const BodyFraming& framing,
                     ConnectionField connection = ConnectionField::kNone) {
  std::string out = "|";
  const absl::Status result =
      AppendResponseHead({.status = status}, headers, framing, connection, &out);
  return result.ok() ? out : out + std::string(result.message());
}

TEST(EncoderTest, WritesARequestHead) {
  EXPECT_EQ(Request({"GET", "/reviews/0", "reviews:9080"}, {{"End-User", "jason"}}),
            "|GET /reviews/0 HTTP/1.1\r\nhost: reviews:9080\r\nend-user: jason\r\n\r\n");
  EXPECT_EQ(Request({"POST", "/", "a"}, {}, BodyFraming::Length(12), ConnectionField::kClose),
            "|POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 12\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(Request({"POST", "/", "a"}, {}, BodyFraming::Chunked()),
            "|POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
}

TEST(EncoderTest, WritesAResponseHead) {
  EXPECT_EQ(Response(404, {{"x", "y"}}, BodyFraming::Length(0)),
            "|HTTP/1.1 404 Not Found\r\nx: y\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(Response(299, {}, BodyFraming::UntilClose(), ConnectionField::kClose),
            "|HTTP/1.1 299 Unknown\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(Response(200, {}, BodyFraming::Length(1), ConnectionField::kKeepAlive),
            "|HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\n");
}

TEST(EncoderTest, WritesADateUnlessTheHeadersHaveOne) {
  std::string out;
  ASSERT_TRUE(AppendResponseHead({204, "now"}, {}, {}, ConnectionField::kNone, &out).ok());
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n");
  out.clear();
  ASSERT_TRUE(
      AppendResponseHead({204, "now"}, {{"date", "then"}}, {}, ConnectionField::kNone, &out).ok());
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\ndate: then\r\n\r\n");
}

TEST(EncoderTest, FramingAndConnectionAreTheEncodersAlone) {
  const Headers headers = {{"Host", "b"},         {"Content-Length", "9"},
                           {"connection", "x"},   {"transfer-encoding", "chunked"},
                           {"keep-alive", "1"},   {"proxy-connection", "close"},
                           {"upgrade", "h2c"},    {"http2-settings", "AA"},
                           {"x-forwarded", "yes"}};
  EXPECT_EQ(Request({"GET", "/", "a"}, headers),
            "|GET / HTTP/1.1\r\nhost: a\r\nx-forwarded: yes\r\n\r\n");
}

TEST(EncoderTest, RefusesWhatWouldBeReadAsSomethingElse) {
  EXPECT_EQ(Request({"G T", "/", "a"}), "|wire: malformed method \"G T\"");
  EXPECT_EQ(Request({"GET", "/ HTTP/1.1\r\nX: y", "a"}),
            "|wire: malformed target \"/ HTTP/1.1\\r\\nX: y\"");
  EXPECT_EQ(Request({"GET", "", "a"}), "|wire: malformed target \"\"");
  EXPECT_EQ(Request({"GET", "/", "a\r\nb"}), "|wire: malformed authority \"a\\r\\nb\"");
  EXPECT_EQ(Request({"GET", "/", "a"}, {{"ok", "1"}, {"x", "a\r\nb: c"}}),
            "|wire: malformed value of field \"x\"");
  EXPECT_EQ(Request({"GET", "/", "a"}, {{"x", std::string_view("\0", 1)}}),
            "|wire: malformed value of field \"x\"");
  EXPECT_EQ(Request({"GET", "/", "a"}, {{"a b", "c"}}), "|wire: malformed field name \"a b\"");
  EXPECT_EQ(Request({"GET", "/", "a"}, {{"", "c"}}), "|wire: malformed field name \"\"");
  EXPECT_EQ(Response(99, {}, {}), "|wire: malformed status \"99\"");
  EXPECT_EQ(Response(200, {{"x", "\n"}}, {}), "|wire: malformed value of field \"x\"");
}

TEST(EncoderTest, WritesChunks) {
  std::string out;
  AppendChunk("hello", &out);
  AppendChunk(std::string(26, 'x'), &out);
  EXPECT_EQ(out, "5\r\nhello\r\n1a\r\nxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
  out.clear();
  ASSERT_TRUE(AppendLastChunk({}, &out).ok());
  EXPECT_EQ(out, "0\r\n\r\n");
}

TEST(EncoderTest, LeavesOutForbiddenTrailers) {
  std::string out;
  ASSERT_TRUE(AppendLastChunk({{"grpc-status", "0"}, {"content-length", "3"}}, &out).ok());
  EXPECT_EQ(out, "0\r\ngrpc-status: 0\r\n\r\n");
  EXPECT_FALSE(AppendLastChunk({{"x", "a\nb"}}, &out).ok());
  EXPECT_EQ(out, "0\r\ngrpc-status: 0\r\n\r\n");
}

TEST(EncoderTest, KnowsTheNamesOfStatuses) {
  EXPECT_EQ(ReasonPhrase(100), "Continue");
  EXPECT_EQ(ReasonPhrase(200), "OK");
  EXPECT_EQ(ReasonPhrase(511), "Network Authentication Required");
  EXPECT_EQ(ReasonPhrase(599), "Unknown");
}

}  // namespace
}  // namespace meshlib::wire
