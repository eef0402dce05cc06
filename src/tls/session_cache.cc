// SPDX-License-Identifier: Apache-2.0
#include "tls/session_cache.h"

#include <utility>

namespace meshlib::tls {
namespace {

constexpr size_t kSessions = 16;

}  // namespace

void SessionCache::Put(bssl::UniquePtr<SSL_SESSION> session, absl::Time until) {
  Entry dropped;  // freed without the lock
  const base::MutexLock lock(mutex_);
  if (sessions_.size() >= kSessions) {
    dropped = std::move(sessions_.front());
    sessions_.pop_front();
  }
  sessions_.push_back({std::move(session), until});
}

bssl::UniquePtr<SSL_SESSION> SessionCache::Take(absl::Time now) {
  const base::MutexLock lock(mutex_);
  while (!sessions_.empty()) {
    Entry& newest = sessions_.back();
    if (now < newest.until && SSL_SESSION_should_be_single_use(newest.session.get()) != 1) {
      return bssl::UpRef(newest.session);
    }
    const Entry taken = std::move(newest);
    sessions_.pop_back();
    if (now < taken.until) return bssl::UpRef(taken.session);
  }
  return nullptr;
}

}  // namespace meshlib::tls
