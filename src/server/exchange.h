// SPDX-License-Identifier: Apache-2.0
// Exchange: one request and its response on a Connection, as a kind of handler sees them.

#ifndef MESHLIB_SERVER_EXCHANGE_H_
#define MESHLIB_SERVER_EXCHANGE_H_

#include <string_view>

#include "absl/status/status.h"
#include "meshlib/http.h"

namespace meshlib::server {

// Told by its Connection what arrives; answers through the Connection. Recycled from Call to Call.
// Grammar of a Call: OnHead OnBody* OnEnd, OnWritable* at any time behind OnHead, and last either
// OnSent or OnClosed. Loop-bound: as its Connection.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // Where the Connection decodes the head to.
  virtual HttpRequest& request() = 0;
  virtual void OnHead() = 0;
  virtual void OnBody(std::string_view bytes) = 0;
  virtual void OnEnd(const Headers& trailers) = 0;
  // The Connection takes more: after it said that it does not.
  virtual void OnWritable() = 0;
  // Whether OnSent is to wait until the response has left; without, it is in the buffer at least.
  virtual bool WaitsUntilSent() const = 0;
  // The request has been read and the response sent: the next Call may begin.
  virtual void OnSent() = 0;
  // The Call has failed, or the Connection has ended; the Connection is not used any more. False:
  // a handler still uses the Exchange, which from now on owns itself.
  [[nodiscard]] virtual bool OnClosed(const absl::Status& status) = 0;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_EXCHANGE_H_
