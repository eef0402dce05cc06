// SPDX-License-Identifier: Apache-2.0
#include "route/header_command.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "base/string_view.h"

namespace meshlib::route {
namespace {

// Commands of Envoy 1.40 by what may follow their names; each list is sorted.
constexpr std::string_view kBare[] = {
    "ACCESS_LOG_TYPE",
    "BYTES_RECEIVED",
    "BYTES_RETRANSMITTED",
    "BYTES_SENT",
    "CONNECTION_ID",
    "CONNECTION_TERMINATION_DETAILS",
    "CUSTOM_FLAGS",
    "DOWNSTREAM_CX_RTT",
    "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
    "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
    "DOWNSTREAM_DETECTED_CLOSE_TYPE",
    "DOWNSTREAM_DIRECT_LOCAL_ADDRESS",
    "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID",
    "DOWNSTREAM_DIRECT_LOCAL_PORT",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
    "DOWNSTREAM_DIRECT_REMOTE_PORT",
    "DOWNSTREAM_HANDSHAKE_DURATION",
    "DOWNSTREAM_HEADER_BYTES_RECEIVED",
    "DOWNSTREAM_HEADER_BYTES_SENT",
    "DOWNSTREAM_LOCAL_ADDRESS",
    "DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID",
    "DOWNSTREAM_LOCAL_CLOSE_REASON",
    "DOWNSTREAM_LOCAL_DNS_SAN",
    "DOWNSTREAM_LOCAL_EMAIL_SAN",
    "DOWNSTREAM_LOCAL_IP_SAN",
    "DOWNSTREAM_LOCAL_OTHERNAME_SAN",
    "DOWNSTREAM_LOCAL_PORT",
    "DOWNSTREAM_LOCAL_SUBJECT",
    "DOWNSTREAM_LOCAL_URI_SAN",
    "DOWNSTREAM_PEER_CERT",
    "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1",
    "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256",
    "DOWNSTREAM_PEER_CHAIN_SERIALS",
    "DOWNSTREAM_PEER_DNS_SAN",
    "DOWNSTREAM_PEER_EMAIL_SAN",
    "DOWNSTREAM_PEER_FINGERPRINT_1",
    "DOWNSTREAM_PEER_FINGERPRINT_256",
    "DOWNSTREAM_PEER_IP_SAN",
    "DOWNSTREAM_PEER_ISSUER",
    "DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256",
    "DOWNSTREAM_PEER_ISSUER_SERIAL",
    "DOWNSTREAM_PEER_OTHERNAME_SAN",
    "DOWNSTREAM_PEER_SERIAL",
    "DOWNSTREAM_PEER_SUBJECT",
    "DOWNSTREAM_PEER_URI_SAN",
    "DOWNSTREAM_REMOTE_ADDRESS",
    "DOWNSTREAM_REMOTE_PORT",
    "DOWNSTREAM_TLS_CIPHER",
    "DOWNSTREAM_TLS_GROUP",
    "DOWNSTREAM_TLS_SESSION_ID",
    "DOWNSTREAM_TLS_VERSION",
    "DOWNSTREAM_TRANSPORT_FAILURE_REASON",
    "DOWNSTREAM_WIRE_BYTES_RECEIVED",
    "DOWNSTREAM_WIRE_BYTES_SENT",
    "DURATION",
    "FILTER_CHAIN_NAME",
    "GRPC_STATUS_NUMBER",
    "HOSTNAME",
    "LISTENER_NAME",
    "LOCAL_REPLY_BODY",
    "PACKETS_RETRANSMITTED",
    "PROTOCOL",
    "REQUEST_DURATION",
    "REQUEST_HEADERS_BYTES",
    "REQUEST_TX_DURATION",
    "RESPONSE_CODE",
    "RESPONSE_DURATION",
    "RESPONSE_FLAGS",
    "RESPONSE_FLAGS_LONG",
    "RESPONSE_HEADERS_BYTES",
    "RESPONSE_TRAILERS_BYTES",
    "RESPONSE_TX_DURATION",
    "ROUNDTRIP_DURATION",
    "ROUTE_NAME",
    "SPAN_ID",
    "STREAM_ID",
    "TLS_JA3_FINGERPRINT",
    "TLS_JA4_FINGERPRINT",
    "TRACE_ID",
    "UNIQUE_ID",
    "UPSTREAM_CLUSTER",
    "UPSTREAM_CLUSTER_RAW",
    "UPSTREAM_CONNECTION_ID",
    "UPSTREAM_CONNECTION_IDS_ATTEMPTED",
    "UPSTREAM_CONNECTION_POOL_READY_DURATION",
    "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
    "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
    "UPSTREAM_DETECTED_CLOSE_TYPE",
    "UPSTREAM_HEADER_BYTES_RECEIVED",
    "UPSTREAM_HEADER_BYTES_SENT",
    "UPSTREAM_HOST",
    "UPSTREAM_HOSTS_ATTEMPTED",
    "UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT",
    "UPSTREAM_HOST_NAME",
    "UPSTREAM_HOST_NAMES_ATTEMPTED",
    "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
    "UPSTREAM_HOST_NAME_WITHOUT_PORT",
    "UPSTREAM_LOCAL_ADDRESS",
    "UPSTREAM_LOCAL_CLOSE_REASON",
    "UPSTREAM_LOCAL_DNS_SAN",
    "UPSTREAM_LOCAL_IP_SAN",
    "UPSTREAM_LOCAL_PORT",
    "UPSTREAM_LOCAL_URI_SAN",
    "UPSTREAM_PEER_CERT",
    "UPSTREAM_PEER_DNS_SAN",
    "UPSTREAM_PEER_IP_SAN",
    "UPSTREAM_PEER_ISSUER",
    "UPSTREAM_PEER_SUBJECT",
    "UPSTREAM_PEER_URI_SAN",
    "UPSTREAM_PROTOCOL",
    "UPSTREAM_REMOTE_ADDRESS",
    "UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID",
    "UPSTREAM_REMOTE_PORT",
    "UPSTREAM_REQUEST_ATTEMPT_COUNT",
    "UPSTREAM_SERVER_NAME",
    "UPSTREAM_TLS_CIPHER",
    "UPSTREAM_TLS_GROUP",
    "UPSTREAM_TLS_SESSION_ID",
    "UPSTREAM_TLS_VERSION",
    "UPSTREAM_TRANSPORT_FAILURE_REASON",
    "UPSTREAM_WIRE_BYTES_RECEIVED",
    "UPSTREAM_WIRE_BYTES_SENT",
    "VIRTUAL_CLUSTER_NAME",
};
constexpr std::string_view kOptional[] = {
    "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_PEER_CERT_V_END",
    "DOWNSTREAM_PEER_CERT_V_START",
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
    "EMIT_TIME",
    "EMIT_TIME_LOCAL",
    "RESPONSE_CODE_DETAILS",
    "START_TIME",
    "START_TIME_LOCAL",
    "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
    "UPSTREAM_PEER_CERT_V_END",
    "UPSTREAM_PEER_CERT_V_START",
    "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
};
constexpr std::string_view kRequired[] = {"CLUSTER_METADATA", "UPSTREAM_METADATA"};
constexpr std::string_view kRequiredWithLength[] = {
    "CEL",  "DYNAMIC_METADATA", "ENVIRONMENT",      "QUERY_PARAM",     "REQ",    "REQUEST_HEADER",
    "RESP", "RESPONSE_HEADER",  "RESPONSE_TRAILER", "STREAM_INFO_REQ", "TRAILER"};
constexpr std::string_view kHeaderCommands[] = {
    "REQ", "REQUEST_HEADER", "RESP", "RESPONSE_HEADER", "RESPONSE_TRAILER", "TRAILER"};

template <size_t N>
bool Contains(const std::string_view (&names)[N], std::string_view name) {
  return std::find(names, names + N, name) != names + N;
}

absl::Status Error(std::string_view name, std::string_view what) {
  return absl::InvalidArgumentError(std::string(name) + std::string(what));
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> choices) {
  return std::find(choices.begin(), choices.end(), text) != choices.end();
}

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// RFC 9110 5.6.2.
bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool IsHeaderName(std::string_view name) {
  if (name.starts_with(':')) name.remove_prefix(1);
  return std::all_of(name.begin(), name.end(), IsTokenCharacter);
}

// "NAME?ALTERNATIVE".
absl::Status ValidateHeaderParameters(const FormatPiece& command) {
  std::string_view name = command.parameters;
  const std::string_view alternative = CutAt(name, '?');
  if (alternative.find('?') != std::string_view::npos) {
    return Error(command.name, ": more than one alternative header");
  }
  if (!IsHeaderName(name) || !IsHeaderName(alternative)) {
    return Error(command.name, ": invalid characters in a header name");
  }
  return absl::OkStatus();
}

absl::Status ValidatePath(const FormatPiece& command) {
  std::string_view query = command.parameters;
  const std::string_view source = CutAt(query, ':');
  if (!IsOneOf(query, {"", "WQ", "NQ"})) return Error("PATH", " takes WQ or NQ");
  if (!IsOneOf(source, {"", "ORIG", "PATH", "ORIG_OR_PATH"})) {
    return Error("PATH", " takes ORIG, PATH or ORIG_OR_PATH");
  }
  return absl::OkStatus();
}

absl::Status ValidateDuration(const FormatPiece& command) {
  std::string_view from = command.parameters;
  std::string_view to = CutAt(from, ':');
  const std::string_view precision = CutAt(to, ':');
  if (from.empty() || to.empty()) return Error(command.name, " requires two points in time");
  if (!IsOneOf(precision, {"", "ms", "us", "ns"})) return Error(command.name, ": bad precision");
  return absl::OkStatus();
}

absl::Status ValidateMetadata(const FormatPiece& command) {
  std::string_view source = command.parameters;
  CutAt(source, ':');
  if (IsOneOf(source, {"DYNAMIC", "CLUSTER", "ROUTE", "UPSTREAM_HOST", "LISTENER", "VIRTUAL_HOST",
                       "LISTENER_FILTER_CHAIN"})) {
    return absl::OkStatus();
  }
  return Error(command.name, ": no such kind of metadata");
}

absl::Status ValidateFilterState(const FormatPiece& command) {
  std::string_view key = command.parameters;
  std::string_view type = CutAt(key, ':');
  CutAt(type, ':');
  if (key.empty()) return Error(command.name, " requires a key");
  if (!IsOneOf(type, {"", "PLAIN", "TYPED", "FIELD"})) {
    return Error(command.name, " takes PLAIN, TYPED or FIELD");
  }
  return absl::OkStatus();
}

absl::Status ValidateChoice(const FormatPiece& command,
                            std::initializer_list<std::string_view> choices) {
  std::string_view choice = command.parameters;
  CutAt(choice, ':');
  if (choice.empty() || IsOneOf(choice, choices)) return absl::OkStatus();
  return Error(command.name, ": no such option");
}

// Commands with a grammar of their own.
std::optional<absl::Status> ValidateSpecial(const FormatPiece& command) {
  const std::string_view name = command.name;
  if (name == "PATH") return ValidatePath(command);
  if (name == "QUERY_PARAMS") return ValidateChoice(command, {"ORIG", "DECODED"});
  if (name == "FILTER_STATE" || name == "UPSTREAM_FILTER_STATE" || name == "PER_REQUEST_STATE") {
    return ValidateFilterState(command);
  }
  std::optional<absl::Status> status;
  if (name == "GRPC_STATUS") {
    status = ValidateChoice(command, {"CAMEL_STRING", "SNAKE_STRING", "NUMBER"});
  } else if (name == "REQUESTED_SERVER_NAME") {
    status = ValidateChoice(command, {"SNI_ONLY", "SNI_FIRST", "HOST_FIRST"});
  } else if (name == "COMMON_DURATION") {
    status = ValidateDuration(command);
  } else if (name == "METADATA") {
    status = ValidateMetadata(command);
  } else if (name == "COALESCE") {
    status = command.parameters.starts_with('{') ? absl::OkStatus()
                                                 : Error(name, " requires a JSON object");
  }
  if (status && status->ok() && command.length && name != "METADATA" && name != "COALESCE") {
    return Error(name, " does not allow a length");
  }
  return status;
}

// Reads ":LENGTH" if it is there, then "%"; npos when that is not what stands at `at`.
size_t ReadEnd(std::string_view format, size_t at, std::optional<size_t>& length) {
  length.reset();
  if (at < format.size() && format[at] == ':') {
    const size_t begin = ++at;
    while (at < format.size() && format[at] >= '0' && format[at] <= '9') ++at;
    size_t number = 0;
    if (!absl::SimpleAtoi(base::AbslView(format.substr(begin, at - begin)), &number)) {
      return std::string_view::npos;
    }
    length = number;
  }
  return at < format.size() && format[at] == '%' ? at + 1 : std::string_view::npos;
}

}  // namespace

std::optional<FormatPiece> FormatReader::Next() {
  if (format_[at_] != '%') {
    const size_t end = std::min(format_.find('%', at_), format_.size());
    FormatPiece piece{
        .literal = format_.substr(at_, end - at_), .name = {}, .parameters = {}, .length = {}};
    at_ = end;
    return piece;
  }
  if (at_ + 1 < format_.size() && format_[at_ + 1] == '%') {
    at_ += 2;
    return FormatPiece{
        .literal = format_.substr(at_ - 1, 1), .name = {}, .parameters = {}, .length = {}};
  }
  return NextCommand();
}

std::optional<FormatPiece> FormatReader::NextCommand() {
  FormatPiece piece;
  size_t at = at_ + 1;
  while (at < format_.size() && IsNameCharacter(format_[at])) ++at;
  piece.name = format_.substr(at_ + 1, at - at_ - 1);
  if (piece.name.empty()) return std::nullopt;
  size_t end = std::string_view::npos;
  if (at < format_.size() && format_[at] == '(') {
    // The parameters end at the first ")" after which the command can end.
    const size_t begin = at + 1;
    for (size_t close = format_.find(')', begin);
         close != std::string_view::npos && end == std::string_view::npos;
         close = format_.find(')', close + 1)) {
      piece.parameters = format_.substr(begin, close - begin);
      end = ReadEnd(format_, close + 1, piece.length);
    }
  } else {
    end = ReadEnd(format_, at, piece.length);
  }
  if (end == std::string_view::npos) return std::nullopt;
  at_ = end;
  return piece;
}

absl::Status ValidateCommand(const FormatPiece& command) {
  if (std::optional<absl::Status> status = ValidateSpecial(command)) return *status;
  const std::string_view name = command.name;
  if (Contains(kBare, name)) {
    if (command.parameters.empty() && !command.length) return absl::OkStatus();
    return Error(name, " does not take any parameters or length");
  }
  if (Contains(kOptional, name)) {
    return command.length ? Error(name, " does not allow a length") : absl::OkStatus();
  }
  const bool takes_length = Contains(kRequiredWithLength, name);
  if (!takes_length && !Contains(kRequired, name)) return Error(name, " is no known command");
  if (command.parameters.empty()) return Error(name, " requires parameters");
  if (command.length && !takes_length) return Error(name, " does not allow a length");
  return Contains(kHeaderCommands, name) ? ValidateHeaderParameters(command) : absl::OkStatus();
}

std::string_view CutAt(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

}  // namespace meshlib::route
