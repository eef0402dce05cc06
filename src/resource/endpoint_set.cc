// SPDX-License-Identifier: Apache-2.0
#include "resource/endpoint_set.h"

namespace meshlib::resource {

std::string LocalityName::ToString() const { return region + "/" + zone + "/" + sub_zone; }

size_t EndpointSet::endpoint_count() const {
  size_t count = 0;
  for (const Locality& locality : localities) count += locality.endpoints.size();
  return count;
}

std::string EndpointSet::ToString() const {
  std::string text = name.value + ":";
  for (const Locality& locality : localities) {
    for (const Endpoint& endpoint : locality.endpoints) {
      text += " " + endpoint.address.ToString();
      if (endpoint.weight != 1) text += "*" + std::to_string(endpoint.weight);
      if (locality.priority != 0) text += "@" + std::to_string(locality.priority);
    }
  }
  return text;
}

}  // namespace meshlib::resource
