// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without libFuzzer: its seeds, and mutations of them, the same ones each time.
// Usage: TARGET [RUNS [SEED]], TARGET --replay FILE, TARGET --write-seeds DIRECTORY

#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz_target.h"

namespace {

constexpr int kDefaultRuns = 20'000;
constexpr size_t kMostBytes = 4096;

int Run(const std::string& input) {
  return LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

class Mutator final {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Next() {
    std::string input = Any(seeds_);
    if (input.size() > kMostBytes) input.resize(kMostBytes);
    for (size_t i = Below(4) + 1; i > 0; --i) Mutate(&input);
    return input;
  }

 private:
  size_t Below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  const std::string& Any(const std::vector<std::string>& from) { return from[Below(from.size())]; }

  void Mutate(std::string* input) {
    const size_t at = Below(input->size() + 1);
    switch (Below(6)) {
      case 0:
        if (at < input->size()) (*input)[at] = static_cast<char>(random_());
        break;
      case 1:
        input->insert(at, Any(dictionary_));
        break;
      case 2:
        input->erase(at, Below(8) + 1);
        break;
      case 3:  // a piece twice
        input->insert(at, input->substr(at, Below(40)));
        break;
      case 4:  // the end of another one
        input->replace(at, std::string::npos, Tail(Any(seeds_)));
        break;
      default:
        if (at < input->size()) (*input)[at] = static_cast<char>((*input)[at] ^ (1 << Below(8)));
    }
  }
  std::string Tail(const std::string& of) {
    const std::string tail = of.substr(Below(of.size() + 1));
    return tail.substr(0, kMostBytes);
  }

  std::mt19937_64 random_;
  const std::vector<std::string> seeds_ = meshlib::fuzz::Seeds();
  const std::vector<std::string> dictionary_ = meshlib::fuzz::Dictionary();
};

int Replay(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return Run(std::string(std::istreambuf_iterator<char>(file), {}));
}

int WriteSeeds(const std::string& directory) {
  int number = 0;
  for (const std::string& seed : meshlib::fuzz::Seeds()) {
    std::ofstream(directory + "/" + std::to_string(number++), std::ios::binary) << seed;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (first == "--replay" && argc == 3) return Replay(argv[2]);
  if (first == "--write-seeds" && argc == 3) return WriteSeeds(argv[2]);
  for (const std::string& seed : meshlib::fuzz::Seeds()) Run(seed);
  Mutator mutator(argc > 2 ? std::stoull(argv[2]) : 1);
  const int runs = argc > 1 ? std::stoi(first) : kDefaultRuns;
  for (int i = 0; i < runs; ++i) Run(mutator.Next());
  std::printf("%d inputs\n", runs);
  return 0;
}
