// SPDX-License-Identifier: Apache-2.0
// How old a Connection with TLS may become: a certificate is looked at when a connection is made,
// so that one which has expired, or whose root was withdrawn, is served no longer than that.

#include "server/connection.h"
#include "server/loop_server.h"

namespace meshlib::server {
namespace {

// Connections that were made together are not to end together.
constexpr double kSpread = 0.1;

}  // namespace

absl::Time Connection::AgesAt() const {
  const absl::Duration limit =
      server_.serving().options.max_tls_connection_age.value_or(absl::InfiniteDuration());
  if (engine_ == nullptr) return absl::InfiniteFuture();
  return server_.loop().Now() + limit * (1 - kSpread * server_.random().Fraction());
}

bool Connection::BeginToAge() {
  if (aged_ || server_.loop().Now() < ages_at_) return false;
  aged_ = true;
  if (!writer_.begun()) writer_.EndConnection();
  timer_.Set(Deadline());
  return true;
}

}  // namespace meshlib::server
