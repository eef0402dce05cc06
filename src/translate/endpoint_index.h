// SPDX-License-Identifier: Apache-2.0
// EndpointIndex: the endpoints of each service, from files and from who has registered.

#ifndef MESHLIB_TRANSLATE_ENDPOINT_INDEX_H_
#define MESHLIB_TRANSLATE_ENDPOINT_INDEX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "registry/workload.h"
#include "translate/mesh_service.h"
#include "translate/trust_domains.h"

namespace meshlib::translate {

// A value.
struct MeshEndpoint {
  enum class Health : uint8_t { kUnknown, kHealthy, kUnhealthy };

  std::string address;
  uint32_t port = 0;
  manifest::Labels labels;
  std::string locality;  // "region/zone/subzone"
  uint32_t weight = 1;
  Health health = Health::kUnknown;  // unknown counts as healthy
  bool istio_tls = false;            // accepts Istio's mutual TLS
  std::string service_account;
  std::string name_space;
  std::string workload;  // its name

  friend bool operator==(const MeshEndpoint&, const MeshEndpoint&) = default;
};

// Immutable; share freely.
class EndpointIndex final {
 public:
  // `manifest` must outlive it. `registered`: the workloads that are connected and ready.
  EndpointIndex(const manifest::Manifest& manifest, std::vector<registry::Workload> registered);

  // One for each address, ordered by address and port.
  std::vector<MeshEndpoint> Of(const MeshService& service, const MeshPort& port) const;

  // Whether a registered workload is selected by the service, on whatever port.
  bool HasRegistered(const MeshService& service) const;
  // Whether the files name endpoints of it.
  bool HasListed(const MeshService& service, const MeshPort& port) const;

  // "spiffe://cluster.local/ns/default/sa/reviews" of all that the files say serve it, and the
  // names that the service itself allows, each in all of `domains`. They do not depend on who is
  // registered.
  std::vector<std::string> SubjectAltNames(const MeshService& service,
                                           const TrustDomains& domains) const;

 private:
  using Endpoints = std::vector<MeshEndpoint>;

  void AddListed(const MeshService& service, const MeshPort& port, Endpoints& out) const;
  void AddRegistered(const MeshService& service, const MeshPort& port, Endpoints& out) const;
  void AddSlices(const MeshService& service, const MeshPort& port, Endpoints& out) const;
  void AddSlicePort(const MeshService& service, const manifest::EndpointSlice& slice, uint32_t port,
                    Endpoints& out) const;
  void AddPods(const MeshService& service, const MeshPort& port, Endpoints& out) const;
  void AddWorkloadEntries(const MeshService& service, const MeshPort& port, Endpoints& out) const;
  void AddInline(const MeshService& service, const MeshPort& port, Endpoints& out) const;
  void AddInlineOf(const manifest::ServiceEntry& entry, const MeshService& service,
                   const MeshPort& port, Endpoints& out) const;

  const manifest::Workload* FindPod(const std::string& name_space, const std::string& name) const;

  const manifest::Manifest& manifest_;
  const std::vector<registry::Workload> registered_;
};

// Whether some container in `manifest` that the service selects has a port of that name.
bool KnowsContainerPort(const manifest::Manifest& manifest, const MeshService& service,
                        const std::string& name);

// The numbers that a service's target port may have on its workloads: a name is looked up in the
// containers of the workloads in `manifest` that the service selects and, where any has them, that
// carry `labels`; where nobody knows the name, it is the service's own number.
std::vector<uint32_t> TargetNumbers(const manifest::Manifest& manifest, const MeshService& service,
                                    const MeshPort& port, const manifest::Labels& labels);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_ENDPOINT_INDEX_H_
