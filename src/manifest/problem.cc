// SPDX-License-Identifier: Apache-2.0
#include "manifest/problem.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace meshlib::manifest {
namespace {

const char* NameOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "";
}

// A JSON string (RFC 8259 section 7).
std::string Json(std::string_view text) {
  std::string json = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      json += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", c);
    } else {
      json += c;
    }
  }
  return json + "\"";
}

std::string ToJson(const Problem& problem) {
  return absl::StrCat(
      "{\"severity\":\"", NameOf(problem.severity), "\",\"file\":", Json(problem.place.file),
      ",\"line\":", problem.place.position.line, ",\"column\":", problem.place.position.column,
      ",\"object\":", Json(problem.object), ",\"field\":", Json(problem.field),
      ",\"text\":", Json(problem.text), "}");
}

}  // namespace

std::string Problem::ToString() const {
  std::string subject = object;
  if (!field.empty()) absl::StrAppend(&subject, subject.empty() ? "" : " ", field);
  return absl::StrCat(place.ToString(), ": ", NameOf(severity), ": ", subject,
                      subject.empty() ? "" : ": ", text);
}

bool HasErrors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.severity == Severity::kError; });
}

void SortByPlace(std::vector<Problem>& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.place < b.place; });
}

std::string ToText(std::vector<Problem> problems) {
  SortByPlace(problems);
  std::string text;
  for (const Problem& problem : problems) absl::StrAppend(&text, problem.ToString(), "\n");
  return text;
}

std::string ToJson(std::vector<Problem> problems) {
  SortByPlace(problems);
  std::string json = "[";
  for (const Problem& problem : problems) {
    absl::StrAppend(&json, json.size() > 1 ? ",\n " : "", ToJson(problem));
  }
  return json + "]\n";
}

}  // namespace meshlib::manifest
