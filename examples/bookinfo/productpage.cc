// productpage: asks details and reviews and renders the page. A service that fails costs its part
// of the page, never the page.

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "json.h"
#include "page.h"
#include "service.h"

namespace {

using meshlib::HttpRequest;
using meshlib::HttpResponse;

constexpr std::string_view kUserCookie = "bookinfo-user=";

// The signed-in user by the cookie; letters, digits, '-' and '_' only.
std::string SignedInUser(const HttpRequest& request) {
  const std::string_view cookies = request.headers.Get("cookie").value_or("");
  const size_t found = cookies.find(kUserCookie);
  if (found == std::string_view::npos) return "";
  const std::string_view rest = cookies.substr(found + kUserCookie.size());
  return std::string(rest.substr(0, rest.find(';')));
}

std::string SafeUserName(std::string_view name) {
  std::string safe;
  for (const char c : name) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
    if (keep && safe.size() < 64) safe += c;
  }
  return safe;
}

HttpResponse RedirectToPage(const std::string& cookie) {
  HttpResponse response = HttpResponse::Text(302, "");
  response.headers.Add("location", "/productpage");
  response.headers.Add("set-cookie", cookie + "; Path=/; HttpOnly; SameSite=Lax");
  return response;
}

HttpResponse SignIn(const HttpRequest& request) {
  HttpRequest form;
  form.url = "/?" + request.body;
  return RedirectToPage(std::string(kUserCookie) + SafeUserName(form.query_parameter("username")));
}

void AddDetails(const absl::StatusOr<HttpResponse>& details, bookinfo::Page* page) {
  if (!details.ok() || details->status != 200) {
    page->details_error = "Details are not available right now.";
    return;
  }
  const auto add = [&](const char* label, const char* key) {
    if (const auto text = bookinfo::FindString(details->body, key)) {
      page->details.emplace_back(label, *text);
    } else if (const auto number = bookinfo::FindNumber(details->body, key)) {
      page->details.emplace_back(label, std::to_string(*number));
    }
  };
  add("Author", "author");
  add("Year", "year");
  add("Type", "type");
  add("Pages", "pages");
  add("Publisher", "publisher");
  add("Language", "language");
  add("ISBN-10", "isbn10");
  add("ISBN-13", "isbn13");
}

void AddReviews(const absl::StatusOr<HttpResponse>& reviews, bookinfo::Page* page) {
  if (!reviews.ok() || reviews->status != 200) {
    page->reviews_error = "Reviews are not available right now.";
    return;
  }
  const std::string_view json = reviews->body;
  page->reviews_version = bookinfo::FindString(json, "version").value_or("");
  for (size_t at = json.find("{\"reviewer\""); at != std::string_view::npos;) {
    const size_t next = json.find("{\"reviewer\"", at + 1);
    const std::string_view one = json.substr(at, next == std::string_view::npos ? next : next - at);
    page->reviews.push_back({.reviewer = bookinfo::FindString(one, "reviewer").value_or(""),
                             .text = bookinfo::FindString(one, "text").value_or(""),
                             .stars = bookinfo::FindNumber(one, "stars"),
                             .color = bookinfo::FindString(one, "color").value_or("black"),
                             .note = bookinfo::FindString(one, "error").value_or("")});
    at = next;
  }
}

HttpResponse ShowPage(meshlib::Mesh& mesh, const HttpRequest& request) {
  bookinfo::Page page;
  page.user = SignedInUser(request);
  meshlib::CallOptions options{.parent = &request};
  if (!page.user.empty()) options.headers.Set("end-user", page.user);
  AddDetails(mesh.http().Get("http://details:9080/details/0", options), &page);
  AddReviews(mesh.http().Get("http://reviews:9080/reviews/0", options), &page);
  return HttpResponse::Html(200, bookinfo::RenderPage(page));
}

HttpResponse Answer(meshlib::Mesh& mesh, const HttpRequest& request) {
  const std::string_view path = request.path();
  if (path == "/health") return HttpResponse::Text(200, "ok\n");
  if (path == "/productpage" || path == "/") return ShowPage(mesh, request);
  if (path == "/login" && request.method == "POST") return SignIn(request);
  if (path == "/logout") return RedirectToPage(std::string(kUserCookie) + "; Max-Age=0");
  return HttpResponse::Text(404, "no such page\n");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Bookinfo's product page");
  uint16_t port = 9080;
  app.add_option("--port", port, "the port to serve on");
  CLI11_PARSE(app, argc, argv);
  return bookinfo::RunService(port, [](meshlib::Mesh& mesh) {
    return [&mesh](const HttpRequest& request) { return Answer(mesh, request); };
  });
}
