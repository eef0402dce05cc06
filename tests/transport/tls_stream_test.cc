// SPDX-License-Identifier: Apache-2.0
#include "transport/tls_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "transport/memory_stream.h"
#include "transport/tls_contexts.h"

namespace meshlib::transport {
namespace {

using net::IoResult;
using Kind = IoResult::Kind;
using Step = tls::Engine::Step;

iovec Piece(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

// A server's TlsStream, and an engine that is its client.
class TlsStreamTest : public ::testing::Test {
 protected:
  TlsStreamTest() {
    auto server = std::make_unique<tls::Engine>(contexts_.server);
    EXPECT_EQ(ShakeHands(client_, *server), Step::kDone) << server->error();
    stream_ = std::make_unique<TlsStream>(std::make_unique<MemoryStream>(wire_), std::move(server));
  }

  static void Move(tls::Engine& from, tls::Engine& to) {
    const std::string bytes(from.output());
    from.Sent(bytes.size());
    to.Receive(bytes);
  }
  // Of TLS 1.3. Returns what the server makes of the client's certificate, when the client is done.
  static Step ShakeHands(tls::Engine& client, tls::Engine& server) {
    client.Handshake();
    Move(client, server);
    server.Handshake();
    Move(server, client);
    EXPECT_EQ(client.Handshake(), Step::kDone) << client.error();
    Move(client, server);
    return server.Handshake();
  }
  // What the client sends becomes readable.
  void ClientSends(std::string_view text) {
    EXPECT_EQ(client_.Write(text).step, Step::kDone);
    wire_.to_read.append(client_.output());
    client_.Sent(client_.output().size());
  }
  // The client's view of what was written.
  std::string ClientReads() {
    client_.Receive(wire_.written);
    wire_.written.clear();
    std::string text;
    std::vector<char> buffer(100000);
    for (;;) {
      const auto read = client_.Read(buffer);
      client_step_ = read.step;
      if (read.step != Step::kDone) return text;
      text.append(buffer.data(), read.bytes);
    }
  }
  IoResult Read(size_t size = 65536) {
    std::vector<char> buffer(size);
    const IoResult result = stream_->Read(buffer);
    text_.assign(buffer.data(), result.bytes);
    return result;
  }
  IoResult Write(std::string_view text) {
    const std::array<iovec, 1> pieces = {Piece(text)};
    return stream_->Write(pieces);
  }

  TlsContexts contexts_;
  tls::Engine client_{contexts_.client};
  MemoryWire wire_;
  std::unique_ptr<TlsStream> stream_;
  std::string text_;  // of the last Read()
  Step client_step_ = Step::kAgain;
};

TEST_F(TlsStreamTest, BytesArriveBothWays) {
  ClientSends("ping");
  EXPECT_EQ(Read(), (IoResult{Kind::kDone, 4}));
  EXPECT_EQ(text_, "ping");
  EXPECT_EQ(Read(), IoResult{Kind::kAgain});
  EXPECT_EQ(Write("pong"), (IoResult{Kind::kDone, 4}));
  EXPECT_EQ(ClientReads(), "pong");
}

TEST_F(TlsStreamTest, ARequestIsOneReadAndOneWriteOfTheSocket) {
  ClientSends("ping");
  Read();
  EXPECT_EQ(wire_.reads, 1);
  const std::string body(16000, 'b');
  const std::array<iovec, 2> pieces = {Piece("head"), Piece(body)};
  EXPECT_EQ(stream_->Write(pieces), (IoResult{Kind::kDone, 16004}));
  EXPECT_EQ(wire_.writes, 1);
  EXPECT_EQ(ClientReads(), "head" + body);
}

TEST_F(TlsStreamTest, AwaitWaitsOnlyForTheFirstBytes) {
  std::vector<char> buffer(65536);
  EXPECT_EQ(stream_->Await(buffer), IoResult{Kind::kAgain});
  EXPECT_EQ(wire_.awaits, 1);
  const std::string sent(100000, 'x');
  ClientSends(sent);
  IoResult result = stream_->Await(buffer);
  ASSERT_EQ(result.kind, Kind::kDone);
  EXPECT_EQ(wire_.awaits, 2);
  size_t got = result.bytes;
  while ((result = stream_->Read(buffer)).kind == Kind::kDone) got += result.bytes;
  EXPECT_EQ(got, sent.size());
  EXPECT_GT(wire_.reads, wire_.awaits);
  EXPECT_EQ(wire_.awaits, 2);
}

TEST_F(TlsStreamTest, ARecordMayComeByteByByte) {
  ClientSends("ping");
  const std::string record = std::exchange(wire_.to_read, {});
  for (size_t i = 0; i + 1 < record.size(); ++i) {
    wire_.to_read = record.substr(i, 1);
    EXPECT_EQ(Read(), IoResult{Kind::kAgain}) << i;
  }
  wire_.to_read = record.substr(record.size() - 1);
  EXPECT_EQ(Read(), (IoResult{Kind::kDone, 4}));
}

// The loop is told of bytes in the socket, not of bytes in the engine.
TEST_F(TlsStreamTest, NothingIsLeftWhereNoReadinessTellsOfIt) {
  for (const size_t buffer : {TlsStream::kLeastRead, size_t{65536}, size_t{100000}}) {
    for (const size_t most : {size_t{1000}, size_t{16384}, size_t{1000000}}) {
      wire_.most_read = most;
      const std::string sent(300000, 'x');
      ClientSends(sent);
      std::string got;
      while (!wire_.to_read.empty()) {
        const IoResult result = Read(buffer);
        if (result.kind == Kind::kDone) got += text_;
      }
      EXPECT_EQ(got.size(), sent.size()) << buffer << " " << most;
    }
  }
}

TEST_F(TlsStreamTest, WhatTheSocketDoesNotTakeIsNotWrittenYet) {
  wire_.room = 10;
  EXPECT_EQ(Write("pong"), IoResult{Kind::kAgain});
  EXPECT_EQ(Write("pong"), IoResult{Kind::kAgain});
  wire_.room = 1000;
  EXPECT_EQ(Write("pong and more"), (IoResult{Kind::kDone, 4}));
  EXPECT_EQ(Write(" and more"), (IoResult{Kind::kDone, 9}));
  EXPECT_EQ(ClientReads(), "pong and more");
}

TEST_F(TlsStreamTest, ALongBodyGoesOutInPiecesInAnyRoom) {
  std::string body(300000, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31);
  for (const size_t room : {size_t{1}, size_t{777}, size_t{50000}}) {
    std::string_view rest = std::string_view(body).substr(0, room == 1 ? 1000 : body.size());
    const std::string expected(rest);
    std::string got;
    while (!rest.empty()) {
      wire_.room = room;
      const IoResult result = Write(rest);
      ASSERT_NE(result.kind, Kind::kError);
      rest.remove_prefix(result.bytes);
      got += ClientReads();
    }
    EXPECT_TRUE(got == expected) << room;
  }
}

TEST_F(TlsStreamTest, CloseNotifyIsTheEnd) {
  ClientSends("bye");
  client_.Close();
  wire_.to_read.append(client_.output());
  wire_.ended = true;
  EXPECT_EQ(Read(), (IoResult{Kind::kDone, 3}));
  EXPECT_EQ(Read(), IoResult{Kind::kEof});
  EXPECT_EQ(Read(), IoResult{Kind::kEof});
}

// The socket may say nothing more for long.
TEST_F(TlsStreamTest, AnEndThatCameWithBytesIsTold) {
  ClientSends("bye");
  EXPECT_EQ(Read(), (IoResult{Kind::kDone, 3}));
  EXPECT_FALSE(stream_->HasEnded());
  ClientSends("bye");
  client_.Close();
  wire_.to_read.append(client_.output());
  EXPECT_EQ(Read(), (IoResult{Kind::kDone, 3}));
  EXPECT_TRUE(stream_->HasEnded());
  EXPECT_EQ(Read(), IoResult{Kind::kEof});
}

TEST_F(TlsStreamTest, AnEndWithoutCloseNotifyIsAnError) {
  ClientSends("cut");
  wire_.ended = true;
  EXPECT_EQ(Read(), (IoResult{Kind::kDone, 3}));
  EXPECT_EQ(Read(), IoResult{Kind::kError});
  EXPECT_FALSE(stream_->error().ok());
}

TEST_F(TlsStreamTest, ATruncatedRecordIsAnError) {
  ClientSends("cut");
  wire_.to_read.pop_back();
  wire_.ended = true;
  EXPECT_EQ(Read(), IoResult{Kind::kAgain});
  EXPECT_EQ(Read(), IoResult{Kind::kError});
  EXPECT_FALSE(stream_->error().ok());
}

TEST_F(TlsStreamTest, GarbageIsAnErrorAndIsAnsweredWithAnAlert) {
  wire_.to_read = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(Read(), IoResult{Kind::kError});
  EXPECT_FALSE(stream_->error().ok());
  EXPECT_FALSE(wire_.written.empty());
}

TEST_F(TlsStreamTest, AChangedRecordIsAnError) {
  ClientSends("good");
  wire_.to_read.back() = static_cast<char>(wire_.to_read.back() ^ 1);
  EXPECT_EQ(Read(), IoResult{Kind::kError});
  EXPECT_TRUE(text_.empty());
}

TEST_F(TlsStreamTest, AResetOfTheSocketIsAnErrorOfItsOwn) {
  wire_.fails = true;
  EXPECT_EQ(Read(), IoResult{Kind::kError});
  EXPECT_EQ(stream_->error().message(), "connection reset by peer");
  EXPECT_EQ(Write("x"), IoResult{Kind::kError});
}

// A server may answer and leave while a request is still being sent.
TEST_F(TlsStreamTest, WhatAPeerSaidBeforeItTookNoMoreIsRead) {
  wire_.takes_no_more = true;
  EXPECT_EQ(Write("a long request"), IoResult{Kind::kError});
  ClientSends("an answer");
  client_.Close();
  wire_.to_read.append(client_.output());
  wire_.ended = true;
  EXPECT_EQ(Read(), (IoResult{Kind::kDone, 9}));
  EXPECT_EQ(text_, "an answer");
  EXPECT_EQ(Read(), IoResult{Kind::kEof});
}

TEST_F(TlsStreamTest, APeerThatTakesNoMoreAndSaidNothingIsAnError) {
  wire_.takes_no_more = true;
  EXPECT_EQ(Write("a long request"), IoResult{Kind::kError});
  EXPECT_EQ(Read(), IoResult{Kind::kError});
  EXPECT_EQ(stream_->error().message(), "connection reset by peer");
}

TEST_F(TlsStreamTest, CloseWriteSaysCloseNotify) {
  EXPECT_TRUE(stream_->CloseWrite());
  EXPECT_TRUE(wire_.write_ended);
  EXPECT_EQ(ClientReads(), "");
  EXPECT_EQ(client_step_, Step::kEnd);
}

TEST_F(TlsStreamTest, CloseWriteWaitsForRoom) {
  wire_.room = 3;
  EXPECT_FALSE(stream_->CloseWrite());
  EXPECT_FALSE(wire_.write_ended);
  wire_.room = 1000;
  EXPECT_TRUE(stream_->CloseWrite());
  EXPECT_TRUE(wire_.write_ended);
  ClientReads();
  EXPECT_EQ(client_step_, Step::kEnd);
}

TEST_F(TlsStreamTest, IsSilentUntilTheApplicationSpeaks) {
  EXPECT_TRUE(stream_->IsSilent());
  ClientSends("x");
  EXPECT_FALSE(stream_->IsSilent());
}

TEST_F(TlsStreamTest, AnEndIsNotSilence) {
  wire_.ended = true;
  EXPECT_FALSE(stream_->IsSilent());
}

// A TLS 1.3 client is done before the server has judged its certificate.
TEST_F(TlsStreamTest, AnAlertBeforeTheEndIsNotSilenceAndSaysWhy) {
  auto client = std::make_unique<tls::Engine>(contexts_.client);
  tls::Engine server(
      contexts_.Server({.client_roots = contexts_.ca.roots(), .require_client_certificate = true}));
  EXPECT_EQ(ShakeHands(*client, server), Step::kError);
  MemoryWire wire;
  wire.to_read = server.output();
  wire.ended = true;
  TlsStream stream(std::make_unique<MemoryStream>(wire), std::move(client));
  EXPECT_FALSE(stream.IsSilent());
  EXPECT_EQ(stream.error().message(),
            "TLS to a.example: the peer refused us: alert certificate_required");
}

// Tickets come to clients.
TEST_F(TlsStreamTest, TicketsAreSilence) {
  auto client = std::make_unique<tls::Engine>(contexts_.client);
  tls::Engine server(contexts_.server);
  EXPECT_EQ(ShakeHands(*client, server), Step::kDone);
  MemoryWire wire;
  TlsStream stream(std::make_unique<MemoryStream>(wire), std::move(client));
  // Tickets come before the first answer, whose record has 23 bytes.
  server.Write("x");
  ASSERT_GT(server.output().size(), 23u);
  wire.to_read = server.output().substr(0, server.output().size() - 23);
  EXPECT_TRUE(stream.IsSilent());
  EXPECT_TRUE(wire.to_read.empty());
}

}  // namespace
}  // namespace meshlib::transport
