// SPDX-License-Identifier: Apache-2.0
#include "snapshot/tls_materials.h"

#include <algorithm>
#include <optional>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_view.h"

namespace meshlib::snapshot {
namespace {

using resource::CertificateSource;

// Names that istiod gives to secrets, which its agent serves to proxies.
constexpr std::string_view kIdentitySecret = "default";
constexpr std::string_view kRootsSecret = "ROOTCA";
constexpr const char* kOwn = "";  // no file has that name
constexpr std::string_view kRootsFile = "file-root:";
constexpr std::string_view kKeyPairFiles = "file-cert:";
constexpr std::string_view kSystemRoots = "file-root:system";

// "file-cert:CHAIN~KEY" or "file-root:PATH"; nullopt for secrets of other kinds.
std::optional<CertificateSource> FilesOf(std::string_view secret) {
  CertificateSource files;
  if (secret == kSystemRoots) {
    files.system_roots = true;
    return files;
  }
  if (secret.starts_with(kRootsFile)) {
    files.ca_file = secret.substr(kRootsFile.size());
    return files;
  }
  if (!secret.starts_with(kKeyPairFiles)) return std::nullopt;
  const std::string_view pair = secret.substr(kKeyPairFiles.size());
  const size_t end = pair.find('~');
  if (end == std::string_view::npos) return std::nullopt;
  files.certificate_file = pair.substr(0, end);
  files.private_key_file = pair.substr(end + 1);
  return files;
}

template <typename Value>
std::shared_ptr<const TlsMaterial<Value>> Unusable(std::string name, absl::Status status) {
  auto material = std::make_shared<TlsMaterial<Value>>();
  material->name = std::move(name);
  material->status = std::move(status);
  return material;
}

template <typename Value>
std::shared_ptr<const TlsMaterial<Value>> OfText(
    std::string name, absl::StatusOr<std::shared_ptr<const Value>> value) {
  auto material = std::make_shared<TlsMaterial<Value>>();
  material->name = std::move(name);
  material->status = value.status();
  if (value.ok()) material->value = *std::move(value);
  return material;
}

// What differs between a certificate with its key and roots.
template <typename Value>
struct Kind;

template <>
struct Kind<tls::KeyPair> {
  static constexpr std::string_view kSecret = kIdentitySecret;
  static constexpr const char* kText = "the certificate in the configuration";
  static constexpr const char* kNone = "no certificate";
  static constexpr const char* kNoFiles = "no certificate files are named";

  static std::vector<std::string> Texts(const CertificateSource& source) {
    return {source.certificate_pem, source.private_key_pem};
  }
  static std::vector<std::string> Paths(const CertificateSource& source) {
    return {source.certificate_file, source.private_key_file};
  }
  static auto Decode(const std::vector<std::string>& texts, const std::string& name) {
    return tls::KeyPair::FromPem(texts[0], texts[1], name);
  }
};

template <>
struct Kind<tls::TrustRoots> {
  static constexpr std::string_view kSecret = kRootsSecret;
  static constexpr const char* kText = "the roots in the configuration";
  static constexpr const char* kNone = "no roots";
  static constexpr const char* kNoFiles = "no file of roots is named";

  static std::vector<std::string> Texts(const CertificateSource& source) { return {source.ca_pem}; }
  static std::vector<std::string> Paths(const CertificateSource& source) {
    return {source.ca_file};
  }
  static auto Decode(const std::vector<std::string>& texts, const std::string& name) {
    return tls::TrustRoots::FromPem(texts[0], name);
  }
};

}  // namespace

// One or two files that make one value.
template <typename Value>
class TlsMaterials::FileMaterial final {
 public:
  FileMaterial(TlsMaterials& owner, std::vector<std::string> paths)
      : owner_(owner), paths_(std::move(paths)) {
    material_.name = absl::StrJoin(paths_, " and ");
    Load();
    for (const std::string& path : paths_) {
      watches_.push_back(owner_.sources_.files->Watch(path, [this] {
        if (Load()) owner_.OnChanged();
      }));
    }
  }

  const TlsMaterial<Value>& material() const { return material_; }

 private:
  // Whether anything has become different.
  bool Load() {
    std::vector<std::string> texts;
    absl::Status status;
    for (const std::string& path : paths_) {
      auto text = owner_.sources_.files->Read(path);
      status.Update(text.status());
      texts.push_back(text.ok() ? *std::move(text) : std::string());
    }
    if (status.ok() && texts == texts_) return SetStatus({});
    if (status.ok()) {
      auto value = Kind<Value>::Decode(texts, material_.name);
      if (value.ok()) {
        material_.value = *std::move(value);
        texts_ = std::move(texts);
        ++material_.version;
        ++material_.revision;
        SetStatus({});
        return true;
      }
      status = value.status();
    }
    return SetStatus(std::move(status));
  }

  bool SetStatus(absl::Status status) {
    if (status == material_.status) return false;
    const bool stays = material_.value != nullptr;
    if (!status.ok()) {
      owner_.Warn(absl::StrCat("security: ", status.message(),
                               stays ? "; the last good version stays in use" : ""));
    } else if (!material_.status.ok()) {
      owner_.Warn(absl::StrCat("security: ", material_.name, " is usable now"));
    }
    material_.status = std::move(status);
    ++material_.revision;
    return true;
  }

  TlsMaterials& owner_;
  const std::vector<std::string> paths_;
  std::vector<std::string> texts_;  // of material_.value
  TlsMaterial<Value> material_;
  std::vector<base::Subscription> watches_;
};

// The workload's own.
template <typename Value>
class TlsMaterials::IdentityMaterial final {
 public:
  explicit IdentityMaterial(TlsMaterials& owner) : owner_(owner) {
    material_.name = "the workload's identity";
    Load();
    watch_ = owner_.sources_.identity->Watch([this] {
      Load();
      owner_.OnChanged();
    });
  }

  const TlsMaterial<Value>& material() const { return material_; }

 private:
  void Load() {
    const auto identity = owner_.sources_.identity->Current();
    material_.status = owner_.sources_.identity->status();
    ++material_.revision;
    // An authority that is none will not become one.
    material_.is_awaited = identity == nullptr && !absl::IsUnimplemented(material_.status);
    if (identity == nullptr) {
      material_.status.Update(absl::UnavailableError("the workload has no identity yet"));
      return;
    }
    if constexpr (std::is_same_v<Value, tls::KeyPair>) {
      material_.value = identity->key_pair;
    } else {
      material_.value = identity->roots();
      if (material_.bundles != nullptr && *material_.bundles == *identity->bundles) return;
      material_.bundles = identity->bundles;
      ++material_.version;
    }
  }

  TlsMaterials& owner_;
  TlsMaterial<Value> material_;
  base::Subscription watch_;
};

TlsMaterials::TlsMaterials(TlsMaterialSources sources, absl::AnyInvocable<void()> changed)
    : sources_(std::move(sources)), changed_(std::move(changed)) {}

TlsMaterials::~TlsMaterials() = default;

template <typename Value, typename Make>
std::shared_ptr<const TlsMaterial<Value>> TlsMaterials::FindOrMake(Known<Value>& known,
                                                                   const std::string& key,
                                                                   Make make) {
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  auto& place = known[key];
  if (auto found = place.lock()) return found;
  auto owner = make();
  std::shared_ptr<const TlsMaterial<Value>> made(owner, &owner->material());
  place = made;
  return made;
}

template <typename Value>
std::shared_ptr<const TlsMaterial<Value>> TlsMaterials::Find(Known<Value>& known,
                                                             const CertificateSource& source) {
  using Kind = snapshot::Kind<Value>;
  if (source.secret == Kind::kSecret || !source.provider_instance.empty()) {
    if (sources_.identity == nullptr) {
      return Unusable<Value>("the workload's identity",
                             absl::UnavailableError("the workload has no identity"));
    }
    return FindOrMake(known, kOwn,
                      [&] { return std::make_shared<IdentityMaterial<Value>>(*this); });
  }
  if (!source.secret.empty()) {
    return Unusable<Value>(source.secret,
                           absl::UnimplementedError(absl::StrCat("the secret \"", source.secret,
                                                                 "\" is of a kind that is not "
                                                                 "supported yet")));
  }
  if (const std::vector<std::string> texts = Kind::Texts(source); !texts[0].empty()) {
    return OfText<Value>(Kind::kText, Kind::Decode(texts, Kind::kText));
  }
  const std::vector<std::string> paths = Kind::Paths(source);
  const bool all = std::none_of(paths.begin(), paths.end(),
                                [](const std::string& path) { return path.empty(); });
  if (sources_.files == nullptr || !all) {
    return Unusable<Value>(Kind::kNone, absl::FailedPreconditionError(Kind::kNoFiles));
  }
  return FindOrMake(known, absl::StrJoin(paths, "~"),
                    [&] { return std::make_shared<FileMaterial<Value>>(*this, paths); });
}

std::shared_ptr<const KeyPairMaterial> TlsMaterials::KeyPair(const CertificateSource& source) {
  return Find(key_pairs_, FilesOf(source.secret).value_or(source));
}

std::shared_ptr<const RootsMaterial> TlsMaterials::Roots(const CertificateSource& source) {
  const CertificateSource named = FilesOf(source.secret).value_or(source);
  return named.system_roots ? SystemRoots() : Find(roots_, named);
}

std::shared_ptr<const RootsMaterial> TlsMaterials::SystemRoots() {
  if (sources_.system_roots.empty()) {
    return Unusable<tls::TrustRoots>(
        "the system's roots",
        absl::NotFoundError("this machine has no file of trusted CAs (set SSL_CERT_FILE)"));
  }
  CertificateSource file;
  file.ca_file = sources_.system_roots;
  return Roots(file);
}

std::vector<std::string> TlsMaterials::Problems() const {
  std::vector<std::string> lines;
  const auto add = [&](const auto& known) {
    for (const auto& [key, weak] : known) {
      const auto material = weak.lock();
      if (material != nullptr && !material->status.ok()) {
        lines.push_back(std::string(material->status.message()));
      }
    }
  };
  add(key_pairs_);
  add(roots_);
  return lines;
}

void TlsMaterials::OnChanged() { changed_(); }

void TlsMaterials::Warn(std::string_view line) {
  if (sources_.warn) sources_.warn(line);
}

}  // namespace meshlib::snapshot
