// SPDX-License-Identifier: Apache-2.0
// FieldSection: the fields of one head, and what they say about the message's framing.

#ifndef MESHLIB_WIRE_FIELD_SECTION_H_
#define MESHLIB_WIRE_FIELD_SECTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "meshlib/headers.h"
#include "wire/http1_message.h"

namespace meshlib::wire {

// One field line taken apart. A value; views of the line.
struct FieldLine {
  std::string_view name;   // a token, as received
  std::string_view value;  // without the white space around it
};

// nullopt when `line` is no field line (RFC 9112 section 5): folded, no colon, white space before
// the colon, a name that is no token. REQUIRES: a line of LineReader.
std::optional<FieldLine> DecodeFieldLine(std::string_view line);

// Collects what decides framing while fields are added. A value.
struct FieldSection {
  enum class TransferEncoding : uint8_t { kNone, kChunked, kUnsupported, kInvalid };

  size_t count = 0;
  int hosts = 0;
  std::string_view host;  // of the last Host field, a view of the line: valid until the next line
  TransferEncoding transfer_encoding = TransferEncoding::kNone;
  std::optional<uint64_t> content_length;
  bool connection_close = false;
  bool connection_keep_alive = false;
  bool connection_upgrade = false;
  bool upgrade = false;
  bool expects_continue = false;

  // Decodes `line` and appends it to `headers`, unless it is Host or belongs to the connection.
  // Returns the reason when the line must not stand in a head, nullptr when it may.
  const char* Add(std::string_view line, Headers* headers);
  // Empties it.
  void Clear() { *this = FieldSection(); }

 private:
  const char* AddLong(std::string_view line, Headers* headers);
  const char* AddKnown(std::string_view name, std::string_view value, bool* hand_on);
  const char* AddHost(std::string_view value, bool* hand_on);
  const char* AddConnection(std::string_view value, bool* hand_on);
  const char* AddContentLength(std::string_view value);
};

// Whether a trailer of that name changes framing, routing or the connection:
// refused by decoders, left out by encoders (RFC 9110 section 6.5.1).
bool IsForbiddenTrailer(std::string_view name);

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_FIELD_SECTION_H_
