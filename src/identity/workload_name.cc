// SPDX-License-Identifier: Apache-2.0
#include "identity/workload_name.h"

#include "absl/strings/str_cat.h"
#include "tls/spiffe.h"

namespace meshlib::identity {

std::string WorkloadName::SpiffeId() const {
  return absl::StrCat("spiffe://", trust_domain, "/ns/", name_space, "/sa/", service_account);
}

absl::Status CheckWorkloadName(const WorkloadName& name) {
  const std::string path = absl::StrCat("/ns/", name.name_space, "/sa/", name.service_account);
  auto id = tls::SpiffeId::Parse(name.SpiffeId());
  if (!id.ok()) return id.status();
  // A slash in a name would have made it another workload's.
  const bool slash =
      (name.trust_domain + name.name_space + name.service_account).find('/') != std::string::npos;
  if (slash || id->path != path) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name.name_space, "/", name.service_account, "\" is no service account"));
  }
  return absl::OkStatus();
}

}  // namespace meshlib::identity
