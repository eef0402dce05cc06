// SPDX-License-Identifier: Apache-2.0
// meshlib's client. Usage: mesh_client blocking|get|callback URL YAML_DIRECTORY CONNECTIONS CALLS
// [CA_KEY_FILE]: of the authority that client and server share, for mutual TLS.
// Prints latencies, CPU time and heap allocations per Call, after a warm-up.

#include <meshlib/mesh.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "allocation_count.h"
#include "latency.h"

namespace {

using meshlib::HttpExchange;

constexpr int kWarmUp = 200;

struct Work {
  meshlib::Mesh& mesh;
  std::string url;
  int connections;
  int calls;  // per connection
};

void Prepare(const Work& work, HttpExchange& exchange) { exchange.request.url.assign(work.url); }

void NoteLatency(bench::Run& run, bench::Clock::time_point start, bool ok) {
  const std::chrono::duration<float, std::micro> took = bench::Clock::now() - start;
  if (ok) {
    run.microseconds.push_back(took.count());
  } else {
    ++run.failed;
  }
}

// One thread of blocking Calls into a recycled exchange.
void RunBlocking(const Work& work, int calls, bench::Run& run) {
  HttpExchange exchange;
  Prepare(work, exchange);
  for (int i = 0; i < calls; ++i) {
    const auto start = bench::Clock::now();
    const bool ok = work.mesh.http().Call(exchange).ok() && exchange.response.status == 200;
    NoteLatency(run, start, ok);
  }
}

void RunGet(const Work& work, int calls, bench::Run& run) {
  for (int i = 0; i < calls; ++i) {
    const auto start = bench::Clock::now();
    const auto response = work.mesh.http().Get(work.url);
    NoteLatency(run, start, response.ok() && response->status == 200);
  }
}

// One chain of callback Calls: each is started from within the end of the one before.
class Chain final {
 public:
  Chain(const Work& work, int calls, bench::Run& run, std::atomic<int>& running)
      : work_(work), left_(calls), run_(run), running_(running) {
    Prepare(work, exchange_);
  }
  void Next() {
    if (left_-- == 0) {
      running_.fetch_sub(1);
      running_.notify_one();
      return;
    }
    start_ = bench::Clock::now();
    work_.mesh.http().Start(exchange_, [this](HttpExchange& exchange) {
      NoteLatency(run_, start_, exchange.status.ok() && exchange.response.status == 200);
      Next();
    });
  }

 private:
  const Work& work_;
  int left_;
  bench::Run& run_;
  std::atomic<int>& running_;
  bench::Clock::time_point start_;
  HttpExchange exchange_;
};

void RunCallbacks(const Work& work, int calls, std::vector<bench::Run>& runs) {
  std::atomic<int> running{work.connections};
  std::vector<std::unique_ptr<Chain>> chains;
  for (bench::Run& run : runs) {
    chains.push_back(std::make_unique<Chain>(work, calls, run, running));
    chains.back()->Next();
  }
  for (int left = running.load(); left != 0; left = running.load()) running.wait(left);
}

void RunThreads(const Work& work, int calls, std::vector<bench::Run>& runs,
                void (*one)(const Work&, int, bench::Run&)) {
  std::vector<std::thread> threads;
  for (bench::Run& run : runs) threads.emplace_back([&] { one(work, calls, run); });
  for (std::thread& thread : threads) thread.join();
}

void RunAll(const std::string& form, const Work& work, int calls, std::vector<bench::Run>& runs) {
  if (form == "callback") return RunCallbacks(work, calls, runs);
  RunThreads(work, calls, runs, form == "get" ? RunGet : RunBlocking);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  meshlib::MeshOptions options;
  if (argc > 6) options.ca_key_file = argv[6];
  options.control_plane = std::string("yaml:") + argv[3];
  auto mesh = meshlib::Mesh::Start(std::move(options)).value();
  const int connections = std::atoi(argv[4]);
  const Work work{*mesh, argv[2], connections, std::atoi(argv[5]) / connections};

  std::vector<bench::Run> runs(static_cast<size_t>(connections));
  for (bench::Run& run : runs) {
    run.microseconds.reserve(static_cast<size_t>(work.calls + kWarmUp));
  }
  RunAll(argv[1], work, kWarmUp, runs);
  for (bench::Run& run : runs) run.microseconds.clear();

  bench::Run all;
  const double cpu = bench::CpuMicroseconds();
  const uint64_t allocations = bench::AllocationCount();
  const auto start = bench::Clock::now();
  RunAll(argv[1], work, work.calls, runs);
  all.seconds = std::chrono::duration<double>(bench::Clock::now() - start).count();
  all.cpu_us = bench::CpuMicroseconds() - cpu;
  all.allocations = bench::AllocationCount() - allocations;
  for (const bench::Run& run : runs) {
    all.failed += run.failed;
    all.microseconds.insert(all.microseconds.end(), run.microseconds.begin(),
                            run.microseconds.end());
  }
  bench::Print(all);
  return all.failed == 0 ? 0 : 1;
}
