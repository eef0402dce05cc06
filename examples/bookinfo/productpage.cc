// SPDX-License-Identifier: Apache-2.0
// productpage: asks details and reviews, and renders the page. A service that fails costs its part
// of the page, never the page.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "page.h"
#include "service.h"

namespace {

using meshlib::HttpRequest;
using meshlib::HttpResponse;
using Json = nlohmann::json;

constexpr std::string_view kUserCookie = "bookinfo-user=";

// What is safe in a cookie, a header and a page.
std::string SafeUserName(std::string_view name) {
  std::string safe;
  for (const char c : name.substr(0, 64)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
    if (keep) safe += c;
  }
  return safe;
}

// Empty: nobody is signed in.
std::string SignedInUser(const HttpRequest& request) {
  const std::string_view cookies = request.headers.Get("cookie").value_or("");
  const size_t found = cookies.find(kUserCookie);
  if (found == std::string_view::npos) return "";
  const std::string_view rest = cookies.substr(found + kUserCookie.size());
  return SafeUserName(rest.substr(0, rest.find(';')));
}

HttpResponse BackToPage(const std::string& cookie) {
  HttpResponse response = HttpResponse::Text(303, "");
  response.headers.Add("location", "/productpage");
  response.headers.Add("set-cookie", cookie + "; Path=/; HttpOnly; SameSite=Lax");
  return response;
}

HttpResponse SignIn(const HttpRequest& request) {
  HttpRequest form;
  form.url = "/?" + request.body;  // a form is encoded like a query
  return BackToPage(std::string(kUserCookie) + SafeUserName(form.query_parameter("username")));
}

// The JSON object that a service answers with; null when it does not.
Json Ask(meshlib::Mesh& mesh, const std::string& url, const meshlib::CallOptions& options) {
  const auto answer = mesh.http().Get(url, options);
  if (!answer.ok() || answer->status != 200) return nullptr;
  Json json = Json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : Json(nullptr);
}

std::string TextOf(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key)) return "";
  const Json& value = json[key];
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void AddDetails(const Json& details, bookinfo::Page& page) {
  page.details_version = TextOf(details, "version");
  constexpr std::pair<const char*, const char*> kRows[] = {
      {"Author", "author"},  {"Year", "year"},           {"Type", "type"},
      {"Pages", "pages"},    {"Publisher", "publisher"}, {"Language", "language"},
      {"ISBN-10", "isbn10"}, {"ISBN-13", "isbn13"}};
  if (details.is_null()) return;
  for (const auto& [label, key] : kRows) page.details.emplace_back(label, TextOf(details, key));
}

void AddReviews(const Json& answer, bookinfo::Page& page) {
  if (answer.is_null()) return;
  const Json ratings = answer.value("ratings", Json());
  page.reviews_version = TextOf(answer, "version");
  page.ratings_version = TextOf(ratings, "version");
  page.ratings_note = TextOf(ratings, "error");
  page.star_color = TextOf(answer, "color");
  for (const Json& review : answer.value("reviews", Json::array())) {
    const std::string reviewer = TextOf(review, "reviewer");
    bookinfo::PageReview& added = page.reviews.emplace_back();
    added.reviewer = reviewer;
    added.text = TextOf(review, "text");
    const Json stars = ratings.is_object() ? ratings.value("ratings", Json::object()) : Json();
    if (stars.is_object()) added.stars = stars.value(reviewer, 0);
  }
}

HttpResponse ShowPage(meshlib::Mesh& mesh, const HttpRequest& request, const std::string& version) {
  bookinfo::Page page;
  page.version = version;
  page.user = SignedInUser(request);
  // `parent` hands the trace headers on; end-user tells the mesh's routes who is asking.
  meshlib::CallOptions options{.parent = &request};
  if (!page.user.empty()) options.headers.Set("end-user", page.user);
  AddDetails(Ask(mesh, "http://details:9080/details/0", options), page);
  AddReviews(Ask(mesh, "http://reviews:9080/reviews/0", options), page);
  return HttpResponse::Html(200, bookinfo::RenderPage(page));
}

HttpResponse Answer(meshlib::Mesh& mesh, const HttpRequest& request, const std::string& version) {
  const std::string_view path = request.path();
  if (path == "/productpage" || path == "/") return ShowPage(mesh, request, version);
  if (path == "/login" && request.method == "POST") return SignIn(request);
  if (path == "/logout") return BackToPage(std::string(kUserCookie) + "; Max-Age=0");
  if (path == "/health") return HttpResponse::Text(200, "ok\n");
  return HttpResponse::Text(404, "no such page\n");
}

}  // namespace

int main(int argc, char** argv) {
  const auto make = [](meshlib::Mesh& mesh, const bookinfo::ServiceOptions& options) {
    return [&mesh, version = options.version](const HttpRequest& request) {
      try {
        return Answer(mesh, request, version);
      } catch (const Json::exception& error) {  // JSON of a shape that nobody expected
        return HttpResponse::Text(500, error.what());
      }
    };
  };
  return bookinfo::RunService("Bookinfo's product page", argc, argv, make);
}
