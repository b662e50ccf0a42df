#include "gyre/store/eviction.h"

#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/base/random.h"
#include "gyre/store/db.h"
#include "gyre/store/entry_build.h"

namespace gyre::store {

namespace {

using Order = EvictionRules::Order;

/// Random entries looked at to find one with an expiry. Where fewer than one in so many has one, the expiry index is asked.
constexpr unsigned kTriesPerSample = 16;
/// The clock is read once in so many keys.
constexpr unsigned kKeysPerClock = 8;

/// What a key's removal gives back: the entry and its value, a slot of the table, an item of the expiry index.
int64_t footprint(const Entry& entry) {
  constexpr size_t kSlotBytes = 10;
  const size_t bytes = ds::Arena::class_size(entry.bytes()) + kSlotBytes + outside_bytes(entry);
  return static_cast<int64_t>(bytes + (entry.has_expiry() ? sizeof(uint64_t) : 0));
}

bool eligible(const Entry& entry, const EvictionRules& rules) { return !rules.only_with_expiry || entry.has_expiry(); }

class ShardLock {
 public:
  ShardLock(Shard& shard, bool needed) : mutex_(needed ? &shard.mutex() : nullptr), held_(!mutex_ || mutex_->try_lock()) {}
  ~ShardLock() {
    if (mutex_ && held_) mutex_->unlock();
  }
  ShardLock(const ShardLock&) = delete;
  ShardLock& operator=(const ShardLock&) = delete;
  bool held() const { return held_; }

 private:
  coro::Mutex* mutex_;
  bool held_;
};

}  // namespace

void Evictor::consider(const Db& db, const Entry& entry, uint64_t hash, const EvictionRules& rules) {
  uint64_t score = 0;
  switch (rules.order) {
    case Order::kLru: score = static_cast<uint64_t>(db.idle_seconds(entry)); break;
    case Order::kLfu: score = 255u - db.frequency(entry); break;
    case Order::kTtl: score = UINT64_MAX - static_cast<uint64_t>(entry.expiry()); break;
    case Order::kRandom: break;
  }
  if (pool_.size() == kPoolSize && score <= pool_.front().score) return;
  for (const Candidate& known : pool_)
    if (known.hash == hash && known.db == db.index() && known.key == entry.key()) return;
  if (pool_.size() == kPoolSize) pool_.erase(pool_.begin());
  auto at = std::upper_bound(pool_.begin(), pool_.end(), score,
                             [](uint64_t value, const Candidate& candidate) { return value < candidate.score; });
  pool_.insert(at, Candidate{score, hash, db.index(), std::string(entry.key())});
}

void Evictor::sample(Held held, Shard& shard, int64_t now_ms, const EvictionRules& rules) {
  base::Random& random = base::thread_random();
  for (unsigned index = 0; index < shard.database_count(); ++index) {
    Database* d = shard.find_database(index);
    if (!d || d->table.size() == 0 || (rules.only_with_expiry && d->with_expiry.get() == 0)) continue;
    const Db db(held, keyspace_, index, now_ms, nullptr);
    unsigned found = 0;
    const unsigned tries = rules.samples * (rules.only_with_expiry ? kTriesPerSample : 1);
    for (unsigned n = 0; n < tries && found < rules.samples; ++n) {
      Entry* entry = d->table.random(random);
      if (!entry || !eligible(*entry, rules)) continue;
      ++found;
      consider(db, *entry, hash_key(entry->key()), rules);
    }
    if (found != 0 || !rules.only_with_expiry) continue;
    hashes_.clear();
    d->expiries.sample(random.next(), rules.samples, hashes_);
    for (uint64_t hash : hashes_) {
      Entry* entry = d->table.find_if(hash, [](Entry* e) { return e->has_expiry(); });
      if (entry) consider(db, *entry, hash, rules);
    }
  }
}

/// Bytes freed; 0 when no candidate is left that still exists, or its shard is at work (*busy).
int64_t Evictor::evict_best(Held held, int64_t now_ms, bool alone, DeletionSink* deletions, bool* busy) {
  while (!pool_.empty()) {
    Candidate best = std::move(pool_.back());
    pool_.pop_back();
    Shard& shard = keyspace_.shard_of(best.hash);
    ShardLock lock(shard, keyspace_.concurrent() && !alone);
    if (!lock.held()) {
      *busy = true;
      continue;
    }
    Db db(held, keyspace_, best.db, now_ms, deletions);
    const Key key{best.key, best.hash};
    Entry* entry = db.peek(key);
    if (!entry) continue;
    const int64_t bytes = footprint(*entry);
    db.evict(key, entry);
    return bytes;
  }
  return 0;
}

Evictor::Outcome Evictor::run(Held held, int64_t now_ms, const EvictionRules& rules, int64_t bytes, int64_t budget_us,
                              bool alone, DeletionSink* deletions) {
  if (rules.order != pool_order_) pool_.clear();
  pool_order_ = rules.order;
  const int64_t end_us = budget_us == INT64_MAX ? INT64_MAX : base::monotonic_us() + budget_us;
  const unsigned shards = keyspace_.shard_count();
  bool busy = false;
  unsigned fruitless = 0;
  for (unsigned n = 1; bytes > 0; ++n) {
    // Small databases are spread thinly: several shards make one round of samples.
    Shard& shard = keyspace_.shard(next_shard_++ % shards);
    {
      ShardLock lock(shard, keyspace_.concurrent() && !alone);
      if (lock.held())
        sample(held, shard, now_ms, rules);
      else
        busy = true;
    }
    const int64_t freed = evict_best(held, now_ms, alone, deletions, &busy);
    bytes -= freed;
    fruitless = freed == 0 ? fruitless + 1 : 0;
    if (fruitless > shards) return busy ? Outcome::kLater : Outcome::kNothing;
    if (n % kKeysPerClock == 0 && base::monotonic_us() >= end_us) return bytes > 0 ? Outcome::kLater : Outcome::kEnough;
  }
  return Outcome::kEnough;
}

}  // namespace gyre::store
