// SPDX-License-Identifier: Apache-2.0
#include "connection/http1_connection.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "connection/pool_fixture.h"

namespace meshlib::connection {
namespace {

using fake::PeerConnection;
using fake::ScriptedPeer;

class Http1ConnectionTest : public PoolFixture {};

// What a client makes of a peer that answers its first request with `answer` and then listens.
struct AnswerRow {
  const char* name;
  const char* answer;
  bool close;       // the peer closes after it
  const char* log;  // behind "waiting, "
  size_t idle;      // connections kept
};

class AnswerTest : public PoolFixture, public ::testing::WithParamInterface<AnswerRow> {
 protected:
  void ExpectTakenOrRefused() {
    const AnswerRow& row = GetParam();
    ScriptedPeer peer([&](PeerConnection& connection) {
      connection.ReadRequest();
      connection.Send(row.answer);
      if (!row.close) connection.ReadEnd();
    });
    EXPECT_EQ(Get(peer.address()), std::string("waiting, ") + row.log);
    EXPECT_EQ(pools_->idle(), row.idle);
  }
};

TEST_P(AnswerTest, IsTakenOrRefused) { ExpectTakenOrRefused(); }

TEST_P(AnswerTest, IsTheSameToALoopThatWaitsInReads) {
  loop_->WaitInReads();
  ExpectTakenOrRefused();
}

INSTANTIATE_TEST_SUITE_P(
    Answers, AnswerTest,
    ::testing::ValuesIn<AnswerRow>({
        {"content_length", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", false,
         "head 200, body 2, end", 1},
        {"chunked", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
         false, "head 200, body 2, end", 1},
        {"no_content", "HTTP/1.1 204 No Content\r\n\r\n", false, "head 204, body 0, end", 1},
        {"until_close", "HTTP/1.1 200 OK\r\n\r\nhello", true, "head 200, body 5, end", 0},
        {"connection_close", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
         false, "head 200, body 0, end", 0},
        {"http_1_0", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", false, "head 200, body 0, end",
         0},
        {"continue_first",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
         "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
         false, "head 200, body 0, end", 1},
        {"extra_bytes", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n", false,
         "head 200, body 2, end", 0},
        {"closed_before", "", true, "broken: the peer closed the connection before its answer", 0},
        {"closed_within_head", "HTTP/1.1 200 OK\r\n", true,
         "broken: the peer closed the connection within its answer", 0},
        {"closed_within_body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi", true,
         "head 200, broken: the peer closed the connection within its answer", 0},
    }),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(Http1ConnectionTest, APostIsHeardWhileAnAnswerIsWaitedForInARead) {
  loop_->WaitInReads();
  std::latch asked(1);
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    asked.count_down();
    connection.ReadEnd();
  });
  Exchange exchange;
  std::thread poster([&] {
    asked.wait();
    loop_->Post([&] {
      exchange.connection->Abandon();
      exchange.done = true;
    });
  });
  Await([&] {
    if (exchange.log.empty()) exchange.Start(PoolOf(peer.address()));
    return exchange.done;
  });
  poster.join();
  EXPECT_EQ(pools_->idle(), 0u);
}

TEST_F(Http1ConnectionTest, AResetNamesItself) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Reset();
  });
  EXPECT_EQ(Get(peer.address()), "waiting, broken: connection reset by peer");
}

TEST_F(Http1ConnectionTest, SwitchingProtocolsUnaskedIsAProtocolError) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n");
    connection.ReadEnd();
  });
  Exchange exchange;
  exchange.Start(PoolOf(peer.address()));
  Await(exchange);
  EXPECT_EQ(exchange.broken_reason, CallErrorReason::kProtocolError) << exchange.log;
}

TEST_F(Http1ConnectionTest, AFloodOfInterimAnswersIsAProtocolError) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    while (connection.Send("HTTP/1.1 100 Continue\r\n\r\n")) {
    }
  });
  Exchange exchange;
  exchange.Start(PoolOf(peer.address()));
  Await(exchange);
  EXPECT_EQ(exchange.broken_reason, CallErrorReason::kProtocolError) << exchange.log;
}

TEST_F(Http1ConnectionTest, TheAnswerToHeadHasNoBody) {
  ScriptedPeer peer([](PeerConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      connection.Send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
    }
  });
  Exchange head("HEAD");
  head.Start(PoolOf(peer.address()));
  Await(head);
  EXPECT_EQ(head.log, "waiting, head 200, body 0, end");
  EXPECT_EQ(pools_->idle(), 1u);
}

TEST_F(Http1ConnectionTest, TrailersAreHandedOver) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Send(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-checksum: 7\r\n\r\n");
    connection.ReadEnd();
  });
  Exchange exchange;
  exchange.Start(PoolOf(peer.address()));
  Await(exchange);
  EXPECT_EQ(exchange.response.trailers, (Headers{{"x-checksum", "7"}}));
}

TEST_F(Http1ConnectionTest, AnAnswerBeforeTheRequestIsCompleteEndsTheConnection) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadUntil("\r\n\r\n");
    connection.Send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n");
    connection.ReadEnd();
  });
  Exchange exchange("POST", "the first part");
  exchange.finish = false;
  exchange.Start(PoolOf(peer.address()));
  Await(exchange);
  EXPECT_EQ(exchange.log, "waiting, head 413, body 0, end");
  EXPECT_EQ(pools_->idle(), 0u);
}

TEST_F(Http1ConnectionTest, AnAnswerIsReadAlthoughThePeerRefusesTheBody) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadUntil("\r\n\r\n");
    connection.Send(
        "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\n"
        "content-length: 0\r\n\r\n");
    shutdown(connection.fd(), SHUT_RDWR);
    connection.ReadEnd();
  });
  Exchange exchange("POST", std::string(8 << 20, 'x'));
  exchange.Start(PoolOf(peer.address()));
  Await(exchange);
  // Linux may drop the answer when data arrives at the closed socket first.
  EXPECT_TRUE(exchange.log.ends_with("head 413, body 0, end") ||
              exchange.broken_reason == CallErrorReason::kConnectionTermination)
      << exchange.log;
}

TEST_F(Http1ConnectionTest, ALargeBodyIsHeldBackUntilThePeerReads) {
  std::atomic<bool> read{false};
  ScriptedPeer peer([&](PeerConnection& connection) {
    while (!read) std::this_thread::yield();
    connection.ReadRequest();
    connection.Answer(std::to_string(connection.body().size()));
    connection.ReadEnd();
  });
  Exchange exchange("POST", std::string(16 << 20, 'x'));
  exchange.Start(PoolOf(peer.address()));
  Await([&] { return exchange.log == "waiting, full"; });
  read = true;
  Await(exchange);
  EXPECT_EQ(exchange.log, "waiting, full, writable, head 200, body 8, end");
  EXPECT_EQ(exchange.response.body, "16777216");
}

TEST_F(Http1ConnectionTest, WhilePausedNothingIsHandedOver) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc");
    connection.Send("def");
    connection.ReadEnd();
  });
  Exchange exchange;
  exchange.pause_after_body = true;
  exchange.Start(PoolOf(peer.address()));
  Await([&] { return !exchange.response.body.empty(); });
  for (int i = 0; i < 3; ++i) loop_->Poll();
  EXPECT_FALSE(exchange.done);
  exchange.pause_after_body = false;
  exchange.connection->ResumeReading();
  Await(exchange);
  EXPECT_EQ(exchange.response.body, "abcdef");
}

TEST_F(Http1ConnectionTest, ItMayBeAbandonedWithinAnEvent) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  Exchange exchange;
  exchange.abandon_in_body = true;
  exchange.Start(PoolOf(peer.address()));
  Await(exchange);
  EXPECT_EQ(exchange.log, "waiting, head 200");
  EXPECT_EQ(cluster_->connections, 0u);
}

}  // namespace
}  // namespace meshlib::connection
