// SPDX-License-Identifier: Apache-2.0
#include "access/needed_keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>
#include <variant>

namespace meshlib::access {
namespace {

using resource::HeaderMatcher;
using resource::RbacAddress;
using resource::RbacPolicy;
using resource::RbacRule;
using resource::StringMatcher;
using Kind = TextKey::Kind;

constexpr const char* kMethod = ":method";

NeededKeys One(Kind kind, std::string_view text) {
  return std::vector<NeededKey>{{.value = {.kind = kind, .text = std::string(text)}}};
}

NeededKeys One(const StringMatcher& matcher) {
  std::optional<TextKey> key = KeyOf(matcher);
  if (!key) return std::nullopt;
  return std::vector<NeededKey>{{.value = *std::move(key)}};
}

Dimension DimensionOf(RbacAddress::Whose whose) {
  switch (whose) {
    case RbacAddress::Whose::kDestination:
      return Dimension::kDestinations;
    case RbacAddress::Whose::kRemote:
      return Dimension::kRemotes;
    case RbacAddress::Whose::kDirectRemote:
    case RbacAddress::Whose::kSource:
      break;
  }
  return Dimension::kDirectRemotes;
}

// An IPv4 address in its IPv6 form.
bool IsMapped(const resource::Address& address) {
  static constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return address.family() == resource::Address::Family::kIpv6 &&
         std::equal(kMapped.begin(), kMapped.end(), address.ip_bytes().begin());
}

NeededKeys OfRange(const resource::CidrRange& range) {
  if (!range.address.is_ip() || IsMapped(range.address)) return std::nullopt;
  // Whole digits: what is left of the range is for the policy to look at.
  const KeyText text = KeyText::OfAddress(range.address);
  return One(Kind::kPrefix, text.text().substr(0, 1 + size_t{range.prefix_size} / 4));
}

NeededKeys OfHeader(const HeaderMatcher& header, Dimension dimension) {
  if (header.invert || header.treat_missing_as_empty) return std::nullopt;
  const auto* present = std::get_if<resource::PresentMatch>(&header.match);
  if (present != nullptr && !present->present) return std::nullopt;
  const auto* text = std::get_if<StringMatcher>(&header.match);
  NeededKeys keys = text == nullptr ? std::nullopt : One(*text);
  if (dimension == Dimension::kMethods) return keys;
  if (!keys) keys = One(Kind::kPrefix, "");  // it must be there
  keys->front().name = header.name == "host" ? ":authority" : header.name;
  return keys;
}

struct LeafKeys {
  const Dimension dimension;

  NeededKeys operator()(const resource::RbacPath& path) const {
    return dimension == Dimension::kPaths ? One(path.path) : std::nullopt;
  }
  NeededKeys operator()(const resource::RbacAuthenticated& peer) const {
    return dimension == Dimension::kNames && peer.name ? One(*peer.name) : std::nullopt;
  }
  NeededKeys operator()(const HeaderMatcher& header) const {
    const Dimension its = header.name == kMethod ? Dimension::kMethods : Dimension::kHeaders;
    return dimension == its ? OfHeader(header, dimension) : std::nullopt;
  }
  NeededKeys operator()(const resource::RbacPort& port) const {
    if (dimension != Dimension::kPorts || port.end != port.start + 1) return std::nullopt;
    return One(Kind::kExact, KeyText::OfPort(port.start).text());
  }
  NeededKeys operator()(const RbacAddress& address) const {
    return dimension == DimensionOf(address.whose) ? OfRange(address.range) : std::nullopt;
  }
  NeededKeys operator()(const resource::RbacServerName& server) const {
    return dimension == Dimension::kServerNames ? One(server.name) : std::nullopt;
  }
  template <typename Other>
  NeededKeys operator()(const Other&) const {
    return std::nullopt;
  }
};

// Of IPv4 in its IPv6 form the last four bytes.
std::span<const uint8_t> BytesOf(const resource::Address& address) {
  const std::span<const uint8_t> all = address.ip_bytes();
  if (address.family() == resource::Address::Family::kIpv4) return all.first(4);
  return IsMapped(address) ? all.last(4) : all;
}

}  // namespace

KeyText KeyText::OfPort(uint32_t port) {
  KeyText key;
  key.size_ =
      static_cast<size_t>(std::to_chars(key.text_, std::end(key.text_), port).ptr - key.text_);
  return key;
}

KeyText KeyText::OfAddress(const resource::Address& address) {
  static constexpr char kDigits[] = "0123456789abcdef";
  KeyText key;
  if (!address.is_ip()) return key;
  const std::span<const uint8_t> bytes = BytesOf(address);
  key.text_[key.size_++] = bytes.size() == 4 ? '4' : '6';
  for (const uint8_t byte : bytes) {
    key.text_[key.size_++] = kDigits[byte >> 4];
    key.text_[key.size_++] = kDigits[byte & 15];
  }
  return key;
}

KeyFinder::KeyFinder(std::span<const RbacPolicy> policies, Dimension dimension)
    : dimension_(dimension) {
  for (const RbacPolicy& policy : policies) {
    Count(policy.permissions);
    Count(policy.principals);
  }
}

void KeyFinder::Count(const Rules& rules) {
  for (const RbacRule& rule : rules) {
    if (const auto* all = std::get_if<resource::RbacAllOf>(&rule.form)) {
      Count(all->rules);
    } else if (const auto* any = std::get_if<resource::RbacAnyOf>(&rule.form)) {
      Count(any->rules);
    } else if (const NeededKeys keys = Of(rule)) {
      for (const NeededKey& key : *keys) ++counts_[{key.name, key.value}];
    }
  }
}

NeededKeys KeyFinder::Find(const RbacPolicy& policy) const {
  return Rarer(OfAny(policy.permissions), OfAny(policy.principals));
}

NeededKeys KeyFinder::Of(const RbacRule& rule) const {
  if (const auto* all = std::get_if<resource::RbacAllOf>(&rule.form)) return OfAll(all->rules);
  if (const auto* any = std::get_if<resource::RbacAnyOf>(&rule.form)) return OfAny(any->rules);
  return std::visit(LeafKeys{dimension_}, rule.form);
}

// Any of the rules matches: all of them need something.
NeededKeys KeyFinder::OfAny(const Rules& rules) const {
  std::vector<NeededKey> all;
  for (const RbacRule& rule : rules) {
    NeededKeys needed = Of(rule);
    if (!needed) return std::nullopt;
    std::move(needed->begin(), needed->end(), std::back_inserter(all));
  }
  return all;
}

// All of the rules match: what one of them needs is enough.
NeededKeys KeyFinder::OfAll(const Rules& rules) const {
  NeededKeys rarest;
  for (const RbacRule& rule : rules) rarest = Rarer(std::move(rarest), Of(rule));
  return rarest;
}

NeededKeys KeyFinder::Rarer(NeededKeys a, NeededKeys b) const {
  if (!a || !b) return a ? std::move(a) : std::move(b);
  return Frequency(*a) <= Frequency(*b) ? std::move(a) : std::move(b);
}

size_t KeyFinder::Frequency(const std::vector<NeededKey>& keys) const {
  size_t frequency = 0;
  for (const NeededKey& key : keys) {
    const auto found = counts_.find({key.name, key.value});
    frequency += found == counts_.end() ? 0 : found->second;
  }
  return frequency;
}

}  // namespace meshlib::access
