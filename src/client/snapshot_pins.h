// SPDX-License-Identifier: Apache-2.0
// SnapshotPins: the snapshots that the Calls of one loop still use.

#ifndef MESHLIB_CLIENT_SNAPSHOT_PINS_H_
#define MESHLIB_CLIENT_SNAPSHOT_PINS_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/published.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::client {

// Keeps a snapshot as long as a Call has a Pin on it. Counting is local to the loop: a Call pays no
// atomic operation. Snapshots that nobody pins go back to the control thread. Loop-bound.
class SnapshotPins final {
 private:
  struct Held {
    std::shared_ptr<const snapshot::MeshSnapshot> snapshot;  // null before the first Publish()
    uint32_t pins = 0;
  };

 public:
  // Movable. Must not outlive the SnapshotPins.
  class Pin final {
   public:
    Pin() = default;
    ~Pin() { Reset(); }
    Pin(Pin&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    Pin& operator=(Pin&& other) noexcept {
      if (this != &other) {
        Reset();
        held_ = std::exchange(other.held_, nullptr);
      }
      return *this;
    }
    void Reset() {
      if (held_ != nullptr) --held_->pins;
      held_ = nullptr;
    }
    // nullptr: nothing is pinned, or nothing has been published yet.
    const snapshot::MeshSnapshot* get() const {
      return held_ == nullptr ? nullptr : held_->snapshot.get();
    }

   private:
    friend class SnapshotPins;
    explicit Pin(Held* held) : held_(held) { ++held_->pins; }
    Held* held_ = nullptr;
  };

  explicit SnapshotPins(base::Published<snapshot::MeshSnapshot>& published)
      : published_(published), reader_(published) {}
  ~SnapshotPins() {
    for (const std::unique_ptr<Held>& held : held_) published_.Retire(std::move(held->snapshot));
  }

  // Pins the newest snapshot.
  Pin PinCurrent() {
    Update();
    return Pin(held_.back().get());
  }
  // Lets go of snapshots that are neither newest nor pinned.
  void DropUnpinned() {
    Update();
    for (size_t i = 0; i + 1 < held_.size();) {
      if (held_[i]->pins > 0) {
        ++i;
        continue;
      }
      published_.Retire(std::move(held_[i]->snapshot));
      held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

 private:
  void Update() {
    const std::shared_ptr<const snapshot::MeshSnapshot>& newest = reader_.Get();
    if (!held_.empty() && held_.back()->snapshot == newest) return;
    held_.push_back(std::make_unique<Held>(Held{newest, 0}));
  }

  base::Published<snapshot::MeshSnapshot>& published_;
  base::Published<snapshot::MeshSnapshot>::Reader reader_;
  std::vector<std::unique_ptr<Held>> held_;  // the newest is at the back
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_SNAPSHOT_PINS_H_
