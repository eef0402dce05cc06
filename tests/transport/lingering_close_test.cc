// SPDX-License-Identifier: Apache-2.0
#include "transport/lingering_close.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "transport/loop_fixture.h"

namespace meshlib::transport {
namespace {

constexpr size_t kPiece = 16 * 1024;

// A stream whose end is not sent at once, and that may have read more than it has told.
class ReluctantStream final : public net::ByteStream {
 public:
  // The end goes out when it is asked for once more than `refusals` times.
  ReluctantStream(std::unique_ptr<net::ByteStream> socket, int refusals)
      : socket_(std::move(socket)), refusals_(refusals) {}

  net::IoResult Read(std::span<char> buffer) override {
    if (std::exchange(has_ended_, false)) return {net::IoResult::Kind::kEof, 0};
    const net::IoResult result = socket_->Read(buffer);
    has_ended_ = std::string_view(buffer.data(), result.bytes).ends_with("end");
    return result;
  }
  bool HasEnded() const override { return has_ended_; }
  net::IoResult Write(std::span<const iovec> pieces) override { return socket_->Write(pieces); }
  bool IsSilent() override { return socket_->IsSilent(); }
  bool CloseWrite() override { return refusals_-- <= 0 && socket_->CloseWrite(); }
  int fd() const override { return socket_->fd(); }
  absl::Status error() const override { return socket_->error(); }

 private:
  const std::unique_ptr<net::ByteStream> socket_;
  int refusals_;
  bool has_ended_ = false;
};

class LingeringCloseTest : public LoopTest {
 protected:
  void Start(const LingerLimits& limits = {.timeout = absl::Seconds(10)}) {
    StartWith(TakeOurs(), limits);
  }
  void StartWith(std::unique_ptr<net::ByteStream> stream,
                 const LingerLimits& limits = {.timeout = absl::Seconds(10)}) {
    close_.Start(std::move(stream), limits, [this] { closed_ = true; });
    EXPECT_FALSE(closed_);
  }
  void SayAlert() {
    const std::string alert = "alert";
    EXPECT_EQ(send(ours_->fd(), alert.data(), alert.size(), 0), 5);
  }
  void AwaitClosed() {
    RunUntil([this] { return closed_; });
  }
  // What the peer gets: "alert", then "end" or "reset".
  std::string Received() {
    std::string text;
    std::array<char, 64> bytes;
    for (;;) {
      const net::IoResult got = theirs_->Read(bytes);
      if (got.kind == net::IoResult::Kind::kAgain) return text;
      if (got.kind == net::IoResult::Kind::kEof) return text + " end";
      if (got.kind == net::IoResult::Kind::kError) return text + " reset";
      text.append(bytes.data(), got.bytes);
    }
  }

  LingeringClose close_{*loop_};
  bool closed_ = false;
};

TEST_F(LingeringCloseTest, WithUnreadBytesACloseIsAReset) {
  Send("a request");
  SayAlert();
  ours_.reset();
  EXPECT_EQ(Received().find("end"), std::string::npos);
}

TEST_F(LingeringCloseTest, ThePeerSeesWhatWasSaidLastAndTheEnd) {
  Send("a request");
  SayAlert();
  Start();
  loop_->Poll();
  Send("more of it");
  loop_->Poll();
  EXPECT_EQ(Received(), "alert end");
  EXPECT_FALSE(closed_);
  EXPECT_TRUE(theirs_->CloseWrite());
  AwaitClosed();
  EXPECT_EQ(Received(), " end");
}

TEST_F(LingeringCloseTest, APeerThatLeavesEndsIt) {
  Start();
  CloseTheirs();
  AwaitClosed();
}

TEST_F(LingeringCloseTest, ASilentPeerIsLeftAfterTheTimeout) {
  Start({.timeout = absl::Milliseconds(5)});
  AwaitClosed();
}

TEST_F(LingeringCloseTest, APeerThatGoesOnIsLeftAfterALimit) {
  constexpr size_t kMost = 8 * kPiece;
  Start({.timeout = absl::Seconds(10), .most_thrown_away = kMost});
  const std::string piece(kPiece, 'x');
  size_t sent = 0;
  RunUntil([&] {
    const ssize_t put = closed_ ? 0 : send(theirs_->fd(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (put > 0) sent += static_cast<size_t>(put);
    return closed_;
  });
  EXPECT_GT(sent, kMost);
  EXPECT_LT(sent, 8 * kMost);
}

TEST_F(LingeringCloseTest, WithoutALimitAllIsThrownAway) {
  Start();
  const std::string piece(kPiece, 'x');
  size_t sent = 0;
  RunUntil([&] {
    const ssize_t put = send(theirs_->fd(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (put > 0) sent += static_cast<size_t>(put);
    return closed_ || sent >= 100 * kPiece;
  });
  EXPECT_FALSE(closed_);
  CloseTheirs();
  AwaitClosed();
}

TEST_F(LingeringCloseTest, AnEndThatWaitsIsSaidWhenTheStreamTakesIt) {
  StartWith(std::make_unique<ReluctantStream>(TakeOurs(), 2));
  EXPECT_EQ(Received(), "");
  RunUntil([&] { return Received() == " end"; });
  EXPECT_FALSE(closed_);
  CloseTheirs();
  AwaitClosed();
}

TEST_F(LingeringCloseTest, AnEndThatCameWithTheLastBytesEndsIt) {
  StartWith(std::make_unique<ReluctantStream>(TakeOurs(), 0));
  Send("more of it, and the end");
  AwaitClosed();
}

TEST_F(LingeringCloseTest, DestroyingItClosesAtOnce) {
  auto close = std::make_unique<LingeringClose>(*loop_);
  close->Start(TakeOurs(), {.timeout = absl::Seconds(10)},
               [] { FAIL() << "told of a close that it asked for"; });
  close.reset();
  EXPECT_EQ(Received(), " end");
}

}  // namespace
}  // namespace meshlib::transport
