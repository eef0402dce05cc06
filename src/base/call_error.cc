// SPDX-License-Identifier: Apache-2.0
#include "meshlib/call_error.h"

#include <array>
#include <charconv>

#include "absl/strings/cord.h"
#include "base/string_view.h"

namespace meshlib {
namespace {

constexpr std::string_view kPayloadUrl = "meshlib/call-error";

struct Row {
  std::string_view flag;
  absl::StatusCode code;
};

// In the order of CallErrorReason. The codes are gRPC's mapping where it has one.
constexpr std::array<Row, 21> kRows = {{
    {"-", absl::StatusCode::kInvalidArgument},     // kInvalidRequest
    {"NR", absl::StatusCode::kNotFound},           // kNoRoute
    {"NR", absl::StatusCode::kUnavailable},        // kBlackHole
    {"NC", absl::StatusCode::kUnavailable},        // kClusterNotFound
    {"UH", absl::StatusCode::kUnavailable},        // kNoHealthyEndpoint
    {"UF", absl::StatusCode::kUnavailable},        // kConnectionFailure
    {"UC", absl::StatusCode::kUnavailable},        // kConnectionTermination
    {"UPE", absl::StatusCode::kInternal},          // kProtocolError
    {"UR", absl::StatusCode::kUnavailable},        // kPeerReset
    {"UT", absl::StatusCode::kDeadlineExceeded},   // kPeerTimeout
    {"DT", absl::StatusCode::kDeadlineExceeded},   // kDeadline
    {"SI", absl::StatusCode::kDeadlineExceeded},   // kIdleTimeout
    {"URX", absl::StatusCode::kUnavailable},       // kRetryLimit
    {"UO", absl::StatusCode::kResourceExhausted},  // kOverflow
    {"FI", absl::StatusCode::kUnavailable},        // kFaultAbort
    {"DO", absl::StatusCode::kUnavailable},        // kDropOverload
    {"-", absl::StatusCode::kFailedPrecondition},  // kSecurity
    {"NC", absl::StatusCode::kUnavailable},        // kNotReady
    {"-", absl::StatusCode::kResourceExhausted},   // kBodyTooLarge
    {"DC", absl::StatusCode::kCancelled},          // kCancelled
    {"LR", absl::StatusCode::kUnavailable},        // kShutdown
}};

const Row& RowOf(CallErrorReason reason) { return kRows[static_cast<size_t>(reason)]; }

}  // namespace

std::string_view CallError::flag() const { return RowOf(reason).flag; }

std::optional<CallError> CallErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(base::AbslView(kPayloadUrl));
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  std::array<int, 3> numbers{};
  const char* from = text.data();
  const char* const end = from + text.size();
  for (int& number : numbers) {
    const auto [next, error] = std::from_chars(from, end, number);
    if (error != std::errc()) return std::nullopt;
    from = next == end ? next : next + 1;
  }
  if (numbers[0] < 0 || static_cast<size_t>(numbers[0]) >= kRows.size()) return std::nullopt;
  return CallError{static_cast<CallErrorReason>(numbers[0]), numbers[1], numbers[2]};
}

absl::Status MakeCallError(const CallError& error, std::string_view message) {
  absl::Status status(RowOf(error.reason).code, base::AbslView(message));
  status.SetPayload(
      base::AbslView(kPayloadUrl),
      absl::Cord(std::to_string(static_cast<int>(error.reason)) + "," +
                 std::to_string(error.http_status) + "," + std::to_string(error.attempts)));
  return status;
}

}  // namespace meshlib
