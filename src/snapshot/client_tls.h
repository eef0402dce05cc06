// SPDX-License-Identifier: Apache-2.0
// ClientTls: how connections are secured under one policy, ready for handshakes.

#ifndef MESHLIB_SNAPSHOT_CLIENT_TLS_H_
#define MESHLIB_SNAPSHOT_CLIENT_TLS_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "tls/context.h"

namespace meshlib::snapshot {

// Thread-safe.
class ClientTls final {
 public:
  // What the host of a request's authority decides. A value.
  struct ByHost {
    bool sni = false;    // it is the SNI, unless it is an IP address
    bool names = false;  // the peer's certificate must be for it
  };

  // Why what a policy needs is not there yet. A value.
  struct NotYet {
    absl::Status why;
  };

  // For a policy that cannot be followed: every Call fails with `why`.
  ClientTls(absl::Status why, std::string description);
  // For one that can be followed later, under another snapshot: Calls wait for that.
  ClientTls(NotYet not_yet, std::string description);
  // `settings` without what `by_host` adds.
  ClientTls(tls::ClientSettings settings, ByHost by_host, std::string description);
  ~ClientTls();

  // What new connections for requests to `host` are made with, or why there can be none. `host` is
  // a name or an IP address, without brackets.
  absl::StatusOr<std::shared_ptr<const tls::ClientContext>> For(std::string_view host) const;

  // Whether For() takes notice of its argument.
  bool depends_on_host() const { return by_host_.sni || by_host_.names; }
  // Whether Calls are to wait for a later policy instead of failing with what For() says.
  bool is_awaited() const { return is_awaited_; }
  // "TLS, SNI db.example, roots /etc/ca.pem".
  const std::string& description() const { return description_; }

 private:
  using Context = std::shared_ptr<const tls::ClientContext>;

  absl::StatusOr<Context> Make(std::string_view host) const;

  const tls::ClientSettings settings_;
  const ByHost by_host_;
  const bool is_awaited_ = false;
  const std::string description_;
  absl::StatusOr<Context> fixed_;  // of a policy that does not depend on the host
  mutable base::Mutex mutex_;
  mutable absl::flat_hash_map<std::string, Context> contexts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_CLIENT_TLS_H_
