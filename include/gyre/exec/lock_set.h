// The shards a command needs, ascending and without repeats, and holding them.
#pragma once

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "gyre/coro/task.h"
#include "gyre/store/keyspace.h"

namespace gyre::exec {

class LockSet {
 public:
  void clear() {
    shards_.clear();
    hashes_.clear();
  }
  void add(unsigned shard) { shards_.push_back(shard); }
  /// The shard of a key; that it is for this key is remembered.
  void add_key(store::Keyspace& keyspace, uint64_t hash) {
    shards_.push_back(keyspace.shard_index(hash));
    hashes_.push_back(hash);
  }
  /// All that the other has.
  void add_all(const LockSet& other);
  /// Sorts and drops repeats; call once after the last add.
  void seal();
  bool empty() const { return shards_.empty(); }
  size_t size() const { return shards_.size(); }
  unsigned shard(size_t i) const { return shards_[i]; }
  /// Hashes of keys, in the order in which they came.
  const auto& hashes() const { return hashes_; }
  bool has_key(uint64_t hash) const;
  /// Whether all shards of the other are in this one. Both are sealed.
  bool covers(const LockSet& other) const;
  bool covers_shard(unsigned shard) const;

  /// Takes all or none, without waiting (a short spin each).
  bool try_lock(store::Keyspace& keyspace) const;
  /// Takes all in ascending order (so that two sets cannot wait for each other), waiting where needed. Outside the gate.
  coro::Task<void> lock(store::Keyspace& keyspace) const;
  void unlock(store::Keyspace& keyspace) const;

 private:
  absl::InlinedVector<unsigned, 8> shards_;
  absl::InlinedVector<uint64_t, 8> hashes_;
};

}  // namespace gyre::exec
