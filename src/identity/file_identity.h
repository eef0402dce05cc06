// SPDX-License-Identifier: Apache-2.0
// FileIdentitySource: a WorkloadIdentity that somebody else keeps in a directory.

#ifndef MESHLIB_IDENTITY_FILE_IDENTITY_H_
#define MESHLIB_IDENTITY_FILE_IDENTITY_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/timer.h"
#include "identity/identity_observer.h"
#include "identity/identity_publisher.h"
#include "identity/identity_source.h"
#include "net/directory_watch.h"
#include "net/loop.h"

namespace meshlib::identity {

// A value.
struct FileIdentityOptions {
  std::string directory;
  // Files that do not fit together are reported when they still do not after this: writers write
  // one after the other.
  absl::Duration settle = absl::Seconds(1);
  // A problem is urgent when less than this share of the certificate's time remains.
  double urgent_share = 0.25;
  net::DirectoryWatchOptions watch{};
};

// Reads cert-chain.pem, key.pem and root-cert.pem (Istio), or tls.crt, tls.key and ca.crt
// (Kubernetes, cert-manager). A volume whose files are behind "..data" is read from one version.
// Files that are bad, do not belong together, or are not valid now leave the identity as it is.
// Loop-bound: use only on the loop passed to Start().
class FileIdentitySource final : public IdentitySource {
 public:
  // Not OK only when the directory cannot be watched: files may come later. REQUIRES: all but the
  // options outlive it, `observer` may be nullptr.
  static absl::StatusOr<std::unique_ptr<FileIdentitySource>> Start(FileIdentityOptions options,
                                                                   net::Loop& loop,
                                                                   const base::Clock& clock,
                                                                   IdentityObserver* observer);
  ~FileIdentitySource() override;

  std::shared_ptr<const WorkloadIdentity> Current() const override { return publisher_.current(); }
  base::Subscription Watch(absl::AnyInvocable<void()> changed) override {
    return publisher_.Watch(std::move(changed));
  }
  absl::Status status() const override;
  const RenewalRecord& record() const override { return record_; }

 private:
  FileIdentitySource(FileIdentityOptions options, net::Loop& loop, const base::Clock& clock,
                     IdentityObserver* observer);

  void OnChanged();
  void OnSettled();
  absl::Status Load();
  void Use(std::shared_ptr<const WorkloadIdentity> identity, size_t version);
  void Report(const absl::Status& problem);
  absl::Status Overdue(absl::Time now) const;
  void OnWallTime();
  void ArmWallTimer();

  const FileIdentityOptions options_;
  net::Loop& loop_;
  const base::Clock& clock_;
  IdentityObserver* const observer_;

  IdentityPublisher publisher_;
  RenewalRecord record_;
  size_t version_ = 0;  // a hash of the files that Current() was made of
  absl::Status problem_;
  absl::Time valid_at_ = absl::InfiniteFuture();    // of files that are not valid yet
  absl::Time overdue_at_ = absl::InfiniteFuture();  // from then on, newer files should be there
  absl::Time loud_at_ = absl::InfiniteFuture();     // all by the time of day
  base::Timer settle_timer_;
  base::Timer wall_timer_;
  std::unique_ptr<net::DirectoryWatch> watch_;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_FILE_IDENTITY_H_
