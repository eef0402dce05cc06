// SPDX-License-Identifier: Apache-2.0
#include "route/client_address.h"

#include <optional>
#include <string_view>

namespace meshlib::route {
namespace {

constexpr std::string_view kForwardedFor = "x-forwarded-for";

// Takes the last item of the list that the fields of the header are together; nullopt when there is
// none left.
class ItemsFromLast final {
 public:
  explicit ItemsFromLast(const Headers& headers) : headers_(headers), field_(headers.size()) {}

  std::optional<std::string_view> Next() {
    if (!rest_ && !NextField()) return std::nullopt;
    const size_t comma = rest_->rfind(',');
    std::string_view item = *rest_;
    if (comma == std::string_view::npos) {
      rest_.reset();
    } else {
      item = rest_->substr(comma + 1);
      rest_ = rest_->substr(0, comma);
    }
    return item;
  }

 private:
  bool NextField() {
    while (field_ > 0) {
      const Headers::Field field = headers_.at(--field_);
      if (field.name != kForwardedFor) continue;
      rest_ = field.value;
      return true;
    }
    return false;
  }

  const Headers& headers_;
  size_t field_;
  std::optional<std::string_view> rest_;
};

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

resource::Address ClientAddress(const resource::HttpSettings& settings, const Headers& headers,
                                const resource::Address& direct) {
  const uint32_t hops = settings.xff_num_trusted_hops;
  if (settings.use_remote_address && hops == 0) return direct;
  return ForwardedAddress(headers, settings.use_remote_address ? hops - 1 : hops).value_or(direct);
}

std::optional<resource::Address> ForwardedAddress(const Headers& headers, uint32_t skipped) {
  ItemsFromLast items(headers);
  std::optional<std::string_view> item = items.Next();
  for (uint32_t i = 0; item && i < skipped; ++i) item = items.Next();
  if (!item) return std::nullopt;
  return resource::Address::FromIp(Trimmed(*item), 0);
}

}  // namespace meshlib::route
