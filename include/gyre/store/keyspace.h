// All shards, the gate, and what holds for all keys: number of databases, access-time policy, expiry switch.
//
// Threads: the object is immutable but for its atomics; shards are touched by I1.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gyre/store/gate.h"
#include "gyre/store/shard.h"

namespace gyre::store {

/// A key on its way through a command: the name as received and its hash (computed once).
struct Key {
  std::string_view name;
  uint64_t hash = 0;
};
inline Key make_key(std::string_view name) { return {name, hash_key(name)}; }

/// Proof of I1: whoever has one holds the shards it is about to touch, or has the gate closed. Only lock sets make
/// them (exec), and tests.
class Held {
 public:
  static Held assume() { return Held(); }

 private:
  Held() = default;
};

class Object;

enum class AccessPolicy : uint8_t { kLru, kLfu };

struct KeyspaceOptions {
  unsigned reactors = 1;
  unsigned databases = 16;
  unsigned shards = 0;        // 0: one for one reactor, else 32 per reactor, 64 for more than four
};

class Keyspace {
 public:
  explicit Keyspace(const KeyspaceOptions& options);
  ~Keyspace();

  Gate& gate() { return gate_; }
  unsigned shard_count() const { return static_cast<unsigned>(shards_.size()); }
  unsigned database_count() const { return options_.databases; }
  /// False with one reactor: locks need not be taken (nothing suspends while it holds one).
  bool concurrent() const { return options_.reactors > 1; }

  unsigned shard_index(uint64_t hash) const { return static_cast<unsigned>(hash >> 16) & shard_mask_; }
  Shard& shard(unsigned index) { return *shards_[index]; }
  Shard& shard_of(uint64_t hash) { return *shards_[shard_index(hash)]; }

  /// Speculative, without locks, inside the gate: stage 1 fetches the bucket, stage 2 the entry.
  void prefetch_bucket(unsigned db, uint64_t hash) {
    Shard& shard = shard_of(hash);
    if (concurrent()) shard.prefetch();
    if (Database* d = shard.find_database(db)) [[likely]] d->table.prefetch_bucket(hash);
  }
  void prefetch_entry(unsigned db, uint64_t hash) {
    if (Database* d = shard_of(hash).find_database(db)) [[likely]] d->table.prefetch_entry(hash);
  }

  // Sums over shards; approximate while others write.
  uint64_t keys(unsigned db);
  uint64_t keys_with_expiry(unsigned db);
  int64_t average_ttl_ms(unsigned db);

  // Switches, read relaxed.
  std::atomic<bool> active_expire{true};          // DEBUG SET-ACTIVE-EXPIRE
  std::atomic<AccessPolicy> access_policy{AccessPolicy::kLru};
  std::atomic<int> lfu_log_factor{10};
  std::atomic<int> lfu_decay_minutes{1};

 private:
  KeyspaceOptions options_;
  Gate gate_;
  std::vector<std::unique_ptr<Shard>> shards_;
  unsigned shard_mask_ = 0;
};

/// Freeing of what was taken out of the keyspace, off the command's path: one helper thread, bounded only by what was
/// alive before. Values small enough are freed at once.
/// Objects are freed by turns of some thousand nodes.
void free_later(base::Blob blob);
void free_later(std::unique_ptr<Object> object);
void free_later(std::unique_ptr<Database> dropped);
/// From now on the helper thread also frees every large blob (base::Blob::set_disposer) whose last reference goes
/// anywhere else: with the bytes of a reply or of the replication stream that have been sent, say.
void free_large_blobs_apart();
/// At once, on this thread (FLUSHALL SYNC), all but large objects.
void free_now(std::unique_ptr<Database> dropped);
/// Waits until the queue is empty (tests, DEBUG, shutdown). Returns what is pending for INFO's lazyfree fields.
uint64_t lazyfree_pending();
/// Memory that will be free soon.
uint64_t lazyfree_pending_bytes();
uint64_t lazyfreed_objects();
void drain_lazyfree();

}  // namespace gyre::store
