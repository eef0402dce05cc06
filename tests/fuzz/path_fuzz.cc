// SPDX-License-Identifier: Apache-2.0
// Paths of requests: what routing and authorization see must not depend on how often, or by whom, a
// path was normalized.
//
// The first byte of an input chooses the settings. A path is refused, or becomes one that stays the
// same whatever is done to it again, and that has nothing in it which they were to remove.

#include <string>
#include <string_view>
#include <vector>

#include "fuzz_target.h"
#include "route/path_normalization.h"

namespace {

using meshlib::fuzz::Require;
using meshlib::resource::EscapedSlashes;

meshlib::resource::HttpSettings SettingsOf(uint8_t choice) {
  meshlib::resource::HttpSettings settings;
  settings.normalize_path = (choice & 1) != 0;
  settings.merge_slashes = (choice & 2) != 0;
  settings.escaped_slashes = static_cast<EscapedSlashes>((choice >> 2) & 3);
  return settings;
}

std::string_view WithoutQuery(std::string_view path) { return path.substr(0, path.find('?')); }

bool HasDotSegment(std::string_view path) {
  for (size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1)) {
    const size_t end = path.find_first_of("/;", at + 1);
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

void CheckNormal(const std::string& path) {
  const std::string_view plain = WithoutQuery(path);
  Require(!HasDotSegment(plain), "no dot segment is left");
  Require(plain.find('\\') == std::string_view::npos, "no backslash is left");
  for (const char c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    Require(byte > ' ' && byte < 0x7f, "what must be escaped is");
  }
  for (const char* escaped : {"%2e", "%2E", "%41", "%7e", "%2d", "%30"}) {
    Require(plain.find(escaped) == std::string_view::npos, "what need not be escaped is not");
  }
}

}  // namespace

std::vector<std::string> meshlib::fuzz::Seeds() {
  std::vector<std::string> seeds;
  for (char choice = 0; choice < 16; ++choice) {
    for (const char* path :
         {"/public/../admin", "/x/..;a=b/admin", "/x%2f..%2fadmin", "/x%5c..%5cadmin", "//admin",
          "/admin;x=y", "/%2e%2e/", "/%c0%ae%c0%ae/", "/%%32%65%%32%65/a", "/a/./b/../c?d=/../e",
          "*", "", "/a//b///?//", "/%252e%252e/", "/\xc3\xa9\\..\\x"}) {
      seeds.push_back(choice + std::string(path));
    }
  }
  return seeds;
}

std::vector<std::string> meshlib::fuzz::Dictionary() {
  return {"/../", "/./", "%2e", "%2E%2e", "%2f", "%2F", "%5c", "//",
          "\\",   "%25", "%%3", "%",      "?",   "%00", "/..", ";"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const meshlib::resource::HttpSettings settings = SettingsOf(data[0]);
  std::string path(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string query = path.substr(WithoutQuery(path).size());
  bool redirect = false;
  if (!meshlib::route::ApplyPathSettings(settings, path, &redirect) && !redirect) return 0;
  Require(path.ends_with(query), "the query stays");
  if (settings.normalize_path) CheckNormal(path);
  std::string again = path;
  bool redirect_again = false;
  const bool ready = meshlib::route::ApplyPathSettings(settings, again, &redirect_again);
  // Without normalization, unescaping may have made another escape: "%2%66f".
  if (!settings.normalize_path) return 0;
  Require(ready && !redirect_again, "what was accepted is accepted again");
  Require(again == path, "normalizing twice changes nothing");
  return 0;
}
