// SPDX-License-Identifier: Apache-2.0
#include "server/own_certificates.h"

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/string_view.h"
#include "tls/context.h"
#include "tls/key_pair.h"
#include "tls/pem.h"
#include "tls/trust_roots.h"

namespace meshlib::server {
namespace {

using Context = std::shared_ptr<const tls::ServerContext>;

constexpr absl::Duration kLookAgainAfter = absl::Seconds(1);

absl::Status Named(const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("serve: tls: ", status.message()));
}

// The name for errors.
std::string SourceOf(const Pem& pem, std::string_view what) {
  const auto* file = std::get_if<PemFile>(&pem);
  return file == nullptr ? absl::StrCat("the text of ", base::AbslView(what)) : file->path;
}

absl::StatusOr<std::string> TextOf(const Pem& pem) {
  if (const auto* text = std::get_if<PemText>(&pem)) return text->text;
  return tls::ReadPemFile(std::get<PemFile>(pem).path);
}

absl::StatusOr<std::shared_ptr<const tls::KeyPair>> LoadKeyPair(const ServerTls& tls) {
  const auto chain = TextOf(tls.certificate_chain);
  if (!chain.ok()) return chain.status();
  auto key = TextOf(tls.private_key);
  if (!key.ok()) return key.status();
  auto pair =
      tls::KeyPair::FromPem(*chain, *key,
                            absl::StrCat(SourceOf(tls.certificate_chain, "certificate_chain"),
                                         " and ", SourceOf(tls.private_key, "private_key")));
  tls::Wipe(&*key);
  return pair;
}

absl::StatusOr<Context> Load(const ServerTls& tls) {
  tls::ServerSettings settings;
  auto pair = LoadKeyPair(tls);
  if (!pair.ok()) return Named(pair.status());
  settings.identity = *std::move(pair);
  if (tls.client_roots) {
    const auto text = TextOf(*tls.client_roots);
    if (!text.ok()) return Named(text.status());
    auto roots = tls::TrustRoots::FromPem(*text, SourceOf(*tls.client_roots, "client_roots"));
    if (!roots.ok()) return Named(roots.status());
    settings.client_roots = *std::move(roots);
  }
  settings.require_client_certificate = tls.require_client_certificate;
  settings.alpn = {"http/1.1"};
  auto context = tls::ServerContext::Create(std::move(settings));
  if (!context.ok()) return Named(context.status());
  return context;
}

// What changes when a file is replaced or written.
struct FileMark {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = 0;
  int64_t seconds = 0;
  int64_t nanoseconds = 0;
  friend bool operator==(const FileMark&, const FileMark&) = default;
};

void AppendMark(const Pem& pem, std::vector<FileMark>& marks) {
  const auto* file = std::get_if<PemFile>(&pem);
  struct stat found = {};
  if (file == nullptr || stat(file->path.c_str(), &found) != 0) return;
  marks.push_back(
      {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec});
}

std::vector<FileMark> MarksOf(const ServerTls& tls) {
  std::vector<FileMark> marks;
  AppendMark(tls.certificate_chain, marks);
  AppendMark(tls.private_key, marks);
  if (tls.client_roots) AppendMark(*tls.client_roots, marks);
  return marks;
}

// Thread-safe.
class Certificates final {
 public:
  Certificates(ServerTls tls, Context context, std::vector<FileMark> marks,
               const base::Clock& clock, CertificateLog log)
      : tls_(std::move(tls)),
        clock_(clock),
        log_(std::move(log)),
        looked_(clock.Now()),
        marks_(std::move(marks)),
        context_(std::move(context)) {}

  Context Current() {
    base::MutexLock lock(mutex_);
    if (clock_.Now() - looked_ >= kLookAgainAfter) LookAgain();
    return context_;
  }

 private:
  void LookAgain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    looked_ = clock_.Now();
    std::vector<FileMark> marks = MarksOf(tls_);
    if (marks == marks_) return;
    marks_ = std::move(marks);
    absl::StatusOr<Context> loaded = Load(tls_);
    if (loaded.ok()) {
      context_ = *std::move(loaded);
    } else if (log_) {
      log_(absl::StrCat(loaded.status().message(), "; the last certificate stays"));
    }
  }

  const ServerTls tls_;
  const base::Clock& clock_;
  const CertificateLog log_;
  base::Mutex mutex_;
  absl::Time looked_ ABSL_GUARDED_BY(mutex_);
  std::vector<FileMark> marks_ ABSL_GUARDED_BY(mutex_);  // of what was read last
  Context context_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<ServerContextSource> OwnCertificates(const ServerTls& tls, const base::Clock& clock,
                                                    CertificateLog log) {
  if (tls.require_client_certificate && !tls.client_roots) {
    return absl::InvalidArgumentError("serve: tls: require_client_certificate needs client_roots");
  }
  std::vector<FileMark> marks = MarksOf(tls);
  absl::StatusOr<Context> context = Load(tls);
  if (!context.ok()) return context.status();
  const auto certificates = std::make_shared<Certificates>(tls, *std::move(context),
                                                           std::move(marks), clock, std::move(log));
  return ServerContextSource(
      [certificates]() -> absl::StatusOr<Context> { return certificates->Current(); });
}

}  // namespace meshlib::server
