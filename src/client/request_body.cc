// SPDX-License-Identifier: Apache-2.0
#include "client/request_body.h"

namespace meshlib::client {

void RequestBody::SetWhole(std::string_view bytes) {
  SetStream();
  streaming_ = false;
  finished_ = true;
  whole_ = bytes;
}

void RequestBody::SetStream() {
  streaming_ = true;
  finished_ = false;
  keep_ = true;
  whole_ = {};
  stream_.clear();
  dropped_ = 0;
  trailers_.Clear();
}

void RequestBody::Append(std::string_view bytes) {
  stream_.append(bytes);
  if (size() > kReplayLimit) keep_ = false;
}

void RequestBody::Finish(const Headers& trailers) {
  finished_ = true;
  trailers_ = trailers;
}

void RequestBody::OnSent(uint64_t offset) {
  if (!streaming_ || keep_) return;
  stream_.erase(0, static_cast<size_t>(offset - dropped_));
  dropped_ = offset;
}

}  // namespace meshlib::client
