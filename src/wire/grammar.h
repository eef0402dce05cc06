// SPDX-License-Identifier: Apache-2.0
// The character classes and small productions of HTTP/1.1 (RFC 9110 section 5.6, RFC 9112, RFC
// 3986).

#ifndef MESHLIB_WIRE_GRAMMAR_H_
#define MESHLIB_WIRE_GRAMMAR_H_

#include <cstddef>
#include <span>
#include <string_view>

namespace meshlib::wire {

// The position of the first byte of `text` that no field value may hold: control bytes but HTAB.
// text.size() when there is none. Bytes from 0x80 on are obs-text and pass.
size_t FindControl(std::string_view text);

// Copies the token at the front of `text` to `lower`, in lower case, as far as it fits. Returns its
// size, 0 when there is none.
size_t TakeLowerToken(std::string_view text, std::span<char> lower);

// 1*tchar.
bool IsToken(std::string_view text);

// Compares without regard to case. REQUIRES: `lower` is in lower case.
bool EqualsIgnoreCase(std::string_view text, std::string_view lower);

// Without spaces and tabs at both ends.
std::string_view TrimSpace(std::string_view text);

// uri-host [ ":" port ], or empty; no user information.
bool IsHost(std::string_view text);
// The same, with a host and a port that are not empty.
bool IsHostPort(std::string_view text);

// The characters of a path with a query: no control, space or non-ASCII bytes, none of #<>"\, and
// two hex digits behind each %. Passes what browsers send against RFC 3986: ^ ` { | } [ ].
bool IsPathQuery(std::string_view text);

// The value of a hexadecimal digit, -1 for another byte.
int HexDigit(char c);

// Takes the next element of a comma-separated list from the front of `list`, trimmed; empty
// elements are handed out too.
std::string_view NextElement(std::string_view* list);

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_GRAMMAR_H_
