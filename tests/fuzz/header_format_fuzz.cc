// SPDX-License-Identifier: Apache-2.0
// Header formats ("%REQ(x-user)%"): any text may come as a value of request_headers_to_add.
//
// A format is refused with a reason, or can be filled in, whether there is a request or not, and
// becomes the same each time.

#include <string>
#include <vector>

#include "fuzz_target.h"
#include "route/header_format.h"

using meshlib::fuzz::Require;

std::vector<std::string> meshlib::fuzz::Seeds() {
  return {"v",
          "%%",
          "a%%b",
          "%REQ(x-user)%",
          "%REQ(x-none?x-user):2%",
          "%REQ(:path)%",
          "%RESP(x-one)%",
          "%PATH(NQ:ORIG)%",
          "%QUERY_PARAM(q)%",
          "%START_TIME(%Y/%m/%dT%H:%M:%S)%",
          "%UPSTREAM_METADATA([\"a\", \"b\"])%",
          "%DYNAMIC_METADATA(a:b)%",
          "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
          "%PROTOCOL%%ROUTE_NAME%%RESPONSE_CODE%"};
}

std::vector<std::string> meshlib::fuzz::Dictionary() {
  return {"%", "%%", "(", ")", ":", "?", "REQ", "RESP", "PATH", ":99999999999", "[\"", "%REQ("};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string format(reinterpret_cast<const char*>(data), size);
  const absl::Status status = meshlib::route::ValidateHeaderFormat(format);
  Require(status.ok() == meshlib::route::ValidateHeaderFormat(format).ok(),
          "both times the same verdict");
  if (!status.ok()) {
    Require(!status.message().empty(), "a refusal has a reason");
    return 0;
  }
  const meshlib::Headers headers = {{"x-user", "jason"}, {"x-one", "1"}};
  const meshlib::route::RequestHead head{
      .method = "GET", .path = "/a?q=1", .authority = "shop", .headers = &headers};
  const meshlib::route::FormatContext full{.request = &head,
                                           .response = &headers,
                                           .response_code = 200,
                                           .route_name = "route",
                                           .cluster = "cluster",
                                           .start_time = absl::UnixEpoch()};
  static_cast<void>(meshlib::route::IsHeaderFormatSupported(format));
  std::string values[3];
  meshlib::route::AppendHeaderFormat(format, full, values[0]);
  meshlib::route::AppendHeaderFormat(format, full, values[1]);
  meshlib::route::AppendHeaderFormat(format, {}, values[2]);
  Require(values[0] == values[1], "both times the same value");
  if (format.find('%') == std::string::npos) Require(values[2] == format, "text stays as it is");
  return 0;
}
