// SPDX-License-Identifier: Apache-2.0
// Joined headers: those of which Envoy keeps one field, whose values it joins with ",".

#ifndef MESHLIB_ROUTE_JOINED_HEADER_H_
#define MESHLIB_ROUTE_JOINED_HEADER_H_

#include <cstdint>
#include <string_view>

#include "meshlib/headers.h"

namespace meshlib::route {

enum class MessageKind : uint8_t { kRequest, kResponse };

// Envoy's inline headers ("user-agent", "x-forwarded-for", "vary"), as its official build has them.
bool IsJoinedHeader(MessageKind kind, std::string_view name);

// Adds a field, or joins the value to the field that is there.
void AppendHeader(MessageKind kind, std::string_view name, std::string_view value,
                  Headers& headers);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_JOINED_HEADER_H_
