// details: what is printed inside the book's cover.

#include <CLI/CLI.hpp>
#include <string>

#include "service.h"

namespace {

constexpr const char* kDetails = R"({
  "author": "William Shakespeare",
  "year": 1595,
  "type": "paperback",
  "pages": 200,
  "publisher": "PublisherA",
  "language": "English",
  "isbn10": "1234567890",
  "isbn13": "123-1234567890"
})";

meshlib::HttpResponse Answer(const meshlib::HttpRequest& request) {
  if (request.path() == "/health") return meshlib::HttpResponse::Text(200, "ok\n");
  if (!request.path().starts_with("/details/")) return meshlib::HttpResponse::Text(404, "");
  return meshlib::HttpResponse::Json(200, kDetails);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Bookinfo's details service");
  uint16_t port = 9080;
  app.add_option("--port", port, "the port to serve on");
  CLI11_PARSE(app, argc, argv);
  return bookinfo::RunService(port, [](meshlib::Mesh&) { return Answer; });
}
