// SPDX-License-Identifier: Apache-2.0
// ByteStream: the bytes of one connection, read and written without waiting (but see Await()).
//
// The seam between connections and what carries them: a socket, or TLS over one.

#ifndef MESHLIB_NET_BYTE_STREAM_H_
#define MESHLIB_NET_BYTE_STREAM_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace meshlib::net {

// A value.
struct IoResult {
  enum class Kind : uint8_t {
    kDone,   // `bytes` > 0 were moved
    kAgain,  // nothing now: wait for readiness
    kEof,    // reads only: the peer has closed its side
    kError,  // error() says why; the stream is of no use any more
  };
  Kind kind = Kind::kAgain;
  size_t bytes = 0;
  friend bool operator==(const IoResult&, const IoResult&) = default;
};

// Loop-bound, as whoever watches fd().
class ByteStream {
 public:
  // Short enough for what must wait meanwhile, long enough that the kernel, which has to keep a
  // timer for it, need not wake an idle processor any earlier (4 and 20 ms cost 1 us each time).
  static constexpr absl::Duration kPatience = absl::Milliseconds(64);

  virtual ~ByteStream() = default;

  // Reads what is there. Fewer bytes than asked for: readiness will tell when there is more.
  virtual IoResult Read(std::span<char> buffer) = 0;
  // As Read(), but may wait for the peer to send, for at most kPatience or until a signal comes.
  virtual IoResult Await(std::span<char> buffer) { return Read(buffer); }
  // Whether the next Read() will tell of an end or an error that came with the bytes of the last
  // one: no readiness announces it.
  virtual bool HasEnded() const { return false; }
  // Takes a prefix of the pieces, in order. REQUIRES: at least one byte.
  virtual IoResult Write(std::span<const iovec> pieces) = 0;
  // Whether a stream that should be silent still is: false when it has bytes, an end or an error
  // (error() says which, unless the next Read() is to find that out).
  virtual bool IsSilent() = 0;
  // Ends the writing side. False: what says so waits; call again when the stream is writable.
  virtual bool CloseWrite() = 0;

  // To be watched for readiness.
  virtual int fd() const = 0;
  // The cause of the last kError.
  virtual absl::Status error() const = 0;
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_BYTE_STREAM_H_
