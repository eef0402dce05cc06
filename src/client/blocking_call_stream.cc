// SPDX-License-Identifier: Apache-2.0
#include "client/blocking_call_stream.h"

#include <algorithm>
#include <utility>

namespace meshlib::client {
namespace {

// The peer is held back while this much is unread.
constexpr size_t kHighWater = 256 * 1024;

}  // namespace

BlockingCallStream::BlockingCallStream(BlockingLoops& loops, std::unique_ptr<BlockingLoop> loop,
                                       const HttpRequest& request, const CallOptions& options)
    : loops_(loops), loop_(std::move(loop)) {
  StreamHandler& self = *this;
  Run(
      [&] {
        stream_ =
            std::make_unique<CallStream>(*loop_->calls, request, options, self, loop_->waited);
      },
      [] { return true; });
}

BlockingCallStream::~BlockingCallStream() {
  Run([this] { stream_.reset(); }, [] { return true; });
  loops_.Return(std::move(loop_));
}

absl::Status BlockingCallStream::Write(std::string_view bytes) {
  Run([&] { writable_ = stream_->Write(bytes); }, [this] { return writable_ || ended_; });
  loop_->loop->Poll();
  return failure_;
}

absl::Status BlockingCallStream::Finish() {
  Run([this] { stream_->Finish({}); }, [] { return true; });
  loop_->loop->Poll();
  return failure_;
}

absl::StatusOr<const HttpResponse*> BlockingCallStream::ReadHead() {
  Run([] {}, [this] { return has_head_ || ended_; });
  if (!has_head_) return failure_;
  return &head_;
}

absl::StatusOr<size_t> BlockingCallStream::Read(char* buffer, size_t size) {
  Run([] {}, [this] { return read_ < unread_.size() || ended_; });
  const size_t taken = std::min(size, unread_.size() - read_);
  std::copy_n(unread_.data() + read_, taken, buffer);
  read_ += taken;
  if (read_ == unread_.size()) {
    unread_.clear();
    read_ = 0;
    if (std::exchange(paused_, false)) {
      Run([this] { stream_->ResumeReading(); }, [] { return true; });
    }
  }
  if (taken == 0 && size > 0 && !failure_.ok()) return failure_;
  return taken;
}

void BlockingCallStream::OnHead(const HttpResponse& response) {
  has_head_ = true;
  head_ = response;
}

void BlockingCallStream::OnBody(std::string_view bytes) {
  unread_.append(bytes);
  if (unread_.size() - read_ < kHighWater) return;
  paused_ = true;
  stream_->PauseReading();
}

void BlockingCallStream::OnEnd(const Headers& trailers) {
  head_.trailers = trailers;
  ended_ = true;
}

void BlockingCallStream::OnFailed(const absl::Status& status) {
  failure_ = status;
  ended_ = true;
}

void BlockingCallStream::OnWritable() { writable_ = true; }

// The condition is asked for the first time when the loop is running already.
void BlockingCallStream::Run(absl::FunctionRef<void()> action, absl::FunctionRef<bool()> done) {
  bool started = false;
  loop_->loop->Run([&] {
    if (!std::exchange(started, true)) action();
    return done();
  });
}

}  // namespace meshlib::client
