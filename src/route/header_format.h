// SPDX-License-Identifier: Apache-2.0
// HeaderFormat: the values of headers that configuration adds, with Envoy's %COMMANDS%.
//
// https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators

#ifndef MESHLIB_ROUTE_HEADER_FORMAT_H_
#define MESHLIB_ROUTE_HEADER_FORMAT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "meshlib/headers.h"
#include "route/request_head.h"

namespace meshlib::route {

// What commands can ask for. Views, and pointers that may be null: what is unknown is empty, and a
// header whose value is empty is not added. A value.
struct FormatContext {
  const RequestHead* request = nullptr;          // %REQ()%, %PATH()%, %QUERY_PARAM()%
  const Headers* response = nullptr;             // %RESP()%
  int response_code = 0;                         // %RESPONSE_CODE%; 0: not known yet
  std::string_view protocol = "HTTP/1.1";        // %PROTOCOL%
  std::string_view route_name;                   // %ROUTE_NAME%
  std::string_view cluster;                      // %UPSTREAM_CLUSTER%
  std::string_view endpoint;                     // %UPSTREAM_HOST%, "127.0.0.1:9080"
  int attempts = 1;                              // %UPSTREAM_REQUEST_ATTEMPT_COUNT%
  std::string_view peer_address;                 // %DOWNSTREAM_REMOTE_ADDRESS%, "127.0.0.1:40000"
  std::string_view local_address;                // %DOWNSTREAM_LOCAL_ADDRESS%
  std::string_view response_flags;               // %RESPONSE_FLAGS%
  absl::Time start_time = absl::InfinitePast();  // %START_TIME%; InfinitePast: not known
  std::string_view host_name;                    // %HOSTNAME%
};

// What Envoy would say against the value of a HeaderValueOption: unbalanced "%", unknown commands,
// wrong arguments.
absl::Status ValidateHeaderFormat(std::string_view format);

// Whether all commands of a valid format have values here. Commands that are Envoy's but mean
// nothing in a library (%DYNAMIC_METADATA()%) are always empty.
bool IsHeaderFormatSupported(std::string_view format);

// Appends the value of a valid format to `out`.
void AppendHeaderFormat(std::string_view format, const FormatContext& context, std::string& out);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_HEADER_FORMAT_H_
