// SPDX-License-Identifier: Apache-2.0
// EndpointSet: envoy.config.endpoint.v3.ClusterLoadAssignment.

#ifndef MESHLIB_RESOURCE_ENDPOINT_SET_H_
#define MESHLIB_RESOURCE_ENDPOINT_SET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "resource/address.h"
#include "resource/names.h"

namespace meshlib::resource {

// config.core.v3.HealthStatus, as far as it differs for us: UNKNOWN counts as healthy, TIMEOUT as
// unhealthy (Envoy).
enum class Health : uint8_t { kHealthy, kDegraded, kUnhealthy, kDraining };

// What the endpoint speaks, from metadata "envoy.transport_socket_match" tlsMode.
enum class TlsMode : uint8_t { kDisabled, kIstio };

// envoy.config.endpoint.v3.LbEndpoint. A value.
struct Endpoint {
  Address address;
  uint32_t weight = 1;  // load_balancing_weight, >= 1
  Health health = Health::kHealthy;
  TlsMode tls_mode = TlsMode::kDisabled;
  // Shared, because most endpoints have none of it and there are many. Null: none.
  struct Details {
    std::string hostname;
    std::string workload;                   // metadata "istio" workload, for people
    std::vector<Address> more_addresses{};  // additional_addresses: raced with `address`
    friend bool operator==(const Details&, const Details&) = default;
  };
  std::shared_ptr<const Details> details;

  friend bool operator==(const Endpoint& a, const Endpoint& b) {
    return a.address == b.address && a.weight == b.weight && a.health == b.health &&
           a.tls_mode == b.tls_mode &&
           (a.details == b.details || (a.details && b.details && *a.details == *b.details));
  }
};

// envoy.config.core.v3.Locality. A value.
struct LocalityName {
  std::string region, zone, sub_zone;
  std::string ToString() const;  // "region/zone/sub_zone"
  friend bool operator==(const LocalityName&, const LocalityName&) = default;
};

// envoy.config.endpoint.v3.LocalityLbEndpoints. A value.
struct Locality {
  LocalityName name;
  uint32_t weight = 0;  // load_balancing_weight; 0: none given
  uint32_t priority = 0;
  std::vector<Endpoint> endpoints;
  friend bool operator==(const Locality&, const Locality&) = default;
};

// policy.drop_overloads. A value.
struct DropOverload {
  std::string category;
  uint32_t per_million = 0;
  friend bool operator==(const DropOverload&, const DropOverload&) = default;
};

// A value.
struct EndpointSet {
  EndpointSetName name;
  std::vector<Locality> localities;  // priorities have no gap; addresses are unique per priority
  uint32_t overprovisioning_percent = 140;
  std::vector<DropOverload> drops;

  size_t endpoint_count() const;
  std::string ToString() const;
  friend bool operator==(const EndpointSet&, const EndpointSet&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_ENDPOINT_SET_H_
