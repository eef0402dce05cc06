// SPDX-License-Identifier: Apache-2.0
// MeshSource: the resources of a mesh that is described by files and joined by workloads.

#ifndef MESHLIB_TRANSLATE_MESH_SOURCE_H_
#define MESHLIB_TRANSLATE_MESH_SOURCE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "ads_server/resource_source.h"
#include "base/subscription.h"
#include "manifest/manifest.h"
#include "registry/registry.h"
#include "translate/body_pool.h"
#include "translate/endpoint_index.h"
#include "translate/mesh_model.h"
#include "translate/node_view.h"
#include "translate/translate_report.h"

namespace meshlib::translate {

// Answers are made when first asked for, kept per NodeClass until the manifest (or, for endpoints,
// the registry) changes, and are the same pointers as before where nothing changed.
//
//   MeshSource source(registry);
//   source.Update(manifest);
//   ads_server::AdsServer server(loop, source, ...);
//
// Control thread only.
class MeshSource final : public ads_server::ResourceSource {
 public:
  // `registry` must outlive it. Before the first Update(), nothing exists.
  explicit MeshSource(registry::Registry& registry);
  ~MeshSource() override;
  MeshSource(const MeshSource&) = delete;
  MeshSource& operator=(const MeshSource&) = delete;

  // `trust_domain`, unless it is empty, goes before that of the MeshConfig.
  void Update(std::shared_ptr<const manifest::Manifest> manifest,
              const std::string& trust_domain = {});
  // Of the manifest as a whole; empty before the first Update().
  TranslateReport report() const { return model_ ? model_->report() : TranslateReport(); }

  ads_server::ServedResources Resources(const ads_server::Node& node, std::string_view type_url,
                                        const std::vector<std::string>& names,
                                        bool wildcard) override;
  base::Subscription Watch(absl::AnyInvocable<void()> changed) override;

 private:
  using Body = std::shared_ptr<const std::string>;  // null: there is no such resource
  struct Watchers;
  struct ClassCache;

  ClassCache& CacheFor(const ads_server::Node& node);
  Body Find(ClassCache& cache, const ads_server::Node& node, std::string_view type_url,
            const std::string& name);
  Body FindListener(ClassCache& cache, const ads_server::Node& node, const std::string& name);
  bool MayTellEndpoints(const NodeView& view, const std::string& cluster) const;
  void RegistryChanged();
  void NotifyWatchers();

  registry::Registry& registry_;
  BodyPool pool_;
  std::shared_ptr<const MeshModel> model_;
  std::unique_ptr<const EndpointIndex> endpoints_;  // points into model_
  std::map<NodeClass, std::unique_ptr<ClassCache>> classes_;
  std::shared_ptr<Watchers> watchers_;  // shared with Subscriptions that may outlive this
  base::Subscription registry_watch_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_MESH_SOURCE_H_
