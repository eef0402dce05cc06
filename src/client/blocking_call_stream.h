// SPDX-License-Identifier: Apache-2.0
// BlockingCallStream: the BlockingStream of a streaming Call on a borrowed loop.

#ifndef MESHLIB_CLIENT_BLOCKING_CALL_STREAM_H_
#define MESHLIB_CLIENT_BLOCKING_CALL_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "client/blocking_loops.h"
#include "client/call_stream.h"
#include "meshlib/http_client.h"

namespace meshlib::client {

// Keeps the loop until it is destroyed, and runs it only within its functions. Thread-compatible.
class BlockingCallStream final : public BlockingStream, private StreamHandler {
 public:
  // REQUIRES: `loops`, which lent `loop`, outlives it.
  BlockingCallStream(BlockingLoops& loops, std::unique_ptr<BlockingLoop> loop,
                     const HttpRequest& request, const CallOptions& options);
  ~BlockingCallStream() override;

  absl::Status Write(std::string_view bytes) override;
  absl::Status Finish() override;
  absl::StatusOr<const HttpResponse*> ReadHead() override;
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override;

 private:
  void OnHead(const HttpResponse& response) override;
  void OnBody(std::string_view bytes) override;
  void OnEnd(const Headers& trailers) override;
  void OnFailed(const absl::Status& status) override;
  void OnWritable() override;

  // Runs the loop, first `action` on it, until `done()`.
  void Run(absl::FunctionRef<void()> action, absl::FunctionRef<bool()> done);

  BlockingLoops& loops_;
  std::unique_ptr<BlockingLoop> loop_;
  std::unique_ptr<CallStream> stream_;
  HttpResponse head_;
  bool has_head_ = false;
  bool ended_ = false;
  bool writable_ = true;
  absl::Status failure_;
  std::string unread_;
  size_t read_ = 0;  // of unread_
  bool paused_ = false;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_BLOCKING_CALL_STREAM_H_
