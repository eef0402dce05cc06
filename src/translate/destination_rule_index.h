// SPDX-License-Identifier: Apache-2.0
// DestinationRuleIndex: which DestinationRule applies to a host, for a client.

#ifndef MESHLIB_TRANSLATE_DESTINATION_RULE_INDEX_H_
#define MESHLIB_TRANSLATE_DESTINATION_RULE_INDEX_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "translate/mesh_service.h"
#include "translate/node_class.h"

namespace meshlib::translate {

// Where rules for the whole mesh are kept.
inline constexpr char kRootNamespace[] = "istio-system";

// Immutable; share freely.
class DestinationRuleIndex final {
 public:
  // `manifest` must outlive it.
  explicit DestinationRuleIndex(const manifest::Manifest& manifest);

  // The rule for the most specific host that covers the service's: of the client's namespace, else
  // of the service's, else of the root namespace. Rules of one namespace, host and exportTo are
  // merged: the oldest's traffic policy, and everybody's subsets, of which those that others
  // brought have no position. Null when there is none.
  const manifest::DestinationRule* Find(const NodeClass& client, const MeshService& service) const;

 private:
  // Rules of one host, those with a workload selector first, the oldest first among equals.
  using Rules = std::vector<manifest::DestinationRule>;
  struct Namespace {
    std::map<std::string, Rules> local, exported, private_only;  // by host
  };

  static void Add(const manifest::DestinationRule& rule, std::map<std::string, Rules>& rules);

  std::map<std::string, Namespace> namespaces_;
};

// What of `policy` applies to that port: its own settings, which inherit nothing, if it has any.
manifest::TrafficPolicy PolicyForPort(const std::optional<manifest::TrafficPolicy>& policy,
                                      uint32_t port);
// The subset's settings over those of the rule, for one port.
manifest::TrafficPolicy PolicyForSubset(const manifest::DestinationRule& rule,
                                        const manifest::Subset& subset, uint32_t port);

// What applies to a port of a host with `rule`, or of its `subset`; either may be null.
manifest::TrafficPolicy PolicyOf(const manifest::DestinationRule* rule,
                                 const manifest::Subset* subset, uint32_t port);

// How the clients of that destination hash, if they do. `port` is the one that the destination
// names, if it does: only that finds port-level settings, as in Istio.
const manifest::ConsistentHash* HashOf(const manifest::DestinationRule& rule,
                                       const std::string& subset, std::optional<uint32_t> port);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_DESTINATION_RULE_INDEX_H_
