// SPDX-License-Identifier: Apache-2.0
// Handshakes and records of meshlib's TLS over those of the system's OpenSSL, between the same
// ends: rounds in turn, and the median of each round's quotient. Usage: tls_bench [ROUNDS
// [SECONDS]] Prints one JSON object.

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fake/test_ca.h"
#include "tls_ends.h"

namespace {

using bench::Credentials;
using bench::TlsEnds;
using Clock = std::chrono::steady_clock;

Credentials MakeCredentials() {
  const auto root = meshlib::fake::TestCa::Root();
  const auto client = root.Workload("spiffe://cluster.local/ns/default/sa/productpage");
  const auto server = root.Workload("spiffe://cluster.local/ns/default/sa/reviews");
  return {root.pem(), {client.chain_pem, client.key_pem}, {server.chain_pem, server.key_pem}};
}

// How often `once` runs in a second; ends the process when it fails.
double Rate(const std::string& what, double seconds, const std::function<bool()>& once) {
  const auto begin = Clock::now();
  int count = 0;
  double elapsed = 0;
  do {
    for (int i = 0; i < 8; ++i, ++count) {
      if (once()) continue;
      std::fprintf(stderr, "tls_bench: %s failed\n", what.c_str());
      std::exit(1);
    }
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  } while (elapsed < seconds);
  return count / elapsed;
}

struct Case {
  std::string name;
  std::function<bool(TlsEnds&)> once;
  double factor;  // from times per second to the unit in its name
  std::vector<double> meshlib, openssl, quotients;
};

Case Bulk(const std::string& name, size_t size) {
  return {name,
          [text = std::string(size, 'x')](TlsEnds& ends) { return ends.Carry(text); },
          static_cast<double>(size) / 1e6,
          {},
          {},
          {}};
}

std::vector<Case> Cases() {
  return {
      {"tls_full_handshakes_per_s", [](TlsEnds& e) { return e.Handshake(false); }, 1, {}, {}, {}},
      {"tls_resumed_handshakes_per_s", [](TlsEnds& e) { return e.Handshake(true); }, 1, {}, {}, {}},
      Bulk("tls_bulk_16k_mb_per_s", 16'384),
      Bulk("tls_bulk_1k_mb_per_s", 1024)};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Measure(double seconds, TlsEnds& meshlib, TlsEnds& openssl, Case* measured) {
  const auto rate = [&](const std::string& whose, TlsEnds& ends) {
    return measured->factor *
           Rate(whose + measured->name, seconds, [&] { return measured->once(ends); });
  };
  const double ours = rate("meshlib's ", meshlib);
  const double theirs = rate("OpenSSL's ", openssl);
  measured->meshlib.push_back(ours);
  measured->openssl.push_back(theirs);
  measured->quotients.push_back(ours / theirs);
}

// Of one end of a connection that has nothing to say.
double IdleKilobytes(TlsEnds& ends) {
  constexpr int kConnections = 200;
  ends.Hold();
  const size_t before = mallinfo2().uordblks;
  for (int i = 0; i < kConnections; ++i) {
    if (!ends.Hold()) std::exit(1);
  }
  return static_cast<double>(mallinfo2().uordblks - before) / 1000 / kConnections / 2;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const double seconds = argc > 2 ? std::atof(argv[2]) : 0.5;
  if (rounds < 1 || !(seconds > 0)) {
    std::fprintf(stderr, "usage: tls_bench [ROUNDS [SECONDS]]\n");
    return 2;
  }
  const Credentials credentials = MakeCredentials();
  const std::unique_ptr<TlsEnds> meshlib = bench::MeshlibEnds(credentials);
  const std::unique_ptr<TlsEnds> openssl = bench::OpensslEnds(credentials);
  std::vector<Case> cases = Cases();
  for (int round = 0; round < rounds; ++round) {
    for (Case& measured : cases) Measure(seconds, *meshlib, *openssl, &measured);
  }
  const double ours = IdleKilobytes(*meshlib);
  const double theirs = IdleKilobytes(*openssl);
  std::printf("{\n");
  for (const Case& measured : cases) {
    std::printf("  \"%s\": {\"meshlib\": %.0f, \"openssl\": %.0f, \"quotient\": %.2f},\n",
                measured.name.c_str(), Median(measured.meshlib), Median(measured.openssl),
                Median(measured.quotients));
  }
  std::printf("  \"tls_idle_kb\": {\"meshlib\": %.1f, \"openssl\": %.1f, \"quotient\": %.2f}\n}\n",
              ours, theirs, ours / theirs);
  return 0;
}
