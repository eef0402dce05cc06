// SPDX-License-Identifier: Apache-2.0
// ratings: how many stars each reviewer gave.

#include <nlohmann/json.hpp>
#include <string>

#include "service.h"

namespace {

using meshlib::HttpRequest;
using meshlib::HttpResponse;

HttpResponse Ratings(const HttpRequest& request, const std::string& version) {
  if (request.path() == "/health") return HttpResponse::Text(200, "ok\n");
  if (!request.path().starts_with("/ratings/")) return HttpResponse::Text(404, "no such book\n");
  const nlohmann::json ratings = {{"version", version},
                                  {"ratings", {{"Reviewer1", 5}, {"Reviewer2", 4}}}};
  return HttpResponse::Json(200, ratings.dump());
}

}  // namespace

int main(int argc, char** argv) {
  const auto make = [](meshlib::Mesh&, const bookinfo::ServiceOptions& options) {
    return [version = options.version](const HttpRequest& request) {
      return Ratings(request, version);
    };
  };
  return bookinfo::RunService("Bookinfo's ratings service", argc, argv, make);
}
