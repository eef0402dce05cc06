// SPDX-License-Identifier: Apache-2.0
// MeshModel: a Manifest, indexed for translation.

#ifndef MESHLIB_TRANSLATE_MESH_MODEL_H_
#define MESHLIB_TRANSLATE_MESH_MODEL_H_

#include <memory>
#include <string>

#include "manifest/manifest.h"
#include "translate/destination_rule_index.h"
#include "translate/endpoint_index.h"
#include "translate/node_class.h"
#include "translate/policy_index.h"
#include "translate/service_index.h"
#include "translate/sidecar_index.h"
#include "translate/translate_report.h"
#include "translate/trust_domains.h"
#include "translate/virtual_service_index.h"

namespace meshlib::translate {

// Immutable; share freely.
class MeshModel final {
 public:
  // `trust_domain`, unless it is empty, goes before that of the MeshConfig.
  explicit MeshModel(std::shared_ptr<const manifest::Manifest> manifest,
                     const std::string& trust_domain = {});
  MeshModel(const MeshModel&) = delete;
  MeshModel& operator=(const MeshModel&) = delete;

  const manifest::Manifest& manifest() const { return *manifest_; }
  const ServiceIndex& services() const { return services_; }
  const VirtualServiceIndex& virtual_services() const { return virtual_services_; }
  const DestinationRuleIndex& rules() const { return rules_; }
  const PolicyIndex& policies() const { return policies_; }
  const SidecarIndex& sidecars() const { return sidecars_; }
  const TrustDomains& trust_domains() const { return trust_domains_; }
  // The endpoints that the files name.
  const EndpointIndex& files() const { return files_; }
  // What of clients decides what they get.
  const AskedOfClients& asked_of_clients() const { return asked_of_clients_; }
  const TranslateReport& report() const { return report_; }

 private:
  const std::shared_ptr<const manifest::Manifest> manifest_;
  const ServiceIndex services_;
  const VirtualServiceIndex virtual_services_;
  const DestinationRuleIndex rules_;
  const PolicyIndex policies_;
  const SidecarIndex sidecars_;
  const TrustDomains trust_domains_;
  const EndpointIndex files_;
  const AskedOfClients asked_of_clients_;
  const TranslateReport report_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_MESH_MODEL_H_
