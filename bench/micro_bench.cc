// SPDX-License-Identifier: Apache-2.0
// The parts of a Call and of an update that grow with the configuration, by Google Benchmark. The
// names of the benchmarks are those of the ratios that scripts/bench prints.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "eds_update.h"
#include "resource/route_config.h"
#include "route/route_table.h"

namespace {

using meshlib::resource::PathMatcher;

// One VirtualHost with that many routes, of which only the last takes the request.
std::shared_ptr<const meshlib::route::RouteTable> Routes(PathMatcher::Kind kind, int count) {
  auto config = std::make_shared<meshlib::resource::RouteConfig>();
  meshlib::resource::VirtualHost host{.name = "host", .domains = {"*"}};
  for (int i = 0; i < count; ++i) {
    meshlib::resource::Route route;
    route.match.path.kind = kind;
    route.match.path.value = "/team/service-" + std::to_string(i) + "/";
    route.action =
        meshlib::resource::ForwardAction{.cluster = meshlib::resource::ClusterName("cluster")};
    host.routes.push_back(std::move(route));
  }
  config->virtual_hosts.push_back(std::move(host));
  return meshlib::route::RouteTable::Compile(std::move(config));
}

void MatchLast(benchmark::State& state, PathMatcher::Kind kind, int count) {
  const auto table = Routes(kind, count);
  const meshlib::Headers headers = {{"accept", "*/*"}, {"user-agent", "bench"}};
  const std::string path = "/team/service-" + std::to_string(count - 1) + "/" +
                           (kind == PathMatcher::Kind::kPrefix ? "item" : "");
  const meshlib::route::RequestHead head{
      .method = "GET", .path = path, .authority = "host:80", .headers = &headers};
  for (auto _ : state) {
    const auto match = table->Match(head, 0);
    if (match.route == nullptr) state.SkipWithError("no route");
    benchmark::DoNotOptimize(match);
  }
}

// From the response's bytes to the published snapshot; every second one changes an endpoint, or
// none does.
void IngestEndpoints(benchmark::State& state, bool changed) {
  bench::EdsUpdate update(100'000);
  for (auto _ : state) {
    state.PauseTiming();
    update.Prepare(changed);
    state.ResumeTiming();
    if (!update.Deliver()) state.SkipWithError("not published");
  }
}

BENCHMARK_CAPTURE(MatchLast, prefix, PathMatcher::Kind::kPrefix, 1024)
    ->Name("route_prefix_1024_ns")
    ->Unit(benchmark::kNanosecond);
BENCHMARK_CAPTURE(MatchLast, exact, PathMatcher::Kind::kExact, 16384)
    ->Name("route_exact_16384_ns")
    ->Unit(benchmark::kNanosecond);
BENCHMARK_CAPTURE(IngestEndpoints, all_new, true)
    ->Name("eds_100k_ms")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);
BENCHMARK_CAPTURE(IngestEndpoints, unchanged, false)
    ->Name("eds_100k_unchanged_ms")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);

}  // namespace

BENCHMARK_MAIN();
