// SPDX-License-Identifier: Apache-2.0
#include "tls/verified_chains.h"

#include <utility>

namespace meshlib::tls {
namespace {

constexpr size_t kGeneration = 256;

}  // namespace

std::shared_ptr<const VerifiedChain> VerifiedChains::Find(const std::string& hash) {
  const base::MutexLock lock(mutex_);
  if (const auto found = young_.find(hash); found != young_.end()) return found->second;
  const auto found = old_.find(hash);
  if (found == old_.end()) return nullptr;
  std::shared_ptr<const VerifiedChain> chain = found->second;
  if (young_.size() < kGeneration) young_.insert(old_.extract(found));
  return chain;
}

void VerifiedChains::Insert(const std::string& hash, std::shared_ptr<const VerifiedChain> chain) {
  const base::MutexLock lock(mutex_);
  if (young_.size() >= kGeneration) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_[hash] = std::move(chain);
}

}  // namespace meshlib::tls
