// SPDX-License-Identifier: Apache-2.0
// HostIndex: which hosts the objects of a Manifest define, and what is known of each.

#ifndef MESHLIB_MANIFEST_HOST_INDEX_H_
#define MESHLIB_MANIFEST_HOST_INDEX_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"

namespace meshlib::manifest {

// "reviews" of an object in "default" is "reviews.default.svc.cluster.local"; what has a dot or
// starts with "*" is complete.
std::string CompleteHost(const std::string& host, const std::string& name_space);

// Whether every name that `host` covers is covered by `of`.
bool HostCoveredBy(std::string_view host, std::string_view of);
// Whether some name is covered by both.
bool HostsMeet(std::string_view a, std::string_view b);

// Borrows the Manifest. Immutable; share freely.
class HostIndex final {
 public:
  explicit HostIndex(const Manifest& manifest);

  // Whether a Service or ServiceEntry defines the complete host; of a wildcard, whether any is
  // within it.
  bool Has(const std::string& host) const;
  // The numbers of the host's ports; empty where they are unknown.
  std::set<uint32_t> PortsOf(const std::string& host) const;
  // A host that may have been meant.
  std::optional<std::string> Nearest(const std::string& host) const;
  // The DestinationRules whose host covers it.
  std::vector<const DestinationRule*> RulesFor(const std::string& host) const;
  // The Service of a complete host, or nullptr.
  const Service* ServiceOf(const std::string& host) const;

 private:
  std::map<std::string, std::set<uint32_t>> exact_;
  std::map<std::string, std::set<uint32_t>> wildcards_;
  std::map<std::string, const Service*> services_;
  std::map<std::string, std::vector<const DestinationRule*>> rules_;  // by complete host
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_HOST_INDEX_H_
