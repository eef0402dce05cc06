#include "json.h"

#include <charconv>

namespace bookinfo {
namespace {

// What follows `"key":` and white space.
std::optional<std::string_view> FindValue(std::string_view json, std::string_view key) {
  const std::string quoted = "\"" + std::string(key) + "\"";
  const size_t found = json.find(quoted);
  if (found == std::string_view::npos) return std::nullopt;
  const size_t value = json.find_first_not_of(": \t\r\n", found + quoted.size());
  if (value == std::string_view::npos) return std::nullopt;
  return json.substr(value);
}

}  // namespace

std::optional<int> FindNumber(std::string_view json, std::string_view key) {
  const auto value = FindValue(json, key);
  int number = 0;
  if (!value ||
      std::from_chars(value->data(), value->data() + value->size(), number).ec != std::errc()) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::string> FindString(std::string_view json, std::string_view key) {
  const auto value = FindValue(json, key);
  if (!value || value->front() != '"') return std::nullopt;
  const size_t end = value->find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(value->substr(1, end - 1));
}

}  // namespace bookinfo
