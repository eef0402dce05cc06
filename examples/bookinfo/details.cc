// SPDX-License-Identifier: Apache-2.0
// details: what a library's catalogue says about the book.

#include <nlohmann/json.hpp>
#include <string>

#include "service.h"

namespace {

using meshlib::HttpRequest;
using meshlib::HttpResponse;

HttpResponse Details(const HttpRequest& request, const std::string& version) {
  if (request.path() == "/health") return HttpResponse::Text(200, "ok\n");
  if (!request.path().starts_with("/details/")) return HttpResponse::Text(404, "no such book\n");
  const nlohmann::json details = {{"version", version},
                                  {"author", "William Shakespeare"},
                                  {"year", 1595},
                                  {"type", "paperback"},
                                  {"pages", 200},
                                  {"publisher", "PublisherA"},
                                  {"language", "English"},
                                  {"isbn10", "1234567890"},
                                  {"isbn13", "123-1234567890"}};
  return HttpResponse::Json(200, details.dump());
}

}  // namespace

int main(int argc, char** argv) {
  const auto make = [](meshlib::Mesh&, const bookinfo::ServiceOptions& options) {
    return [version = options.version](const HttpRequest& request) {
      return Details(request, version);
    };
  };
  return bookinfo::RunService("Bookinfo's details service", argc, argv, make);
}
