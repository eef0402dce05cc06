// SPDX-License-Identifier: Apache-2.0
#include "transport/lingering_close.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "transport/loop_fixture.h"

namespace meshlib::transport {
namespace {

class LingeringCloseTest : public LoopTest {
 protected:
  void Start(absl::Duration timeout = absl::Seconds(10)) {
    close_.Start(TakeOurs(), timeout, [this] { closed_ = true; });
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
  Start(absl::Milliseconds(5));
  AwaitClosed();
}

TEST_F(LingeringCloseTest, APeerThatGoesOnIsLeftAfterALimit) {
  Start();
  const std::string piece(16 * 1024, 'x');
  size_t sent = 0;
  RunUntil([&] {
    const ssize_t put = closed_ ? 0 : send(theirs_->fd(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (put > 0) sent += static_cast<size_t>(put);
    return closed_;
  });
  EXPECT_GT(sent, LingeringClose::kMostThrownAway);
  EXPECT_LT(sent, 4 * LingeringClose::kMostThrownAway);
}

TEST_F(LingeringCloseTest, DestroyingItClosesAtOnce) {
  auto close = std::make_unique<LingeringClose>(*loop_);
  close->Start(TakeOurs(), absl::Seconds(10),
               [] { FAIL() << "told of a close that it asked for"; });
  close.reset();
  EXPECT_EQ(Received(), " end");
}

}  // namespace
}  // namespace meshlib::transport
