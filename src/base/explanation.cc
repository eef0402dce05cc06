// SPDX-License-Identifier: Apache-2.0
// How an Explanation prints, for people and as JSON.

#include <charconv>
#include <string_view>

#include "meshlib/explain.h"

namespace meshlib {
namespace {

// Writes one JSON object; keys come in the order of the calls.
class JsonWriter final {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void Key(std::string_view key) {
    Separate();
    Text(key);
    out_.push_back(':');
    fresh_ = true;
  }
  void Open(char bracket) {
    Separate();
    out_.push_back(bracket);
    fresh_ = true;
  }
  void Close(char bracket) {
    out_.push_back(bracket);
    fresh_ = false;
  }
  void String(std::string_view value) {
    Separate();
    Text(value);
  }
  void Number(int64_t value) {
    Separate();
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }
  void Bool(bool value) {
    Separate();
    out_.append(value ? "true" : "false");
  }
  void Null() {
    Separate();
    out_.append("null");
  }

 private:
  void Separate() {
    if (!fresh_) out_.push_back(',');
    fresh_ = false;
  }

  // Bytes over 0x7f are taken as Latin-1, so that every value gives valid JSON.
  void Text(std::string_view value) {
    out_.push_back('"');
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out_.push_back('\\');
        out_.push_back(c);
      } else if (byte < 0x20 || byte >= 0x7f) {
        static constexpr char kDigits[] = "0123456789abcdef";
        out_.append("\\u00");
        out_.push_back(kDigits[byte >> 4]);
        out_.push_back(kDigits[byte & 15]);
      } else {
        out_.push_back(c);
      }
    }
    out_.push_back('"');
  }

  std::string& out_;
  bool fresh_ = true;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

void Write(JsonWriter& json, std::string_view key, const Fields& fields) {
  json.Key(key);
  json.Open('[');
  for (const auto& [name, value] : fields) {
    json.Open('[');
    json.String(name);
    json.String(value);
    json.Close(']');
  }
  json.Close(']');
}

void Write(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.Key(key);
  json.Open('[');
  for (const std::string& name : names) json.String(name);
  json.Close(']');
}

void Write(JsonWriter& json, std::string_view key, std::string_view value) {
  json.Key(key);
  json.String(value);
}

void Write(JsonWriter& json, const std::vector<ExplainedCluster>& clusters) {
  json.Key("clusters");
  json.Open('[');
  for (const ExplainedCluster& cluster : clusters) {
    json.Open('{');
    Write(json, "name", cluster.name);
    json.Key("weight");
    json.Number(static_cast<int64_t>(cluster.weight));
    json.Close('}');
  }
  json.Close(']');
}

void Write(JsonWriter& json, const std::vector<ExplainedEndpoint>& endpoints) {
  json.Key("endpoints");
  json.Open('[');
  for (const ExplainedEndpoint& endpoint : endpoints) {
    json.Open('{');
    Write(json, "cluster", endpoint.cluster);
    Write(json, "address", endpoint.address);
    Write(json, "locality", endpoint.locality);
    json.Key("priority");
    json.Number(endpoint.priority);
    json.Key("weight");
    json.Number(endpoint.weight);
    json.Key("candidate");
    json.Bool(endpoint.candidate);
    Write(json, "why_not", endpoint.why_not);
    Write(json, "tls_mode", endpoint.tls_mode);
    Write(json, "security", endpoint.security);
    json.Close('}');
  }
  json.Close(']');
}

void Line(std::string& text, std::string_view label, std::string_view value) {
  if (value.empty()) return;
  text.append(label).append(18 - label.size(), ' ').append(value).append("\n");
}

void Lines(std::string& text, std::string_view label, const Fields& fields) {
  for (const auto& [name, value] : fields) Line(text, label, name + ": " + value);
}

std::string ClustersText(const Explanation& explanation) {
  std::string text;
  for (const ExplainedCluster& cluster : explanation.clusters) {
    if (!text.empty()) text += ", ";
    text += cluster.name;
    if (explanation.clusters.size() > 1) text += " (weight " + std::to_string(cluster.weight) + ")";
  }
  return text;
}

std::string EndpointText(const ExplainedEndpoint& endpoint) {
  std::string text = endpoint.address + " of " + endpoint.cluster;
  if (!endpoint.locality.empty()) text += " in " + endpoint.locality;
  if (endpoint.priority != 0) text += ", priority " + std::to_string(endpoint.priority);
  if (endpoint.weight != 1) text += ", weight " + std::to_string(endpoint.weight);
  if (!endpoint.security.empty()) text += ", " + endpoint.security;
  return endpoint.candidate ? text : text + ": out, " + endpoint.why_not;
}

}  // namespace

std::string Explanation::ToString() const {
  std::string text;
  Line(text, "listener", listener);
  Line(text, "virtual host", virtual_host);
  Line(text, "route", route);
  Line(text, "object", object);
  Line(text, "action", action);
  Line(text, "clusters", ClustersText(*this));
  Line(text, "subset", subset);
  Line(text, "path", path);
  Line(text, "authority", authority);
  Lines(text, "request adds", request_headers_added);
  for (const std::string& name : request_headers_removed) Line(text, "request removes", name);
  Lines(text, "response adds", response_headers_added);
  Line(text, "timeout",
       timeout ? absl::FormatDuration(*timeout) : std::string(action == "forward" ? "none" : ""));
  Line(text, "retry", retry);
  Line(text, "fault", fault);
  Line(text, "status", status == 0 ? std::string() : std::to_string(status));
  Line(text, "location", location);
  Line(text, "error", error);
  for (const ExplainedEndpoint& endpoint : endpoints)
    Line(text, "endpoint", EndpointText(endpoint));
  return text;
}

std::string Explanation::ToJson() const {
  std::string out;
  out.reserve(512);
  JsonWriter json(out);
  json.Open('{');
  Write(json, "listener", listener);
  Write(json, "virtual_host", virtual_host);
  Write(json, "route", route);
  Write(json, "object", object);
  Write(json, "subset", subset);
  Write(json, "action", action);
  Write(json, clusters);
  Write(json, "path", path);
  Write(json, "authority", authority);
  Write(json, "request_headers_added", request_headers_added);
  Write(json, "request_headers_removed", request_headers_removed);
  Write(json, "response_headers_added", response_headers_added);
  json.Key("timeout_ms");
  timeout ? json.Number(absl::ToInt64Milliseconds(*timeout)) : json.Null();
  Write(json, "retry", retry);
  Write(json, "fault", fault);
  json.Key("status");
  json.Number(status);
  Write(json, "location", location);
  Write(json, "error", error);
  Write(json, endpoints);
  json.Close('}');
  return out;
}

}  // namespace meshlib
