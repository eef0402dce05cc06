// SPDX-License-Identifier: Apache-2.0
// TlsMaterials: certificates, keys and roots as they are now, wherever they come from.

#ifndef MESHLIB_SNAPSHOT_TLS_MATERIALS_H_
#define MESHLIB_SNAPSHOT_TLS_MATERIALS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "base/subscription.h"
#include "identity/identity_source.h"
#include "net/file_source.h"
#include "resource/tls_context.h"
#include "tls/key_pair.h"
#include "tls/trust_roots.h"

namespace meshlib::snapshot {

// A key pair, or the roots of a chain. It changes in place: `revision` tells. Control thread only.
template <typename Value>
struct TlsMaterial {
  std::string name;                    // for people: "/etc/ca.pem", "the system's roots"
  std::shared_ptr<const Value> value;  // the last good one; null: none yet, `status` says why
  // Of the identity's roots instead: peers have SPIFFE IDs.
  std::shared_ptr<const tls::SpiffeBundles> bundles;
  absl::Status status;  // of the newest
  // The workload's first certificate is not there yet, and `value` will come with it.
  bool is_awaited = false;
  uint64_t version = 0;   // grows when whom it trusts changes
  uint64_t revision = 0;  // grows whenever anything above changes
};
using KeyPairMaterial = TlsMaterial<tls::KeyPair>;
using RootsMaterial = TlsMaterial<tls::TrustRoots>;

// What TlsMaterials works with. All outlives it. A value.
struct TlsMaterialSources {
  net::FileSource* files = nullptr;  // null: there are none to be read
  // Behind the secrets "default" and "ROOTCA"; null: the workload has no identity.
  identity::IdentitySource* identity = nullptr;
  // PEM file of the CAs that this machine trusts; empty: it has none.
  std::string system_roots;
  // Told of files that became unusable, and of those that are good again; empty: nobody is.
  std::function<void(std::string_view)> warn;
};

// Finds what a CertificateSource names, once for all who want it, and keeps it current: a file that
// has changed is read again, one that is broken or half written leaves the last good value, one
// that is not there yet is waited for. Control thread only.
class TlsMaterials final {
 public:
  // `changed` is called, not within any function of this class, when a material has become
  // different.
  TlsMaterials(TlsMaterialSources sources, absl::AnyInvocable<void()> changed);
  ~TlsMaterials();
  TlsMaterials(const TlsMaterials&) = delete;
  TlsMaterials& operator=(const TlsMaterials&) = delete;

  // Kept current as long as somebody holds it. A source that is not supported is a material
  // without value.
  std::shared_ptr<const KeyPairMaterial> KeyPair(const resource::CertificateSource& source);
  std::shared_ptr<const RootsMaterial> Roots(const resource::CertificateSource& source);
  // The CAs that this machine trusts.
  std::shared_ptr<const RootsMaterial> SystemRoots();

  // One line for each material in use whose newest version is unusable.
  std::vector<std::string> Problems() const;

 private:
  template <typename Value>
  class FileMaterial;
  template <typename Value>
  class IdentityMaterial;
  template <typename Value>
  using Known = std::map<std::string, std::weak_ptr<const TlsMaterial<Value>>>;

  template <typename Value, typename Make>
  std::shared_ptr<const TlsMaterial<Value>> FindOrMake(Known<Value>& known, const std::string& key,
                                                       Make make);
  template <typename Value>
  std::shared_ptr<const TlsMaterial<Value>> Find(Known<Value>& known,
                                                 const resource::CertificateSource& source);
  void OnChanged();
  void Warn(std::string_view line);

  const TlsMaterialSources sources_;
  absl::AnyInvocable<void()> changed_;
  Known<tls::KeyPair> key_pairs_;
  Known<tls::TrustRoots> roots_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_TLS_MATERIALS_H_
