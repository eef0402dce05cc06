// SPDX-License-Identifier: Apache-2.0
// ExchangeEvents: what a Connection tells of one request and its response.

#ifndef MESHLIB_CONNECTION_EXCHANGE_EVENTS_H_
#define MESHLIB_CONNECTION_EXCHANGE_EVENTS_H_

#include <string_view>

#include "absl/status/status.h"
#include "meshlib/call_error.h"

namespace meshlib::connection {

// Grammar, of which OnEnd and OnBroken are the last:
//   answered:  OnHead OnBody* OnEnd
//   broken:    (OnHead OnBody*)? OnBroken
//   any time before the end: OnWritable
// Interim responses (1xx) are not told. Loop-bound.
class ExchangeEvents {
 public:
  virtual ~ExchangeEvents() = default;
  // Status and headers are in the HttpResponse given to Begin().
  virtual void OnHead() = 0;
  // `bytes` are valid until the function returns.
  virtual void OnBody(std::string_view bytes) = 0;
  // Trailers are in the HttpResponse given to Begin(). The connection is back in its pool.
  virtual void OnEnd() = 0;
  // The connection is gone.
  virtual void OnBroken(CallErrorReason reason, const absl::Status& cause) = 0;
  // Everything written so far has been sent, after Flush() had returned false.
  virtual void OnWritable() = 0;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_EXCHANGE_EVENTS_H_
