// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_chain_match.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "resource/address.h"
#include "resource/cidr_range.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;
namespace lds = envoy::config::listener::v3;
using resource::FilterChain;
using Values = std::vector<std::string>;  // sorted; what is empty matches everything

constexpr uint32_t kMaxPort = 65535;

std::string DecodeCidr(const core::CidrRange& in, DecodeContext& context) {
  const auto address = resource::Address::FromIp(in.address_prefix(), 0);
  if (!address) context.Error("address_prefix", "is not an IP address");
  if (in.prefix_len().value() > 128) context.Error("prefix_len", "must not be more than 128");
  return in.address_prefix() + "/" + std::to_string(in.prefix_len().value());
}

std::string DecodeServerName(const std::string& in, DecodeContext& context) {
  const std::string name = absl::AsciiStrToLower(in);
  const size_t star = name.rfind('*');
  if (star != std::string::npos && (star != 0 || !name.starts_with("*."))) {
    context.Error("server_names", "partial wildcards are not supported");
  }
  return name.starts_with('.') ? "*" + name : name;
}

Values Sorted(Values values) {
  if (values.empty()) values.emplace_back();
  std::sort(values.begin(), values.end());
  return values;
}

bool HasTwice(const Values& values) {
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

bool HaveCommon(const Values& a, const Values& b) {
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j) return true;
    *i < *j ? ++i : ++j;
  }
  return false;
}

// One text for all ranges with the same addresses.
std::string Canonical(const std::string& text) {
  const auto range = resource::CidrRange::FromString(text);
  if (!range) return text;
  const size_t bytes = range->address.family() == resource::Address::Family::kIpv4 ? 4 : 16;
  std::string bits = absl::StrCat(bytes, "/", range->prefix_size, "/");
  for (size_t bit = 0; bit < range->prefix_size; ++bit) {
    bits.push_back((range->address.ip_bytes()[bit / 8] >> (7 - bit % 8) & 1) != 0 ? '1' : '0');
  }
  return bits;
}

// What a chain wants of a connection.
struct Wanted {
  Wanted(const lds::FilterChainMatch& in, const FilterChain& chain)
      : port(chain.destination_port),
        transport(chain.transport_protocol),
        server_names(Sorted(chain.server_names)),
        protocols(Sorted(chain.application_protocols)) {
    for (const std::string& range : chain.prefix_ranges) ranges.push_back(Canonical(range));
    ranges = Sorted(std::move(ranges));
    lds::FilterChainMatch rest = in;
    for (const char* known : {"destination_port", "prefix_ranges", "transport_protocol",
                              "server_names", "application_protocols"}) {
      rest.GetReflection()->ClearField(&rest, rest.GetDescriptor()->FindFieldByName(known));
    }
    others = rest.SerializeAsString();
  }

  bool RepeatsItself() const {
    return HasTwice(server_names) || HasTwice(ranges) || HasTwice(protocols);
  }

  std::optional<uint16_t> port;
  std::string transport;
  Values server_names, ranges, protocols;
  std::string others;
};

// A chain before it that a connection could be for as well.
class OverlapFinder final {
 public:
  std::optional<size_t> Add(Wanted wanted) {
    std::optional<size_t> found;
    const size_t index = all_.size();
    for (const std::string& name : wanted.server_names) {
      auto& same = by_name_[{wanted.port, wanted.transport, wanted.others, name}];
      for (const size_t other : same) {
        if (!found && other != index && HaveCommon(all_[other].ranges, wanted.ranges) &&
            HaveCommon(all_[other].protocols, wanted.protocols)) {
          found = other;
        }
      }
      same.push_back(index);
    }
    all_.push_back(std::move(wanted));
    return found;
  }

 private:
  using Key = std::tuple<std::optional<uint16_t>, std::string, std::string, std::string>;
  std::map<Key, std::vector<size_t>> by_name_;
  std::vector<Wanted> all_;
};

std::string Quoted(const FilterChain& chain) { return "filter chain \"" + chain.name + "\""; }

}  // namespace

void DecodeChainMatch(const lds::FilterChainMatch& in, FilterChain& out, DecodeContext& context) {
  if (in.has_destination_port()) {
    const uint32_t port = in.destination_port().value();
    if (port < 1 || port > kMaxPort) context.Error("destination_port", "must be 1 to 65535");
    out.destination_port = static_cast<uint16_t>(port);
  }
  for (int i = 0; i < in.prefix_ranges_size(); ++i) {
    const auto scope = context.In("prefix_ranges", i);
    out.prefix_ranges.push_back(DecodeCidr(in.prefix_ranges(i), context));
  }
  out.transport_protocol = in.transport_protocol();
  out.application_protocols.assign(in.application_protocols().begin(),
                                   in.application_protocols().end());
  for (const std::string& name : in.server_names()) {
    out.server_names.push_back(DecodeServerName(name, context));
  }
}

bool HasUnknownConditions(const lds::FilterChainMatch& in) {
  return in.direct_source_prefix_ranges_size() > 0 || in.source_prefix_ranges_size() > 0 ||
         in.source_ports_size() > 0 || !in.address_suffix().empty() ||
         in.source_type() != lds::FilterChainMatch::ANY ||
         !in.GetReflection()->GetUnknownFields(in).empty();
}

void CheckChainsDiffer(const lds::Listener& in, const resource::Listener& out,
                       DecodeContext& context) {
  OverlapFinder finder;
  for (int i = 0; i < in.filter_chains_size(); ++i) {
    const FilterChain& chain = out.filter_chains[static_cast<size_t>(i)];
    const auto scope = context.In("filter_chains", i);
    Wanted wanted(in.filter_chains(i).filter_chain_match(), chain);
    if (wanted.RepeatsItself()) context.Error("filter_chain_match", "lists a condition twice");
    const std::optional<size_t> other = finder.Add(std::move(wanted));
    if (!other) continue;
    context.Error("filter_chain_match", Quoted(chain) + " has the same conditions as " +
                                            Quoted(out.filter_chains[*other]) +
                                            ", or some of them");
  }
}

}  // namespace meshlib::xds
