// SPDX-License-Identifier: Apache-2.0
// Demand: what Calls ask for, handed to the control thread.

#ifndef MESHLIB_MESH_DEMAND_H_
#define MESHLIB_MESH_DEMAND_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "base/event_loop.h"
#include "base/mutex.h"
#include "client/configuration_demand.h"

namespace meshlib::mesh {

// Each name reaches the control thread once. Thread-safe.
class Demand final : public client::ConfigurationDemand {
 public:
  // All functions are called on `loop`. REQUIRES: the loop runs nothing that was posted once this
  // is gone.
  Demand(base::EventLoop& loop, std::function<void(const std::string&)> require,
         std::function<void(const std::string&, uint16_t)> require_host,
         std::function<void()> require_url_tls, const std::atomic<bool>& has_answered);

  void Require(std::string_view listener_name) override;
  void RequireHost(std::string_view host, uint16_t port) override;
  void RequireUrlTls() override;
  bool HasAnswered() const override { return has_answered_.load(std::memory_order_acquire); }

 private:
  bool IsNew(std::string name);

  base::EventLoop& loop_;
  const std::function<void(const std::string&)> require_;
  const std::function<void(const std::string&, uint16_t)> require_host_;
  const std::function<void()> require_url_tls_;
  const std::atomic<bool>& has_answered_;
  base::Mutex mutex_;
  absl::flat_hash_set<std::string> asked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_DEMAND_H_
