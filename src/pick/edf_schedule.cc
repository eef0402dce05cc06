// SPDX-License-Identifier: Apache-2.0
#include "pick/edf_schedule.h"

namespace meshlib::pick {

void EdfSchedule::Heapify() {
  for (size_t i = heap_.size() / 2; i > 0; --i) SiftDown(i - 1);
}

void EdfSchedule::SiftDown(size_t at) {
  const Entry entry = heap_[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].Before(heap_[child])) ++child;
    if (!heap_[child].Before(entry)) break;
    heap_[at] = heap_[child];
    at = child;
  }
  heap_[at] = entry;
}

}  // namespace meshlib::pick
