#include "gyre/exec/lock_set.h"

#include <algorithm>

namespace gyre::exec {

void LockSet::seal() {
  if (shards_.size() < 2) return;
  std::sort(shards_.begin(), shards_.end());
  shards_.erase(std::unique(shards_.begin(), shards_.end()), shards_.end());
}

void LockSet::add_all(const LockSet& other) {
  shards_.insert(shards_.end(), other.shards_.begin(), other.shards_.end());
  for (const uint64_t hash : other.hashes_)
    if (!has_key(hash)) hashes_.push_back(hash);
}

bool LockSet::has_key(uint64_t hash) const {
  return std::find(hashes_.begin(), hashes_.end(), hash) != hashes_.end();
}

bool LockSet::covers(const LockSet& other) const {
  return std::includes(shards_.begin(), shards_.end(), other.shards_.begin(), other.shards_.end());
}

bool LockSet::covers_shard(unsigned shard) const {
  return std::binary_search(shards_.begin(), shards_.end(), shard);
}

bool LockSet::try_lock(store::Keyspace& keyspace) const {
  for (size_t i = 0; i < shards_.size(); ++i) {
    if (keyspace.shard(shards_[i]).mutex().try_lock()) continue;
    while (i > 0) keyspace.shard(shards_[--i]).mutex().unlock();
    return false;
  }
  return true;
}

coro::Task<void> LockSet::lock(store::Keyspace& keyspace) const {
  for (unsigned shard : shards_) co_await keyspace.shard(shard).mutex().lock();
}

void LockSet::unlock(store::Keyspace& keyspace) const {
  for (unsigned shard : shards_) keyspace.shard(shard).mutex().unlock();
}

}  // namespace gyre::exec
