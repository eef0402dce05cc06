// SPDX-License-Identifier: Apache-2.0
// EdsUpdate: an ADS client and a snapshot builder that are sent one large EndpointSet.

#ifndef BENCH_EDS_UPDATE_H_
#define BENCH_EDS_UPDATE_H_

#include <memory>
#include <string>

namespace bench {

// Thread-compatible.
class EdsUpdate final {
 public:
  // Publishes a Listener with one Cluster of `endpoints` endpoints, addresses only.
  explicit EdsUpdate(int endpoints);
  ~EdsUpdate();

  // Makes the next response: every address is another one, or all are the same.
  void Prepare(bool changed);
  // Delivers it; whether what must be published was, and nothing else.
  bool Deliver();

 private:
  class Peer;
  std::unique_ptr<Peer> peer_;
};

}  // namespace bench

#endif  // BENCH_EDS_UPDATE_H_
