// SPDX-License-Identifier: Apache-2.0
#include "wire/response_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::wire {
namespace {

class ResponseDecoderTest : public ::testing::Test {
 protected:
  Http1Event Begin(std::string_view input, ResponseTo request = ResponseTo::kOther) {
    decoder_.Begin(&response_, request);
    text_ = input;
    input_ = text_;
    return decoder_.Next(&input_);
  }

  HttpResponse response_;
  ResponseDecoder decoder_;
  std::string text_;  // what input_ is a view of, at first
  std::string_view input_;
};

TEST_F(ResponseDecoderTest, FillsAResponseWithTheHead) {
  ASSERT_EQ(Begin("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
                  "Connection: keep-alive\r\n\r\nhi"),
            Http1Event::kHead);
  EXPECT_EQ(response_.status, 200);
  EXPECT_EQ(response_.headers, (Headers{{"content-type", "text/plain"}, {"content-length", "2"}}));
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kBody);
  EXPECT_EQ(decoder_.body(), "hi");
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
  EXPECT_TRUE(decoder_.keep_alive());
}

TEST_F(ResponseDecoderTest, ReportsInterimResponsesApart) {
  ASSERT_EQ(Begin("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                  "HTTP/1.1 204 No Content\r\n\r\n"),
            Http1Event::kInterim);
  EXPECT_EQ(response_.status, 103);
  EXPECT_EQ(response_.headers, (Headers{{"link", "x"}}));
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kHead);
  EXPECT_EQ(response_.status, 204);
  EXPECT_TRUE(response_.headers.empty());
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
}

TEST_F(ResponseDecoderTest, AFloodOfInterimResponsesIsRefused) {
  std::string flood;
  for (int i = 0; i < 17; ++i) flood += "HTTP/1.1 102 Processing\r\n\r\n";
  ASSERT_EQ(Begin(flood), Http1Event::kInterim);
  for (int i = 1; i < 16; ++i) ASSERT_EQ(decoder_.Next(&input_), Http1Event::kInterim);
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kError);
}

TEST_F(ResponseDecoderTest, InterimResponsesCountForTheLimitOfTheHead) {
  const std::string hint = "HTTP/1.1 103 E\r\nLink: " + std::string(32 * 1024, 'x') + "\r\n\r\n";
  ASSERT_EQ(Begin(hint + hint), Http1Event::kInterim);
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kError);
}

TEST_F(ResponseDecoderTest, SwitchesProtocolsOnlyWhenAsked) {
  const char* switching = "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nDATA";
  EXPECT_EQ(Begin(switching), Http1Event::kError);
  ASSERT_EQ(Begin(switching, ResponseTo::kUpgrade), Http1Event::kHead);
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
  EXPECT_FALSE(decoder_.keep_alive());
  EXPECT_EQ(input_, "DATA");
}

TEST_F(ResponseDecoderTest, TheAnswerToHeadHasNoBody) {
  ASSERT_EQ(Begin("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", ResponseTo::kHead),
            Http1Event::kHead);
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kEnd);
  EXPECT_TRUE(decoder_.keep_alive());
  EXPECT_EQ(response_.headers.Get("content-length"), "5");
}

TEST_F(ResponseDecoderTest, ABodyUntilTheEndOfTheConnectionEndsWithIt) {
  ASSERT_EQ(Begin("HTTP/1.1 200 OK\r\n\r\nabc"), Http1Event::kHead);
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kBody);
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kNeedMore);
  EXPECT_EQ(decoder_.OnEof(), Http1Event::kEnd);
  EXPECT_FALSE(decoder_.keep_alive());
}

TEST_F(ResponseDecoderTest, IsIdleUntilTheFirstByteOfAResponse) {
  EXPECT_EQ(Begin(""), Http1Event::kNeedMore);
  EXPECT_TRUE(decoder_.idle());
  EXPECT_EQ(Begin("H"), Http1Event::kNeedMore);
  EXPECT_FALSE(decoder_.idle());
  ASSERT_EQ(Begin("HTTP/1.1 100 Continue\r\n\r\n"), Http1Event::kInterim);
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kNeedMore);
  EXPECT_FALSE(decoder_.idle());
  EXPECT_EQ(decoder_.OnEof(), Http1Event::kError);
}

TEST_F(ResponseDecoderTest, AnEndAtTheLastByteOfABodyIsNoError) {
  ASSERT_EQ(Begin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Http1Event::kHead);
  EXPECT_EQ(decoder_.OnEof(), Http1Event::kEnd);
  ASSERT_EQ(Begin("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"), Http1Event::kHead);
  ASSERT_EQ(decoder_.Next(&input_), Http1Event::kBody);
  EXPECT_EQ(decoder_.OnEof(), Http1Event::kError);
}

TEST_F(ResponseDecoderTest, RefusesWhatIsNoResponseAtItsFirstByte) {
  EXPECT_EQ(Begin("x"), Http1Event::kError);
  EXPECT_EQ(Begin("HTTP/1"), Http1Event::kNeedMore);
  input_ = "2";
  EXPECT_EQ(decoder_.Next(&input_), Http1Event::kError);
}

}  // namespace
}  // namespace meshlib::wire
