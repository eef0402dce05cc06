// reviews: what readers say about a book. Version v1 shows no stars, v2 black ones, v3 red ones;
// v2 and v3 ask the ratings service, and say so when it does not answer.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "json.h"
#include "service.h"

namespace {

struct Review {
  const char* reviewer;
  const char* text;
};

constexpr Review kReviews[] = {
    {"Reviewer1",
     "An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!"},
    {"Reviewer2",
     "Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays "
     "by Shakespeare."},
};

std::string RatingJson(const absl::StatusOr<meshlib::HttpResponse>& ratings, const char* reviewer,
                       const std::string& color) {
  if (!ratings.ok() || ratings->status != 200) {
    return R"(, "rating": {"error": "Ratings service is currently unavailable"})";
  }
  const std::optional<int> stars = bookinfo::FindNumber(ratings->body, reviewer);
  if (!stars) return "";
  return R"(, "rating": {"stars": )" + std::to_string(*stars) + R"(, "color": ")" + color + "\"}";
}

meshlib::HttpResponse Answer(meshlib::Mesh& mesh, const std::string& version,
                             const meshlib::HttpRequest& request) {
  if (request.path() == "/health") return meshlib::HttpResponse::Text(200, "ok\n");
  if (!request.path().starts_with("/reviews/")) return meshlib::HttpResponse::Text(404, "");
  const std::string id(request.path().substr(std::string_view("/reviews/").size()));

  absl::StatusOr<meshlib::HttpResponse> ratings = absl::NotFoundError("not asked");
  if (version != "v1") {
    // `parent` hands on the trace headers and end-user, so that routes can tell users apart.
    ratings = mesh.http().Get("http://ratings:9080/ratings/" + id, {.parent = &request});
  }
  std::string json = R"({"id": ")" + id + R"(", "version": ")" + version + R"(", "reviews": [)";
  for (const Review& review : kReviews) {
    if (&review != kReviews) json += ", ";
    json +=
        R"({"reviewer": ")" + std::string(review.reviewer) + R"(", "text": ")" + review.text + "\"";
    if (version != "v1") {
      json += RatingJson(ratings, review.reviewer, version == "v2" ? "black" : "red");
    }
    json += "}";
  }
  return meshlib::HttpResponse::Json(200, json + "]}");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Bookinfo's reviews service");
  uint16_t port = 9080;
  std::string version = "v1";
  app.add_option("--port", port, "the port to serve on");
  app.add_option("--version", version, "v1, v2 or v3")->check(CLI::IsMember({"v1", "v2", "v3"}));
  CLI11_PARSE(app, argc, argv);
  return bookinfo::RunService(port, [&version](meshlib::Mesh& mesh) {
    return [&mesh, version](const meshlib::HttpRequest& request) {
      return Answer(mesh, version, request);
    };
  });
}
