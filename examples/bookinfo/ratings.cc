// ratings: how many stars each reviewer gave.

#include <CLI/CLI.hpp>
#include <string>

#include "service.h"

namespace {

meshlib::HttpResponse Answer(const meshlib::HttpRequest& request) {
  if (request.path() == "/health") return meshlib::HttpResponse::Text(200, "ok\n");
  if (!request.path().starts_with("/ratings/")) return meshlib::HttpResponse::Text(404, "");
  return meshlib::HttpResponse::Json(200, R"({"ratings": {"Reviewer1": 5, "Reviewer2": 4}})");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Bookinfo's ratings service");
  uint16_t port = 9080;
  app.add_option("--port", port, "the port to serve on");
  CLI11_PARSE(app, argc, argv);
  return bookinfo::RunService(port, [](meshlib::Mesh&) { return Answer; });
}
