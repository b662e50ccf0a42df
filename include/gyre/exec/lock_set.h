// The shards a command needs, ascending and without repeats, and holding them.
#pragma once

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "gyre/coro/task.h"
#include "gyre/store/keyspace.h"

namespace gyre::exec {

class LockSet {
 public:
  void clear() { shards_.clear(); }
  void add(unsigned shard) { shards_.push_back(shard); }
  /// Sorts and drops repeats; call once after the last add.
  void seal();
  bool empty() const { return shards_.empty(); }
  size_t size() const { return shards_.size(); }
  unsigned shard(size_t i) const { return shards_[i]; }

  /// Takes all or none, without waiting (a short spin each).
  bool try_lock(store::Keyspace& keyspace) const;
  /// Takes all in ascending order (so that two sets cannot wait for each other), waiting where needed. Outside the gate.
  coro::Task<void> lock(store::Keyspace& keyspace) const;
  void unlock(store::Keyspace& keyspace) const;

 private:
  absl::InlinedVector<unsigned, 8> shards_;
};

}  // namespace gyre::exec
