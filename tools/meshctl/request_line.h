// SPDX-License-Identifier: Apache-2.0
// Requests as meshctl reads them: header options and lines of JSON.

#ifndef MESHCTL_REQUEST_LINE_H_
#define MESHCTL_REQUEST_LINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "meshlib/http.h"

namespace meshctl {

// {"method":"GET","url":"http://reviews:9080/","headers":[["end-user","jason"]]}; "method" and
// "headers" may be absent. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<meshlib::HttpRequest> ReadRequestLine(const std::string& line);

// {"error":"..."}
std::string ErrorLine(const absl::Status& status);

// Each "name: value"; "host" becomes the authority.
absl::Status AddHeaderLines(const std::vector<std::string>& lines, meshlib::HttpRequest* request);

}  // namespace meshctl

#endif  // MESHCTL_REQUEST_LINE_H_
