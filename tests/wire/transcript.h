// SPDX-License-Identifier: Apache-2.0
// Transcript: everything that a decoder says about an input, however that is split.

#ifndef MESHLIB_TESTS_WIRE_TRANSCRIPT_H_
#define MESHLIB_TESTS_WIRE_TRANSCRIPT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace meshlib::wire {

// Who sent the bytes.
enum class Peer { kClient, kServer, kServerToHead, kServerToConnect };

// A value.
struct Transcript {
  std::string heads;  // all heads and trailers, printed
  std::string body;   // of all messages
  int messages = 0;   // complete ones; interim responses count
  size_t left = 0;    // bytes that belong to none of them
  bool failed = false;
  bool failed_at_eof = false;  // as failed, but only the end of the input showed it
  std::string error;           // "400 head: bare CR or LF"

  friend bool operator==(const Transcript&, const Transcript&) = default;
};

// Decodes the pieces one after the other and then the end of the input; stops early behind a
// message after which the connection carries no other.
Transcript Decode(Peer peer, const std::vector<std::string_view>& pieces);

}  // namespace meshlib::wire

#endif  // MESHLIB_TESTS_WIRE_TRANSCRIPT_H_
