// SPDX-License-Identifier: Apache-2.0
#include "client/call_failure.h"

namespace meshlib::client {

int HttpStatusOf(CallErrorReason reason) {
  switch (reason) {
    case CallErrorReason::kInvalidRequest:
      return 400;
    case CallErrorReason::kNoRoute:
      return 404;
    case CallErrorReason::kBlackHole:
    case CallErrorReason::kProtocolError:
    case CallErrorReason::kBodyTooLarge:
      return 502;
    case CallErrorReason::kPeerTimeout:
    case CallErrorReason::kDeadline:
    case CallErrorReason::kIdleTimeout:
      return 504;
    case CallErrorReason::kCancelled:
      return 499;
    default:
      return 503;
  }
}

}  // namespace meshlib::client
