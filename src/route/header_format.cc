// SPDX-License-Identifier: Apache-2.0
#include "route/header_format.h"

#include <charconv>

#include "base/string_view.h"
#include "route/header_command.h"
#include "route/header_match.h"

namespace meshlib::route {
namespace {

using Value = std::string_view;

Value Lowered(std::string_view name, std::string& storage) {
  storage.assign(name);
  for (char& c : storage) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return storage;
}

void AppendNumber(int number, std::string& out) {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

std::optional<Value> ResponseValue(const FormatContext& context, std::string_view name) {
  return context.response == nullptr ? std::nullopt : context.response->Get(name);
}

std::optional<Value> RequestValue(const FormatContext& context, std::string_view name) {
  return context.request == nullptr ? std::nullopt : FirstValue(*context.request, name);
}

// %REQ(NAME?ALTERNATIVE)% and %RESP()%, by `look_up`.
void AppendHeader(const FormatPiece& command, const FormatContext& context,
                  std::optional<Value> (*look_up)(const FormatContext&, std::string_view),
                  std::string& out) {
  std::string_view name = command.parameters;
  const std::string_view alternative = CutAt(name, '?');
  std::string storage;
  std::optional<Value> value = look_up(context, Lowered(name, storage));
  if (!value && !alternative.empty()) value = look_up(context, Lowered(alternative, storage));
  out.append(value.value_or(Value()));
}

// %PATH(WQ|NQ:ORIG|PATH|ORIG_OR_PATH)%
void AppendPath(const FormatPiece& command, const FormatContext& context, std::string& out) {
  if (context.request == nullptr) return;
  std::string_view query = command.parameters;
  const std::string_view source = CutAt(query, ':');
  const Value original = context.request->headers->Get("x-envoy-original-path").value_or(Value());
  Value path = source == "PATH" ? Value(context.request->path) : original;
  if (path.empty() && source != "ORIG") path = context.request->path;
  out.append(query == "NQ" ? WithoutQuery(path) : path);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendDecoded(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
}

void AppendQuery(const FormatPiece& command, const FormatContext& context, std::string& out) {
  if (context.request == nullptr) return;
  if (command.name == "QUERY_PARAM") {
    AppendDecoded(QueryParameter(context.request->path, command.parameters).value_or(Value()), out);
    return;
  }
  const size_t mark = context.request->path.find('?');
  if (mark != std::string_view::npos) out.append(context.request->path.substr(mark + 1));
}

template <std::string_view FormatContext::*kField>
void AppendView(const FormatPiece&, const FormatContext& context, std::string& out) {
  out.append(context.*kField);
}

// Addresses are "IP:PORT" or "[IP]:PORT".
template <std::string_view FormatContext::*kField>
void AppendHost(const FormatPiece&, const FormatContext& context, std::string& out) {
  Value host = (context.*kField).substr(0, (context.*kField).rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  out.append(host);
}

template <std::string_view FormatContext::*kField>
void AppendPort(const FormatPiece&, const FormatContext& context, std::string& out) {
  const size_t colon = (context.*kField).rfind(':');
  if (colon != Value::npos) out.append((context.*kField).substr(colon + 1));
}

template <int FormatContext::*kField>
void AppendInteger(const FormatPiece&, const FormatContext& context, std::string& out) {
  AppendNumber(context.*kField, out);
}

void AppendRequestHeader(const FormatPiece& command, const FormatContext& context,
                         std::string& out) {
  AppendHeader(command, context, RequestValue, out);
}

void AppendResponseHeader(const FormatPiece& command, const FormatContext& context,
                          std::string& out) {
  AppendHeader(command, context, ResponseValue, out);
}

void AppendFlags(const FormatPiece&, const FormatContext& context, std::string& out) {
  out.append(context.response_flags.empty() ? "-" : context.response_flags);
}

// %START_TIME(strftime format)%, with %f and %3f for fractions of the second.
void AppendStartTime(const FormatPiece& command, const FormatContext& context, std::string& out) {
  if (context.start_time == absl::InfinitePast()) return;
  std::string format = "%Y-%m-%dT%H:%M:%E3SZ";
  if (!command.parameters.empty()) format.assign(command.parameters);
  const int64_t nanoseconds = absl::ToUnixNanos(context.start_time) % 1'000'000'000;
  std::string digits = std::to_string(1'000'000'000 + nanoseconds).substr(1);
  for (size_t at = format.find('%'); at != std::string::npos; at = format.find('%', at + 2)) {
    const bool counted = at + 2 < format.size() && format[at + 1] >= '1' && format[at + 1] <= '9' &&
                         format[at + 2] == 'f';
    if (counted) {
      format.replace(at, 3, digits, 0, static_cast<size_t>(format[at + 1] - '0'));
    } else if (at + 1 < format.size() && format[at + 1] == 'f') {
      format.replace(at, 2, digits);
    }
  }
  out.append(absl::FormatTime(format, context.start_time, absl::UTCTimeZone()));
}

struct Evaluator {
  std::string_view name;
  void (*append)(const FormatPiece&, const FormatContext&, std::string&);
};

// Most used first.
constexpr Evaluator kEvaluators[] = {
    {"REQ", AppendRequestHeader},
    {"REQUEST_HEADER", AppendRequestHeader},
    {"RESP", AppendResponseHeader},
    {"RESPONSE_HEADER", AppendResponseHeader},
    {"DOWNSTREAM_REMOTE_ADDRESS", AppendView<&FormatContext::peer_address>},
    {"DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", AppendHost<&FormatContext::peer_address>},
    {"DOWNSTREAM_REMOTE_PORT", AppendPort<&FormatContext::peer_address>},
    {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS", AppendView<&FormatContext::peer_address>},
    {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", AppendHost<&FormatContext::peer_address>},
    {"DOWNSTREAM_DIRECT_REMOTE_PORT", AppendPort<&FormatContext::peer_address>},
    {"DOWNSTREAM_LOCAL_ADDRESS", AppendView<&FormatContext::local_address>},
    {"DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", AppendHost<&FormatContext::local_address>},
    {"DOWNSTREAM_LOCAL_PORT", AppendPort<&FormatContext::local_address>},
    {"UPSTREAM_HOST", AppendView<&FormatContext::endpoint>},
    {"UPSTREAM_REMOTE_ADDRESS", AppendView<&FormatContext::endpoint>},
    {"UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", AppendHost<&FormatContext::endpoint>},
    {"UPSTREAM_REMOTE_PORT", AppendPort<&FormatContext::endpoint>},
    {"UPSTREAM_CLUSTER", AppendView<&FormatContext::cluster>},
    {"UPSTREAM_CLUSTER_RAW", AppendView<&FormatContext::cluster>},
    {"UPSTREAM_REQUEST_ATTEMPT_COUNT", AppendInteger<&FormatContext::attempts>},
    {"ROUTE_NAME", AppendView<&FormatContext::route_name>},
    {"PROTOCOL", AppendView<&FormatContext::protocol>},
    {"PATH", AppendPath},
    {"QUERY_PARAM", AppendQuery},
    {"QUERY_PARAMS", AppendQuery},
    {"RESPONSE_CODE", AppendInteger<&FormatContext::response_code>},
    {"RESPONSE_FLAGS", AppendFlags},
    {"START_TIME", AppendStartTime},
    {"HOSTNAME", AppendView<&FormatContext::host_name>},
};

const Evaluator* FindEvaluator(std::string_view name) {
  for (const Evaluator& evaluator : kEvaluators) {
    if (evaluator.name == name) return &evaluator;
  }
  return nullptr;
}

}  // namespace

absl::Status ValidateHeaderFormat(std::string_view format) {
  FormatReader reader(format);
  while (!reader.done()) {
    const size_t position = reader.position();
    const std::optional<FormatPiece> piece = reader.Next();
    if (!piece) {
      return absl::InvalidArgumentError("\"" + std::string(format) +
                                        "\": no valid command at position " +
                                        std::to_string(position));
    }
    if (piece->name.empty()) continue;
    if (absl::Status status = ValidateCommand(*piece); !status.ok()) return status;
  }
  return absl::OkStatus();
}

bool IsHeaderFormatSupported(std::string_view format) {
  FormatReader reader(format);
  while (!reader.done()) {
    const std::optional<FormatPiece> piece = reader.Next();
    if (!piece) return false;
    if (!piece->name.empty() && FindEvaluator(piece->name) == nullptr) return false;
  }
  return true;
}

void AppendHeaderFormat(std::string_view format, const FormatContext& context, std::string& out) {
  FormatReader reader(format);
  while (!reader.done()) {
    const std::optional<FormatPiece> piece = reader.Next();
    if (!piece) return;
    if (piece->name.empty()) {
      out.append(piece->literal);
    } else if (const Evaluator* evaluator = FindEvaluator(piece->name)) {
      const size_t begin = out.size();
      evaluator->append(*piece, context, out);
      if (piece->length && out.size() - begin > *piece->length) out.resize(begin + *piece->length);
    }
  }
}

}  // namespace meshlib::route
