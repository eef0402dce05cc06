// SPDX-License-Identifier: Apache-2.0
// Header operations of a VirtualService, as xDS.

#ifndef MESHLIB_TRANSLATE_HEADER_OPERATIONS_H_
#define MESHLIB_TRANSLATE_HEADER_OPERATIONS_H_

#include <string>
#include <vector>

#include "manifest/http_route.h"
#include "translate/xds.h"

namespace meshlib::translate {

// What is set comes before what is added. A value.
struct HeaderChanges {
  std::vector<xds_core::HeaderValueOption> request_add, response_add;
  std::vector<std::string> request_remove, response_remove;
  std::string authority;  // what the request's Host is set to; empty: not at all
};

// The headers that start with ":", and Host, are no headers to Envoy: they can only be set, as the
// authority.
HeaderChanges TranslateHeaders(const manifest::HeaderPolicy& policy);

// Appends them to a Route or a ClusterWeight.
template <typename Message>
void AppendHeaders(const HeaderChanges& changes, Message& out) {
  for (const auto& option : changes.request_add) *out.add_request_headers_to_add() = option;
  for (const auto& option : changes.response_add) *out.add_response_headers_to_add() = option;
  for (const auto& name : changes.request_remove) out.add_request_headers_to_remove(name);
  for (const auto& name : changes.response_remove) out.add_response_headers_to_remove(name);
}

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_HEADER_OPERATIONS_H_
