// SPDX-License-Identifier: Apache-2.0
// MemoryStream: a ByteStream whose other side is the test.

#ifndef MESHLIB_TESTS_TRANSPORT_MEMORY_STREAM_H_
#define MESHLIB_TESTS_TRANSPORT_MEMORY_STREAM_H_

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "net/byte_stream.h"

namespace meshlib::transport {

// What is on the wire, and how the socket behaves. Thread-compatible.
struct MemoryWire {
  std::string to_read;
  std::string written;
  size_t room = std::numeric_limits<size_t>::max();       // for what is written
  size_t most_read = std::numeric_limits<size_t>::max();  // by one Read()
  bool ended = false;                                     // by the peer, behind to_read
  bool write_ended = false;                               // by us
  bool fails = false;
  bool takes_no_more = false;  // writes fail
  int reads = 0;
  int awaits = 0;  // of the reads
  int writes = 0;
};

// REQUIRES: the wire outlives it.
class MemoryStream final : public net::ByteStream {
 public:
  explicit MemoryStream(MemoryWire& wire) : wire_(wire) {}

  net::IoResult Read(std::span<char> buffer) override {
    ++wire_.reads;
    if (wire_.fails) return {net::IoResult::Kind::kError, 0};
    const size_t size = std::min({buffer.size(), wire_.to_read.size(), wire_.most_read});
    if (size == 0) return {wire_.ended ? net::IoResult::Kind::kEof : net::IoResult::Kind::kAgain};
    std::memcpy(buffer.data(), wire_.to_read.data(), size);
    wire_.to_read.erase(0, size);
    return {net::IoResult::Kind::kDone, size};
  }
  net::IoResult Await(std::span<char> buffer) override {
    ++wire_.awaits;
    return Read(buffer);
  }
  net::IoResult Write(std::span<const iovec> pieces) override {
    ++wire_.writes;
    if (wire_.fails || wire_.takes_no_more) return {net::IoResult::Kind::kError, 0};
    size_t taken = 0;
    for (const iovec& piece : pieces) {
      const size_t size = std::min(piece.iov_len, wire_.room);
      wire_.written.append(static_cast<const char*>(piece.iov_base), size);
      wire_.room -= size;
      taken += size;
    }
    return {taken > 0 ? net::IoResult::Kind::kDone : net::IoResult::Kind::kAgain, taken};
  }
  bool IsSilent() override { return wire_.to_read.empty() && !wire_.ended; }
  bool CloseWrite() override { return wire_.write_ended = true; }
  int fd() const override { return -1; }
  absl::Status error() const override {
    return wire_.fails || wire_.takes_no_more ? absl::UnavailableError("connection reset by peer")
                                              : absl::OkStatus();
  }

 private:
  MemoryWire& wire_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TESTS_TRANSPORT_MEMORY_STREAM_H_
