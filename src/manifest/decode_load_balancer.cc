// SPDX-License-Identifier: Apache-2.0
// LoadBalancerSettings.

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

constexpr uint64_t kMaxMaglevTable = 5'000'011;  // Envoy's

bool IsPrime(uint64_t number) {
  if (number < 2) return false;
  for (uint64_t factor = 2; factor * factor <= number; ++factor) {
    if (number % factor == 0) return false;
  }
  return true;
}

void DecodeSimple(const Cursor& at, LoadBalancer::Simple* out) {
  using Simple = LoadBalancer::Simple;
  DecodeEnum<Simple>(at,
                     {{"UNSPECIFIED", Simple::kUnspecified},
                      {"LEAST_CONN", Simple::kLeastConn},
                      {"RANDOM", Simple::kRandom},
                      {"PASSTHROUGH", Simple::kPassthrough},
                      {"ROUND_ROBIN", Simple::kRoundRobin},
                      {"LEAST_REQUEST", Simple::kLeastRequest}},
                     out);
  if (*out == Simple::kLeastConn) at.Warn("LEAST_CONN is deprecated: use LEAST_REQUEST");
}

void DecodeCookie(const Cursor& at, HashCookie* out) {
  Fields fields(at);
  fields.Require("name", &out->name);
  if (fields.Has("name") && out->name.empty()) fields.Error("name", "a cookie has a name");
  fields.Read("path", &out->path);
  fields.Read("ttl", &out->ttl, DecodeDurationOrZero);
  fields.WarnIgnored({"attributes"});
}

void ReadHashKey(Fields& fields, const Cursor& at, ConsistentHash* out) {
  int keys = 0;
  ConsistentHash::Header header;
  HashCookie cookie;
  ConsistentHash::QueryParameter parameter;
  bool source_ip = false;
  if (fields.Read("httpHeaderName", &header.name)) out->key = header, ++keys;
  if (fields.Read("httpCookie", &cookie, DecodeCookie)) out->key = cookie, ++keys;
  if (fields.Read("useSourceIp", &source_ip)) out->key = ConsistentHash::SourceIp{}, ++keys;
  if (fields.Read("httpQueryParameterName", &parameter.name)) out->key = parameter, ++keys;
  if (keys != 1) {
    at.Error(
        "exactly one of httpHeaderName, httpCookie, useSourceIp and httpQueryParameterName "
        "belongs here");
  }
}

void DecodeRingHash(const Cursor& at, ConsistentHash::RingHash* out) {
  Fields(at).Read("minimumRingSize", &out->minimum_ring_size);
}

void DecodeMaglev(const Cursor& at, ConsistentHash::Maglev* out) {
  Fields fields(at);
  fields.Require("tableSize", &out->table_size);
  const uint64_t size = out->table_size.value_or(2);
  if (size >= kMaxMaglevTable || !IsPrime(size)) {
    fields.Error("tableSize", absl::StrCat(size, " is not a prime number below ", kMaxMaglevTable));
  }
}

void DecodeConsistentHash(const Cursor& at, ConsistentHash* out) {
  Fields fields(at);
  ReadHashKey(fields, at, out);
  int algorithms = 0;
  ConsistentHash::RingHash ring;
  ConsistentHash::Maglev maglev;
  if (fields.Read("minimumRingSize", &ring.minimum_ring_size)) {
    fields.Warn("minimumRingSize", "is deprecated: use ringHash.minimumRingSize");
    ++algorithms;
  }
  if (fields.Read("ringHash", &ring, DecodeRingHash)) ++algorithms;
  out->algorithm = ring;
  if (fields.Read("maglev", &maglev, DecodeMaglev)) out->algorithm = maglev, ++algorithms;
  if (algorithms > 1) at.Error("there is one of ringHash, maglev and minimumRingSize only");
}

void DecodeDistribute(const Cursor& at, LocalityLbSetting::Distribute* out) {
  Fields fields(at);
  fields.Require("from", &out->from);
  fields.Require("to", &out->to);
  uint64_t total = 0;
  for (const auto& [locality, weight] : out->to) {
    if (weight < 1 || weight > 100) {
      fields.Error("to", absl::StrCat("weight ", weight, " is not from 1 to 100"));
    }
    total += weight;
  }
  if (total != 100)
    fields.Error("to", absl::StrCat("the weights sum up to ", total, ", not to 100"));
}

void DecodeFailover(const Cursor& at, LocalityLbSetting::Failover* out) {
  Fields fields(at);
  fields.Require("from", &out->from);
  fields.Require("to", &out->to);
  if (out->from == out->to) at.Error("from and to are the same region");
  for (const std::string* region : {&out->from, &out->to}) {
    if (region->find_first_of("/*") != region->npos) {
      at.Error(absl::StrCat("\"", *region, "\" is not the name of a region"));
    }
  }
}

void DecodeLocality(const Cursor& at, LocalityLbSetting* out) {
  Fields fields(at);
  fields.Read("distribute", &out->distribute, ListOf(DecodeDistribute));
  fields.Read("failover", &out->failover, ListOf(DecodeFailover));
  fields.Read("failoverPriority", &out->failover_priority);
  fields.Read("enabled", &out->enabled);
  if (!out->distribute.empty() && !out->failover.empty()) {
    at.Error("there is either distribute or failover");
  }
  for (const std::string& label : out->failover_priority) {
    if (!out->failover.empty() && absl::StartsWith(label, "topology.")) {
      at.Error(absl::StrCat("failover contradicts \"", label, "\" in failoverPriority"));
    }
  }
}

void DecodeWarmup(const Cursor& at, Warmup* out) {
  Fields fields(at);
  fields.Require("duration", &out->duration);
  fields.Read("minimumPercent", &out->minimum_percent);
  fields.Read("aggression", &out->aggression);
  if (out->minimum_percent.value_or(0) < 0 || out->minimum_percent.value_or(0) > 100) {
    fields.Error("minimumPercent", "is not from 0 to 100");
  }
  if (out->aggression.value_or(1) <= 0) fields.Error("aggression", "is not above 0");
}

}  // namespace

void Decode(const Cursor& at, LoadBalancer* out) {
  Fields fields(at);
  LoadBalancer::Simple simple = LoadBalancer::Simple::kUnspecified;
  if (fields.Read("simple", &simple, DecodeSimple)) out->policy = simple;
  ConsistentHash hash;
  if (fields.Read("consistentHash", &hash, DecodeConsistentHash)) {
    if (out->policy.index() != 0) at.Error("there is either simple or consistentHash");
    out->policy = std::move(hash);
  }
  fields.Read("localityLbSetting", &out->locality_lb_setting, DecodeLocality);
  fields.WarnIgnored({"zoneAwareLbSetting"});
  absl::Duration warmup;
  if (fields.Read("warmupDurationSecs", &warmup)) {
    fields.Warn("warmupDurationSecs", "is deprecated: use warmup.duration");
    out->warmup = Warmup{.duration = warmup, .minimum_percent = {}, .aggression = {}};
  }
  fields.Read("warmup", &out->warmup, DecodeWarmup);
}

}  // namespace meshlib::manifest
