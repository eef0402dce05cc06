// SPDX-License-Identifier: Apache-2.0
// AdsServerObserver: what a log is told of an AdsServer.

#ifndef MESHLIB_ADS_SERVER_ADS_SERVER_OBSERVER_H_
#define MESHLIB_ADS_SERVER_ADS_SERVER_OBSERVER_H_

#include <string_view>

#include "ads_server/resource_source.h"

namespace meshlib::ads_server {

// Must not call the AdsServer. Control thread only.
class AdsServerObserver {
 public:
  virtual ~AdsServerObserver() = default;
  virtual void OnStreamOpened(const Node& node) = 0;
  virtual void OnStreamEnded(const Node& node) = 0;
  // `text` is the client's.
  virtual void OnNack(const Node& node, std::string_view type_url, std::string_view version,
                      std::string_view text) = 0;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_ADS_SERVER_OBSERVER_H_
