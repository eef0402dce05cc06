// SPDX-License-Identifier: Apache-2.0
#include "server/output_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace meshlib::server {
namespace {

using Kind = net::IoResult::Kind;

// Takes `step` bytes per Write, and after `most` bytes no more.
class NarrowStream final : public net::ByteStream {
 public:
  NarrowStream(size_t step, size_t most) : step_(step), most_(most) {}

  net::IoResult Write(std::span<const iovec> pieces) override {
    size_t left = std::min(step_, most_ - taken.size());
    if (left == 0) return {Kind::kAgain, 0};
    const size_t before = taken.size();
    for (const iovec& piece : pieces) {
      const size_t size = std::min(left, piece.iov_len);
      taken.append(static_cast<const char*>(piece.iov_base), size);
      left -= size;
    }
    return {Kind::kDone, taken.size() - before};
  }
  net::IoResult Read(std::span<char>) override { return {}; }
  bool IsSilent() override { return true; }
  bool CloseWrite() override { return true; }
  int fd() const override { return -1; }
  absl::Status error() const override { return absl::OkStatus(); }

  std::string taken;

 private:
  const size_t step_;
  const size_t most_;
};

TEST(OutputBufferTest, SendsHeadAndBorrowedBodyInOrderHoweverLittleIsTaken) {
  for (size_t step = 1; step < 12; ++step) {
    OutputBuffer output;
    output.bytes()->append("head:");
    output.Borrow("body");
    NarrowStream stream(step, 100);
    EXPECT_EQ(output.Flush(stream), Kind::kDone);
    EXPECT_EQ(stream.taken, "head:body") << step;
    EXPECT_TRUE(output.empty());
    EXPECT_FALSE(output.borrows());
  }
}

TEST(OutputBufferTest, GoesOnWhereThePeerStoppedTaking) {
  for (size_t most = 0; most < 9; ++most) {
    OutputBuffer output;
    output.bytes()->append("head:");
    output.Borrow("body");
    NarrowStream first(3, most);
    EXPECT_EQ(output.Flush(first), Kind::kAgain);
    EXPECT_EQ(output.size(), 9 - most);
    NarrowStream second(3, 100);
    EXPECT_EQ(output.Flush(second), Kind::kDone);
    EXPECT_EQ(first.taken + second.taken, "head:body") << most;
  }
}

TEST(OutputBufferTest, TakesMoreBehindWhatWasNotSent) {
  OutputBuffer output;
  output.bytes()->append("one ");
  NarrowStream first(2, 2);
  EXPECT_EQ(output.Flush(first), Kind::kAgain);
  output.bytes()->append("two");
  NarrowStream second(100, 100);
  EXPECT_EQ(output.Flush(second), Kind::kDone);
  EXPECT_EQ(first.taken + second.taken, "one two");
}

}  // namespace
}  // namespace meshlib::server
