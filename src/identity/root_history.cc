// SPDX-License-Identifier: Apache-2.0
#include "identity/root_history.h"

#include <algorithm>

namespace meshlib::identity {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

}  // namespace

void RootHistory::Add(std::string_view pem, absl::Time until) {
  for (;;) {
    const size_t begin = pem.find(kBegin);
    if (begin == std::string_view::npos) return;
    const size_t end = pem.find(kEnd, begin);
    if (end == std::string_view::npos) return;
    std::string certificate(pem.substr(begin, end + kEnd.size() - begin));
    std::erase(certificate, '\r');
    absl::Time& known =
        until_by_certificate_.try_emplace(std::move(certificate), until).first->second;
    known = std::max(known, until);
    pem.remove_prefix(end + kEnd.size());
  }
}

bool RootHistory::Expire(absl::Time now) {
  return std::erase_if(until_by_certificate_,
                       [&](const auto& entry) { return entry.second <= now; }) > 0;
}

std::string RootHistory::Pem() const {
  std::string pem;
  for (const auto& [certificate, until] : until_by_certificate_) pem += certificate + "\n";
  return pem;
}

absl::Time RootHistory::NextExpiry() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [certificate, until] : until_by_certificate_) next = std::min(next, until);
  return next;
}

}  // namespace meshlib::identity
