// SPDX-License-Identifier: Apache-2.0
// OutputBuffer: what waits to be sent on one connection.

#ifndef MESHLIB_SERVER_OUTPUT_BUFFER_H_
#define MESHLIB_SERVER_OUTPUT_BUFFER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "net/byte_stream.h"

namespace meshlib::server {

// Copies what is small; a large body at the end is borrowed. Thread-compatible.
class OutputBuffer final {
 public:
  // To append to. REQUIRES: nothing is borrowed.
  std::string* bytes() { return &bytes_; }
  // Sends `body` behind bytes(). It must stay valid and nothing may be appended until borrows() is
  // false.
  void Borrow(std::string_view body) { borrowed_ = body; }
  bool borrows() const { return !borrowed_.empty(); }

  size_t size() const { return bytes_.size() - sent_ + borrowed_.size(); }
  bool empty() const { return size() == 0; }

  // Writes until all is sent (kDone), the peer is slow (kAgain), or the stream is of no use.
  net::IoResult::Kind Flush(net::ByteStream& stream);
  // Throws away what was not sent.
  void Clear();

 private:
  void Advance(size_t bytes);

  std::string bytes_;
  size_t sent_ = 0;  // of bytes_
  std::string_view borrowed_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_OUTPUT_BUFFER_H_
