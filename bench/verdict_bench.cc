// SPDX-License-Identifier: Apache-2.0
// What it costs to tell of a Call that a policy refused, would have refused or audits, where one
// like it was logged just before. By Google Benchmark.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "access/policy.h"
#include "allocation_count.h"
#include "base/clock.h"
#include "net/loop_threads.h"
#include "resource/address.h"
#include "server/serving.h"
#include "server/worker_pool.h"

namespace {

namespace access = meshlib::access;
namespace server = meshlib::server;

constexpr std::string_view kPolicy = "ns[shop]-policy[everything]-rule[0]";

// One port for all threads of a benchmark.
struct Port {
  meshlib::base::SystemClock clock;
  std::unique_ptr<meshlib::net::LoopThreads> threads = *meshlib::net::LoopThreads::Start(1, clock);
  server::WorkerPool workers;
  server::Serving serving{
      {}, "127.0.0.1:80", {}, {.threads = *threads, .workers = workers, .clock = clock}};
};

void Tell(benchmark::State& state, const access::Verdict& verdict) {
  static Port port;
  const auto peer = *meshlib::resource::Address::FromString("10.2.0.7:40000");
  const absl::Time now = port.clock.Now();
  port.serving.ReportVerdict(verdict, peer, now);
  const uint64_t before = bench::AllocationCount();
  for (auto _ : state) {
    port.serving.ReportVerdict(verdict, peer, now);
  }
  // One line in a thousand allocates.
  const uint64_t allocated = bench::AllocationCount() - before;
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocated), benchmark::Counter::kAvgIterations);
}

BENCHMARK_CAPTURE(Tell, refused, {.allowed = false, .policy = kPolicy})
    ->Name("verdict_refused_ns")
    ->ThreadRange(1, 2);
BENCHMARK_CAPTURE(Tell, shadow,
                  {.shadow = access::Verdict::Shadow::kDenied, .shadow_policy = kPolicy})
    ->Name("verdict_shadow_ns");
BENCHMARK_CAPTURE(Tell, audited, {.audit_policy = kPolicy})
    ->Name("verdict_audited_ns")
    ->ThreadRange(1, 2);

}  // namespace
