// SPDX-License-Identifier: Apache-2.0
// RequestBody: the body of a Call's request, as far as it is known, for one Attempt or several.

#ifndef MESHLIB_CLIENT_REQUEST_BODY_H_
#define MESHLIB_CLIENT_REQUEST_BODY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "meshlib/headers.h"

namespace meshlib::client {

// Either a whole body that belongs to the caller, or one that arrives in pieces and is kept as long
// as it may be replayed. Offsets count from the start of the body. Recycled. Thread-compatible.
class RequestBody final {
 public:
  // Streams beyond this cannot be replayed (Envoy's per_request_buffer_limit_bytes).
  static constexpr size_t kReplayLimit = 1024 * 1024;

  // A complete body; `bytes` must stay valid.
  void SetWhole(std::string_view bytes);
  // A body that comes by Append() until Finish().
  void SetStream();
  void Append(std::string_view bytes);
  void Finish(const Headers& trailers);

  bool is_finished() const { return finished_; }
  const Headers& trailers() const { return trailers_; }
  // Bytes known so far.
  uint64_t size() const { return dropped_ + Kept().size(); }
  // What is known from `offset` on. REQUIRES: nothing from there on has been dropped.
  std::string_view From(uint64_t offset) const {
    return Kept().substr(static_cast<size_t>(offset - dropped_));
  }
  // Whether everything from the start is still there.
  bool IsReplayable() const { return dropped_ == 0; }
  // There will be no replay: what has been sent need not be kept.
  void GiveUpReplay() { keep_ = false; }
  // What is before `offset` has been sent.
  void OnSent(uint64_t offset);

 private:
  std::string_view Kept() const { return streaming_ ? std::string_view(stream_) : whole_; }

  bool streaming_ = false;
  bool finished_ = true;
  bool keep_ = true;  // what has been sent
  std::string_view whole_;
  std::string stream_;
  uint64_t dropped_ = 0;  // bytes before stream_
  Headers trailers_;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_REQUEST_BODY_H_
