// SPDX-License-Identifier: Apache-2.0
// CallFailure: why a Call ends without an answer, before it is a Status.

#ifndef MESHLIB_CLIENT_CALL_FAILURE_H_
#define MESHLIB_CLIENT_CALL_FAILURE_H_

#include <string>

#include "meshlib/call_error.h"

namespace meshlib::client {

// The HTTP status that a sidecar would have answered (the table at CallErrorReason).
int HttpStatusOf(CallErrorReason reason);

// A value.
struct CallFailure {
  CallErrorReason reason = CallErrorReason::kShutdown;
  int http_status = 503;
  std::string message;  // stage, subject and cause

  static CallFailure Of(CallErrorReason reason, std::string message) {
    return {reason, HttpStatusOf(reason), std::move(message)};
  }
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CALL_FAILURE_H_
