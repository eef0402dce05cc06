// SPDX-License-Identifier: Apache-2.0
// reviews: what readers say about the book. Version v1 shows no stars, v2 black ones, v3 red ones.
// v2 and v3 ask the ratings service, and say so when it does not answer.

#include <nlohmann/json.hpp>
#include <string>

#include "service.h"

namespace {

using meshlib::HttpRequest;
using meshlib::HttpResponse;
using Json = nlohmann::json;

// The ratings service's answer; {"error": ...} when there is none.
Json AskRatings(meshlib::Mesh& mesh, const HttpRequest& request) {
  // `parent` hands on the trace headers and end-user, so that routes can tell users apart.
  const auto answer = mesh.http().Get("http://ratings:9080/ratings/0", {.parent = &request});
  if (answer.ok() && answer->status == 200) {
    Json ratings = Json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
    if (ratings.is_object() && ratings["ratings"].is_object()) return ratings;
  }
  return {{"error", "Ratings are not available right now."}};
}

HttpResponse Reviews(meshlib::Mesh& mesh, const HttpRequest& request, const std::string& version) {
  if (request.path() == "/health") return HttpResponse::Text(200, "ok\n");
  if (!request.path().starts_with("/reviews/")) return HttpResponse::Text(404, "no such book\n");
  Json reviews = {
      {"version", version},
      {"reviews",
       {{{"reviewer", "Reviewer1"},
         {"text", "An extremely entertaining play. The slapstick humour is refreshing!"}},
        {{"reviewer", "Reviewer2"},
         {"text", "Absolutely fun, although it lacks the depth of his other plays."}}}}};
  if (version != "v1") {
    reviews["ratings"] = AskRatings(mesh, request);
    reviews["color"] = version == "v2" ? "black" : "red";
  }
  return HttpResponse::Json(200, reviews.dump());
}

}  // namespace

int main(int argc, char** argv) {
  const auto make = [](meshlib::Mesh& mesh, const bookinfo::ServiceOptions& options) {
    return [&mesh, version = options.version](const HttpRequest& request) {
      return Reviews(mesh, request, version);
    };
  };
  return bookinfo::RunService("Bookinfo's reviews service", argc, argv, make);
}
