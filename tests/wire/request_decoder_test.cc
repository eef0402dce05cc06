// SPDX-License-Identifier: Apache-2.0
#include "wire/request_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::wire {
namespace {

class RequestDecoderTest : public ::testing::Test {
 protected:
  // Decodes one head and hands out what came of it.
  Http1Event Head(std::string_view input) {
    decoder_.Begin(&request_);
    text_ = input;
    input_ = text_;
    return decoder_.Next(&input_);
  }
  std::string Refusal(std::string_view input) {
    RequestDecoder decoder;
    decoder.Begin(&request_);
    if (decoder.Next(&input) != Http1Event::kError) return "accepted";
    return std::to_string(decoder.error().status) + " " + decoder.error().reason;
  }

  HttpRequest request_;
  RequestDecoder decoder_;
  std::string text_;  // what input_ is a view of, at first
  std::string_view input_;
};

TEST_F(RequestDecoderTest, FillsARequestWithTheHead) {
  ASSERT_EQ(Head("GET /reviews/0?x=1 HTTP/1.1\r\nHost: reviews:9080\r\nEnd-User: jason\r\n"
                 "Connection: keep-alive\r\nKeep-Alive: 5\r\nAccept: */* \r\n\r\n"),
            Http1Event::kHead);
  EXPECT_EQ(request_.method, "GET");
  EXPECT_EQ(request_.url, "/reviews/0?x=1");
  EXPECT_EQ(request_.authority, "reviews:9080");
  EXPECT_EQ(request_.headers, (Headers{{"end-user", "jason"}, {"accept", "*/*"}}));
  EXPECT_TRUE(decoder_.keep_alive());
  EXPECT_EQ(decoder_.framing(), BodyFraming::None());
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
}

TEST_F(RequestDecoderTest, AnAbsoluteTargetIsTakenApartAndWinsOverHost) {
  ASSERT_EQ(Head("GET http://b:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n"), Http1Event::kHead);
  EXPECT_EQ(request_.authority, "b:80");
  EXPECT_EQ(request_.url, "/x?y");
}

TEST_F(RequestDecoderTest, AnAbsoluteTargetWithoutAPathHasTheRoot) {
  ASSERT_EQ(Head("GET https://b?y HTTP/1.1\r\nHost: a\r\n\r\n"), Http1Event::kHead);
  EXPECT_EQ(request_.url, "/?y");
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
  ASSERT_EQ(Head("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n"), Http1Event::kHead);
  EXPECT_EQ(request_.url, "*");
}

TEST_F(RequestDecoderTest, ReadsABodyInPieces) {
  ASSERT_EQ(Head("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"), Http1Event::kHead);
  EXPECT_EQ(decoder_.framing(), BodyFraming::Length(5));
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kBody);
  EXPECT_EQ(decoder_.body(), "he");
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kNeedMore);
  input_ = "lloGET";
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kBody);
  EXPECT_EQ(decoder_.body(), "llo");
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
  EXPECT_EQ(input_, "GET");
}

TEST_F(RequestDecoderTest, HandsOutTrailers) {
  ASSERT_EQ(Head("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "1\r\nx\r\n0\r\nGrpc-Status: 0\r\n\r\n"),
            Http1Event::kHead);
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kBody);
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
  EXPECT_EQ(decoder_.trailers(), (Headers{{"grpc-status", "0"}}));
}

TEST_F(RequestDecoderTest, KeepsAliveAsTheVersionAndConnectionSay) {
  const struct {
    const char* head;
    bool keep_alive;
  } rows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (const auto& row : rows) {
    ASSERT_EQ(Head(row.head), Http1Event::kHead) << row.head;
    EXPECT_EQ(decoder_.keep_alive(), row.keep_alive) << row.head;
    ASSERT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
  }
}

TEST_F(RequestDecoderTest, SaysWhenTheClientWaitsForContinue) {
  ASSERT_EQ(Head("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
            Http1Event::kHead);
  EXPECT_TRUE(decoder_.expects_continue());
}

TEST_F(RequestDecoderTest, RefusesWithTheStatusToAnswer) {
  const std::string many = [] {
    std::string fields;
    for (int i = 0; i < 101; ++i) fields += "x: y\r\n";
    return fields;
  }();
  EXPECT_EQ(Refusal("GET / HTTP/2.0\r\n\r\n"), "505 head: unsupported version");
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\n" + many), "431 head: too many fields");
  EXPECT_EQ(Refusal("GET /" + std::string(61440, 'a')), "431 head: too long");
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
            "501 head: unsupported Transfer-Encoding");
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
            "400 head: malformed Transfer-Encoding");
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\n\r\n"), "400 head: no Host");
  EXPECT_EQ(Refusal("\x16\x03\x01\x02"), "400 head: control byte");
  EXPECT_EQ(Refusal("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n"), "400 head: empty lines before it");
}

TEST_F(RequestDecoderTest, TheEndOfTheInputIsFineOnlyBetweenRequests) {
  decoder_.Begin(&request_);
  EXPECT_TRUE(decoder_.idle());
  EXPECT_EQ(decoder_.OnEof(), Http1Event::kEnd);
  EXPECT_EQ(Head("GET"), Http1Event::kNeedMore);
  EXPECT_FALSE(decoder_.idle());
  EXPECT_EQ(decoder_.OnEof(), Http1Event::kError);
}

TEST_F(RequestDecoderTest, AnErrorStays) {
  EXPECT_EQ(Head("GET\n"), Http1Event::kError);
  input_ = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kError);
}

}  // namespace
}  // namespace meshlib::wire
