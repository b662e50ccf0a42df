// Making room when maxmemory is exceeded: keys are sampled, the best candidates of several rounds are kept in a small
// pool, and the best of the pool goes first, as in Redis.
//
// Owner and thread: one Evictor per reactor, used on its thread inside the gate. Shards are taken with try_lock, never
// waited for: a command that makes room may hold locks itself. What is freed is estimated from what entries take, not
// read from the allocator, because large values are freed by another thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gyre/store/deletion_sink.h"
#include "gyre/store/keyspace.h"

namespace gyre::store {

class Db;

struct EvictionRules {
  enum class Order : uint8_t { kLru, kLfu, kRandom, kTtl };
  Order order = Order::kLru;
  bool only_with_expiry = false;  // the volatile policies
  unsigned samples = 5;           // keys looked at in each database per round
};

class Evictor {
 public:
  explicit Evictor(Keyspace& keyspace) : keyspace_(keyspace) {}

  enum class Outcome : uint8_t {
    kEnough,   // `bytes` were freed
    kLater,    // the time is up, or the shards that were tried are at work
    kNothing,  // no key may go
  };
  /// Evicts keys until about `bytes` are freed or `budget_us` is over. `alone`: the gate is closed, locks are not needed.
  /// `deletions` hears of each key that goes (null: nobody does).
  Outcome run(Held held, int64_t now_ms, const EvictionRules& rules, int64_t bytes, int64_t budget_us, bool alone,
              DeletionSink* deletions);

 private:
  static constexpr size_t kPoolSize = 16;
  struct Candidate {
    uint64_t score;  // higher goes first
    uint64_t hash;
    unsigned db;
    std::string key;
  };

  void sample(Held held, Shard& shard, int64_t now_ms, const EvictionRules& rules);
  void consider(const Db& db, const Entry& entry, uint64_t hash, const EvictionRules& rules);
  int64_t evict_best(Held held, int64_t now_ms, bool alone, DeletionSink* deletions, bool* busy);

  Keyspace& keyspace_;
  std::vector<Candidate> pool_;    // by score, ascending
  std::vector<uint64_t> hashes_;
  unsigned next_shard_ = 0;
  EvictionRules::Order pool_order_ = EvictionRules::Order::kLru;
};

}  // namespace gyre::store
