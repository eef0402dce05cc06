// SPDX-License-Identifier: Apache-2.0
// VirtualService, and its routes for connections.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

constexpr uint64_t kMaxTotalWeight = 0xFFFFFFFF;

using base::AbslView;

// Hosts to look names up in. Of wildcards it takes the first hundred: nobody has more, and time
// stays linear. Immutable; share freely.
class HostSet final {
 public:
  explicit HostSet(const std::vector<std::string>& hosts) : exact_(hosts.begin(), hosts.end()) {
    for (const std::string& host : hosts) {
      if (host.front() == '*' && wildcards_.size() < 100) wildcards_.push_back(host);
    }
  }

  // Whether a name, or all that a wildcard covers, is within one of them.
  bool Covers(const std::string& host) const {
    return exact_.count(host) > 0 ||
           std::any_of(wildcards_.begin(), wildcards_.end(), [&](const std::string& wildcard) {
             return absl::EndsWith(host, wildcard.substr(1));
           });
  }

  const std::vector<std::string>& wildcards() const { return wildcards_; }

 private:
  std::set<std::string> exact_;
  std::vector<std::string> wildcards_;
};

void DecodeConnectionMatch(const Cursor& at, ConnectionMatch* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Read("destinationSubnets", &out->destination_subnets, ListOf(DecodeIpSubnet));
  fields.Read("port", &out->port, DecodePort);
  fields.Read("sourceLabels", &out->source_labels, DecodeLabels);
  fields.Read("gateways", &out->gateways, DecodeGatewayNames);
  fields.Read("sourceNamespace", &out->source_namespace, DecodeDnsLabel);
  fields.Read("sourceSubnet", &out->source_subnet, DecodeIpSubnet);
  fields.Read("sniHosts", &out->sni_hosts, ListOf(DecodeHostOrIp));
}

void DecodeConnectionDestination(const Cursor& at, ConnectionDestination* out) {
  Fields fields(at);
  fields.Require("destination", &out->destination);
  fields.Read("weight", &out->weight, DecodeInt32);
}

void DecodeConnectionDestinations(const Cursor& at, std::vector<ConnectionDestination>* out) {
  DecodeList(at, out, DecodeConnectionDestination);
  if (out->empty()) at.Error("a route has at least one destination");
  std::vector<uint32_t> weights;
  for (const ConnectionDestination& destination : *out) weights.push_back(destination.weight);
  CheckWeights(at, weights);
}

void DecodeTcpRoute(const Cursor& at, ConnectionRoute* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Read("match", &out->match, ListOf(DecodeConnectionMatch));
  fields.Require("route", &out->route, DecodeConnectionDestinations);
  for (const ConnectionMatch& match : out->match) {
    if (!match.sni_hosts.empty()) fields.Error("match", "sniHosts belong to routes of tls");
  }
}

void DecodeTlsRoute(const Cursor& at, ConnectionRoute* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Require("match", &out->match, ListOf(DecodeConnectionMatch));
  fields.Require("route", &out->route, DecodeConnectionDestinations);
  for (const ConnectionMatch& match : out->match) {
    if (match.sni_hosts.empty()) fields.Error("match", "a match of tls names sniHosts");
  }
}

void CheckSniHosts(const Fields& spec, const VirtualService& service) {
  const HostSet hosts(service.hosts);
  for (const ConnectionRoute& route : service.tls) {
    for (const ConnectionMatch& match : route.match) {
      for (const std::string& sni : match.sni_hosts) {
        if (sni.empty() || hosts.Covers(sni)) continue;
        spec.Error("tls", absl::StrCat("sniHost \"", sni, "\" is not within the hosts"));
      }
    }
  }
}

bool AppliesToMesh(const VirtualService& service) {
  return service.gateways.empty() ||
         std::count(service.gateways.begin(), service.gateways.end(), "mesh") > 0;
}

void CheckHosts(const Fields& spec, const VirtualService& service) {
  std::set<std::string_view> seen;
  for (const std::string& host : service.hosts) {
    if (host == "*" && AppliesToMesh(service)) {
      spec.Error("hosts", "\"*\" needs gateways other than mesh: it would take every host there");
    }
    if (!seen.insert(host).second)
      spec.Error("hosts", absl::StrCat("\"", host, "\" is there twice"));
  }
  const HostSet hosts(service.hosts);
  for (const std::string& wildcard : hosts.wildcards()) {
    for (std::string_view host : seen) {
      if (host == wildcard || !absl::EndsWith(AbslView(host), wildcard.substr(1))) continue;
      spec.Error("hosts", absl::StrCat("\"", wildcard, "\" and \"", AbslView(host), "\" overlap"));
    }
  }
}

// Without hosts it is a delegate: its HTTP routes stand in those of others.
void CheckDelegate(const Fields& spec, const VirtualService& service) {
  if (!service.hosts.empty()) return;
  if (!service.gateways.empty())
    spec.Error("gateways", "a delegate, without hosts, has no gateways");
  if (!service.tls.empty()) spec.Error("tls", "a delegate, without hosts, has routes of http only");
  if (!service.tcp.empty()) spec.Error("tcp", "a delegate, without hosts, has routes of http only");
  for (const HttpRoute& route : service.http) {
    if (route.delegate) spec.Error("http", "a delegate delegates no further");
  }
}

void CheckClaims(const Fields& spec, const VirtualService& service) {
  if (!AppliesToMesh(service)) return;
  for (const HttpRoute& route : service.http) {
    for (const HttpMatch& match : route.match) {
      for (const auto* headers : {&match.headers, &match.without_headers}) {
        for (const auto& [name, value] : *headers) {
          if (absl::StartsWith(name, "@"))
            spec.Error("http", "claims are matched at gateways only");
        }
      }
    }
  }
}

void DecodeSpec(const Cursor& at, VirtualService* out) {
  Fields fields(at);
  fields.Read("hosts", &out->hosts, [](const Cursor& list, auto* hosts) {
    DecodeList(list, hosts, DecodeHostOrIp);
    std::erase(*hosts, std::string());  // reported already
  });
  out->hosts_position = fields.PositionOf("hosts");
  fields.Read("gateways", &out->gateways, DecodeGatewayNames);
  fields.Read("http", &out->http);
  fields.Read("tls", &out->tls, ListOf(DecodeTlsRoute));
  fields.Read("tcp", &out->tcp, ListOf(DecodeTcpRoute));
  fields.Read("exportTo", &out->export_to, [&](const Cursor& list, auto* values) {
    DecodeExportTo(list, values, out->meta.name_space);
  });
  if (out->http.empty() && out->tls.empty() && out->tcp.empty()) {
    at.Error("one of http, tls and tcp is missing");
  }
  CheckHosts(fields, *out);
  CheckDelegate(fields, *out);
  CheckSniHosts(fields, *out);
  CheckClaims(fields, *out);
}

}  // namespace

void CheckWeights(const Cursor& at, const std::vector<uint32_t>& weights) {
  uint64_t total = 0;
  for (uint32_t weight : weights) total += weight;
  if (weights.size() > 1 && total == 0) at.Error("the weights sum up to 0");
  if (total > kMaxTotalWeight) {
    at.Error(absl::StrCat("the weights sum up to ", total, ", more than ", kMaxTotalWeight));
  }
}

void DecodeVirtualService(Fields& fields, VirtualService* out) {
  fields.Require("spec", out, DecodeSpec);
  fields.Ignore({"status"});
}

}  // namespace meshlib::manifest
