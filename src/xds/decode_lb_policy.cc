// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_lb_policy.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace cds = envoy::config::cluster::v3;
using resource::LbPolicy;

constexpr uint64_t kMaxRingSize = 8'388'608;
constexpr uint64_t kMaxTableSize = 5'000'011;
constexpr uint64_t kDefaultMinRing = 1024;

bool IsPrime(uint64_t number) {
  if (number < 2) return false;
  for (uint64_t divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return true;
}

void CheckRingHash(const cds::Cluster::RingHashLbConfig& in, DecodeContext& context) {
  const auto scope = context.In("ring_hash_lb_config");
  const uint64_t min =
      in.has_minimum_ring_size() ? in.minimum_ring_size().value() : kDefaultMinRing;
  const uint64_t max = in.has_maximum_ring_size() ? in.maximum_ring_size().value() : kMaxRingSize;
  if (min > kMaxRingSize) context.Error("minimum_ring_size", "must not be more than 8388608");
  if (max > kMaxRingSize) context.Error("maximum_ring_size", "must not be more than 8388608");
  if (min > max) context.Error("minimum_ring_size", "is larger than maximum_ring_size");
  if (!cds::Cluster::RingHashLbConfig::HashFunction_IsValid(in.hash_function())) {
    context.Error("hash_function", "unknown value");
  }
}

void CheckMaglev(const cds::Cluster::MaglevLbConfig& in, DecodeContext& context) {
  if (!in.has_table_size()) return;
  const auto scope = context.In("maglev_lb_config");
  const uint64_t size = in.table_size().value();
  if (size > kMaxTableSize) {
    context.Error("table_size", "must not be more than 5000011");
  } else if (!IsPrime(size)) {
    context.Error("table_size", std::to_string(size) + " is not prime");
  }
}

void DecodeLeastRequest(const cds::Cluster::LeastRequestLbConfig& in, resource::Cluster& out,
                        DecodeContext& context) {
  const auto scope = context.In("least_request_lb_config");
  if (in.has_choice_count()) {
    out.least_request_choices = in.choice_count().value();
    if (out.least_request_choices < 2) context.Error("choice_count", "must be at least 2");
  }
  if (in.has_active_request_bias()) {
    const double bias = in.active_request_bias().default_value();
    // Envoy falls back to 1 for what makes no sense.
    out.active_request_bias = std::isfinite(bias) && bias >= 0 ? bias : 1.0;
  }
  ReportUnused(in, {"choice_count", "active_request_bias"}, context);
}

void DecodeConfig(const cds::Cluster& in, resource::Cluster& out, DecodeContext& context) {
  if (in.has_ring_hash_lb_config()) CheckRingHash(in.ring_hash_lb_config(), context);
  if (in.has_maglev_lb_config()) CheckMaglev(in.maglev_lb_config(), context);
  if (in.has_least_request_lb_config()) {
    DecodeLeastRequest(in.least_request_lb_config(), out, context);
  }
  if (in.round_robin_lb_config().has_slow_start_config()) {
    context.Ignored("round_robin_lb_config.slow_start_config");
  }
}

void DecodeCommon(const cds::Cluster::CommonLbConfig& in, resource::Cluster& out,
                  DecodeContext& context) {
  const auto scope = context.In("common_lb_config");
  if (in.has_healthy_panic_threshold()) {
    out.healthy_panic_percent =
        DecodePercent(in.healthy_panic_threshold(), "healthy_panic_threshold", context);
  }
  out.locality_weighted = in.has_locality_weighted_lb_config();
  const auto& hashing = in.consistent_hashing_lb_config();
  if (hashing.has_hash_balance_factor() && hashing.hash_balance_factor().value() < 100) {
    context.Error("consistent_hashing_lb_config.hash_balance_factor", "must be at least 100");
  }
  // Zone-aware routing needs a local cluster, which there is none of; updates are not merged.
  ReportUnused(in,
               {"healthy_panic_threshold", "zone_aware_lb_config", "locality_weighted_lb_config",
                "update_merge_window"},
               context);
}

// The extensions of load_balancing_policy that stand for an LbPolicy.
std::optional<LbPolicy> PolicyOfExtension(std::string_view type) {
  static constexpr std::array<std::pair<std::string_view, LbPolicy>, 5> kKnown = {{
      {"envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin", LbPolicy::kRoundRobin},
      {"envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest",
       LbPolicy::kLeastRequest},
      {"envoy.extensions.load_balancing_policies.random.v3.Random", LbPolicy::kRandom},
      {"envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash", LbPolicy::kRingHash},
      {"envoy.extensions.load_balancing_policies.maglev.v3.Maglev", LbPolicy::kMaglev},
  }};
  for (const auto& [name, policy] : kKnown) {
    if (name == type) return policy;
  }
  return std::nullopt;
}

// load_balancing_policy: the first that is known counts.
LbPolicy DecodeExtension(const cds::LoadBalancingPolicy& in, DecodeContext& context) {
  const auto scope = context.In("load_balancing_policy");
  for (const auto& policy : in.policies()) {
    const auto& config = policy.typed_extension_config().typed_config();
    const auto known = PolicyOfExtension(ExtensionType(config));
    if (!known) continue;
    if (!config.value().empty()) {
      context.Approximated("policies", "the settings of the policy are not supported yet");
    }
    return *known;
  }
  context.Error("policies", "none of them is known here");
  return LbPolicy::kRoundRobin;
}

LbPolicy DecodePolicy(const cds::Cluster& in, DecodeContext& context) {
  if (in.has_load_balancing_policy()) return DecodeExtension(in.load_balancing_policy(), context);
  switch (in.lb_policy()) {
    case cds::Cluster::ROUND_ROBIN:
    case cds::Cluster::CLUSTER_PROVIDED:
      return LbPolicy::kRoundRobin;
    case cds::Cluster::LEAST_REQUEST:
      return LbPolicy::kLeastRequest;
    case cds::Cluster::RING_HASH:
      return LbPolicy::kRingHash;
    case cds::Cluster::RANDOM:
      return LbPolicy::kRandom;
    case cds::Cluster::MAGLEV:
      return LbPolicy::kMaglev;
    case cds::Cluster::LOAD_BALANCING_POLICY_CONFIG:
      context.Error("load_balancing_policy", "is required");
      return LbPolicy::kRoundRobin;
    default:
      context.Error("lb_policy", "unknown value");
      return LbPolicy::kRoundRobin;
  }
}

}  // namespace

void DecodeLbPolicy(const cds::Cluster& in, resource::Cluster& out, DecodeContext& context) {
  out.lb_policy = DecodePolicy(in, context);
  if (out.lb_policy == LbPolicy::kRingHash) {
    context.Approximated("lb_policy",
                         "RING_HASH is not supported yet, endpoints are picked at "
                         "random");
  } else if (out.lb_policy == LbPolicy::kMaglev) {
    context.Approximated("lb_policy",
                         "MAGLEV is not supported yet, endpoints are picked at random");
  }
  DecodeConfig(in, out, context);
  DecodeCommon(in.common_lb_config(), out, context);
}

}  // namespace meshlib::xds
