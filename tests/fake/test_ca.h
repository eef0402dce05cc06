// SPDX-License-Identifier: Apache-2.0
// TestCa: certificates as tests want them, right and wrong ones.

#ifndef MESHLIB_TESTS_FAKE_TEST_CA_H_
#define MESHLIB_TESTS_FAKE_TEST_CA_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tls/key_pair.h"
#include "tls/trust_roots.h"

namespace meshlib::fake {

// A subjectAltName; `bytes` go into it as they are, NUL bytes too.
struct TestName {
  enum class Type { kDns, kUri, kEmail, kIpAddress, kOtherName };
  Type type = Type::kDns;
  std::string bytes;
};
inline TestName Dns(std::string_view name) { return {TestName::Type::kDns, std::string(name)}; }
inline TestName Uri(std::string_view uri) { return {TestName::Type::kUri, std::string(uri)}; }
inline TestName Email(std::string_view name) { return {TestName::Type::kEmail, std::string(name)}; }
inline TestName OtherName(std::string_view text) {
  return {TestName::Type::kOtherName, std::string(text)};
}
// "127.0.0.1" or "::1".
TestName Ip(std::string_view address);

enum class TestKey { kP256, kRsa2048, kRsa1024 };
enum class TestHash { kSha256, kSha1 };
// As in RFC 5280 section 4.2.1.3.
enum class TestUsage { kDigitalSignature = 0, kKeyEncipherment = 2, kCertSign = 5, kCrlSign = 6 };

// What a certificate says. The defaults of `usages` and `extended_usages` are right for its kind:
// digitalSignature, serverAuth and clientAuth for a leaf; keyCertSign and cRLSign for an authority.
struct TestCertificate {
  std::string common_name;  // empty: an empty subject
  std::vector<TestName> names;
  bool names_critical = false;
  absl::Time not_before = absl::Now() - absl::Hours(1);
  absl::Time not_after = absl::Now() + absl::Hours(24);
  TestKey key = TestKey::kP256;
  TestHash hash = TestHash::kSha256;
  std::optional<bool> authority = std::nullopt;  // cA; default: as its kind
  std::optional<int> path_length = std::nullopt;
  std::optional<std::vector<TestUsage>> usages = std::nullopt;  // an empty list: no extension
  bool usages_critical = true;
  std::optional<std::vector<std::string>> extended_usages = std::nullopt;  // "serverAuth"
  std::vector<TestName> permitted;  // name constraints of an authority
  std::vector<TestName> excluded;
};

// A leaf with its chain. A value.
struct TestIdentity {
  std::string chain_pem;  // leaf first, without the root
  std::string key_pem;    // PKCS #8
  // Ends the process if they do not match.
  std::shared_ptr<const tls::KeyPair> pair() const;
};

// An authority, root or intermediate. Keys are made where a certificate is. Failures of BoringSSL
// end the process. Immutable; share freely.
class TestCa final {
 public:
  static TestCa Root(TestCertificate certificate = {.common_name = "root"});
  // A certificate that vouches for itself, and is nobody's authority unless it says so.
  static TestIdentity SelfSigned(const TestCertificate& certificate);

  TestCa Intermediate(TestCertificate certificate = {.common_name = "intermediate"}) const;
  TestIdentity Leaf(const TestCertificate& certificate) const;
  // A leaf as a mesh's workload has it: an empty subject, and a critical name.
  TestIdentity Workload(std::string_view spiffe_id) const;

  // Its own certificate.
  const std::string& pem() const;
  // The same as trusted roots.
  std::shared_ptr<const tls::TrustRoots> roots() const;

 private:
  struct Parts;
  explicit TestCa(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_TESTS_FAKE_TEST_CA_H_
