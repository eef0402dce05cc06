// SPDX-License-Identifier: Apache-2.0
#include "server/output_buffer.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <span>

namespace meshlib::server {
namespace {

// An idle connection keeps no more than this.
constexpr size_t kMostKept = 4096;

iovec Piece(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

}  // namespace

net::IoResult::Kind OutputBuffer::Flush(net::ByteStream& stream) {
  while (!empty()) {
    const std::string_view own = std::string_view(bytes_).substr(sent_);
    const std::array<iovec, 2> pieces = {Piece(own.empty() ? borrowed_ : own), Piece(borrowed_)};
    const size_t count = own.empty() || borrowed_.empty() ? 1 : 2;
    const net::IoResult result = stream.Write(std::span(pieces).first(count));
    if (result.kind != net::IoResult::Kind::kDone) return result.kind;
    Advance(result.bytes);
  }
  return net::IoResult::Kind::kDone;
}

void OutputBuffer::Clear() {
  bytes_.clear();
  if (bytes_.capacity() > kMostKept) bytes_.shrink_to_fit();
  sent_ = 0;
  borrowed_ = {};
}

void OutputBuffer::Advance(size_t bytes) {
  const size_t own = std::min(bytes, bytes_.size() - sent_);
  sent_ += own;
  borrowed_.remove_prefix(bytes - own);
  if (empty()) Clear();
}

}  // namespace meshlib::server
