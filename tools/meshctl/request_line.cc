// SPDX-License-Identifier: Apache-2.0
#include "request_line.h"

#include <nlohmann/json.hpp>

namespace meshctl {
namespace {

using Json = nlohmann::json;

absl::Status Bad(const std::string& message) { return absl::InvalidArgumentError(message); }

void AddHeader(std::string_view name, std::string_view value, meshlib::HttpRequest* request) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  if (lower == "host") {
    request->authority = value;
  } else {
    request->headers.Add(lower, value);
  }
}

absl::Status ReadHeaders(const Json& headers, meshlib::HttpRequest* request) {
  if (!headers.is_array()) return Bad("headers: not a list");
  for (const Json& pair : headers) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      return Bad("headers: not a list of [name, value]");
    }
    AddHeader(pair[0].get_ref<const std::string&>(), pair[1].get_ref<const std::string&>(),
              request);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<meshlib::HttpRequest> ReadRequestLine(const std::string& line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return Bad("not a JSON object");
  meshlib::HttpRequest request;
  for (const auto& [key, value] : json.items()) {
    if (key == "headers") {
      if (absl::Status status = ReadHeaders(value, &request); !status.ok()) return status;
    } else if ((key == "method" || key == "url") && value.is_string()) {
      (key == "url" ? request.url : request.method) = value.get_ref<const std::string&>();
    } else {
      return Bad("\"" + key + "\": unknown, or not a string");
    }
  }
  if (request.url.empty()) return Bad("\"url\" is missing");
  return request;
}

std::string ErrorLine(const absl::Status& status) {
  return Json{{"error", std::string(status.message())}}.dump(-1, ' ', false,
                                                             Json::error_handler_t::replace);
}

absl::Status AddHeaderLines(const std::vector<std::string>& lines, meshlib::HttpRequest* request) {
  for (const std::string& line : lines) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0) {
      return Bad("-H \"" + line + "\": not 'name: value'");
    }
    const size_t value = line.find_first_not_of(' ', colon + 1);
    AddHeader(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value), request);
  }
  return absl::OkStatus();
}

}  // namespace meshctl
