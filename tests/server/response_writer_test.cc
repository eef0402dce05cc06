// SPDX-License-Identifier: Apache-2.0
#include "server/response_writer.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::server {
namespace {

constexpr ResponseTerms kPlain{};
constexpr ResponseTerms kHead{.to_head = true};
constexpr ResponseTerms kOld{.minor_version = 0, .keep_alive = false};
constexpr ResponseTerms kOldKept{.minor_version = 0};

std::string Whole(const ResponseTerms& terms, const HttpResponse& response) {
  OutputBuffer output;
  ResponseWriter writer(output);
  writer.Begin(terms);
  const absl::Status status = writer.WriteWhole(response, "");
  return status.ok() ? *output.bytes() : std::string(status.message());
}

TEST(ResponseWriterTest, FramesAWholeResponseByItsLength) {
  const HttpResponse response{.status = 200, .body = "abc"};
  EXPECT_EQ(Whole(kPlain, response), "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
  EXPECT_EQ(Whole(kHead, response), "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
  EXPECT_EQ(Whole(kOld, response),
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc");
  EXPECT_EQ(Whole(kOldKept, response),
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: keep-alive\r\n\r\nabc");
}

TEST(ResponseWriterTest, TheAnswerToHeadSaysALengthOnlyIfTheHandlerDid) {
  EXPECT_EQ(Whole(kHead, {.status = 200}), "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(Whole(kHead, {.status = 200, .headers = {{"content-length", "9"}}}),
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
}

TEST(ResponseWriterTest, SomeStatusesHaveNoBody) {
  EXPECT_EQ(Whole(kPlain, {.status = 204, .body = "abc"}), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(Whole(kPlain, {.status = 304, .body = "abc"}), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(ResponseWriterTest, BorrowsALargeBody) {
  OutputBuffer output;
  ResponseWriter writer(output);
  writer.Begin(kPlain);
  const HttpResponse response{.body = std::string(100'000, 'x')};
  ASSERT_TRUE(writer.WriteWhole(response, "").ok());
  EXPECT_TRUE(output.borrows());
  EXPECT_EQ(writer.body_bytes(), 100'000u);
}

TEST(ResponseWriterTest, ARefusedResponseLeavesRoomForAnother) {
  OutputBuffer output;
  ResponseWriter writer(output);
  writer.Begin(kPlain);
  EXPECT_FALSE(writer.WriteWhole({.headers = {{"x", "\n"}}}, "").ok());
  EXPECT_FALSE(writer.begun());
  EXPECT_TRUE(output.empty());
  EXPECT_TRUE(writer.WriteWhole({.status = 500}, "").ok());
}

TEST(ResponseWriterTest, ABodyMustHaveTheLengthThatWasSaid) {
  OutputBuffer output;
  ResponseWriter writer(output);
  writer.Begin(kPlain);
  ASSERT_TRUE(writer.WriteHead({.headers = {{"content-length", "3"}}}, "").ok());
  EXPECT_TRUE(writer.WriteBody("ab").ok());
  EXPECT_FALSE(writer.WriteBody("cd").ok());
  writer.Begin(kPlain);
  ASSERT_TRUE(writer.WriteHead({.headers = {{"content-length", "3"}}}, "").ok());
  EXPECT_TRUE(writer.WriteBody("ab").ok());
  EXPECT_FALSE(writer.WriteEnd({}).ok());
}

}  // namespace
}  // namespace meshlib::server
