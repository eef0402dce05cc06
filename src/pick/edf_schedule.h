// SPDX-License-Identifier: Apache-2.0
// EdfSchedule: weighted round robin, earliest deadline first.

#ifndef MESHLIB_PICK_EDF_SCHEDULE_H_
#define MESHLIB_PICK_EDF_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace meshlib::pick {

// Envoy's EdfScheduler: an entry is due every 1/weight, and the one due first is picked; entries
// due at the same time take turns. Loop-bound.
class EdfSchedule final {
 public:
  bool empty() const { return heap_.empty(); }

  // As it stands after `picks` picks, so that several loops do not start with the same entry.
  // `weight(i)` of 0 <= i < count must be > 0. The only allocation.
  template <typename Weight>
  void Build(size_t count, uint64_t picks, Weight weight);

  // The entry that is due; `weight(index)` says when it will be again. REQUIRES: !empty().
  template <typename Weight>
  uint32_t Next(Weight weight) {
    const uint32_t index = heap_.front().index;
    heap_.front() = {heap_.front().due + 1.0 / weight(index), ++order_, index};
    SiftDown(0);
    return index;
  }

 private:
  struct Entry {
    double due = 0;
    uint64_t order = 0;
    uint32_t index = 0;
    bool Before(const Entry& other) const {
      return due != other.due ? due < other.due : order < other.order;
    }
  };

  void Heapify();
  void SiftDown(size_t at);

  std::vector<Entry> heap_;
  uint64_t order_ = 0;
};

template <typename Weight>
void EdfSchedule::Build(size_t count, uint64_t picks, Weight weight) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += weight(static_cast<uint32_t>(i));
  heap_.resize(count);
  uint64_t done = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto index = static_cast<uint32_t>(i);
    const auto whole = static_cast<uint64_t>(static_cast<double>(picks) * (weight(index) / sum));
    done += whole;
    heap_[i] = {static_cast<double>(whole + 1) / weight(index), ++order_, index};
  }
  Heapify();
  for (; done < picks && count > 0; ++done) Next(weight);
}

}  // namespace meshlib::pick

#endif  // MESHLIB_PICK_EDF_SCHEDULE_H_
