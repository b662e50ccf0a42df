// One part of the keyspace: for each database a table and an expiry index, the arena their entries live in, the
// watched keys, counters. A key's shard follows from its hash.
//
// I1: touched only under its lock inside the gate, or with the gate closed. Counters that others read (INFO, DBSIZE) are
// atomics with a single writer at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gyre/base/blob.h"
#include "gyre/base/clock.h"
#include "gyre/coro/mutex.h"
#include "gyre/ds/arena.h"
#include "gyre/ds/segment_table.h"
#include "gyre/ds/time_wheel.h"
#include "gyre/store/entry.h"

namespace gyre::store {

class ChangeObserver;
struct DatabaseNote;
class WaitTable;
class WatchTable;

/// The hash of a key: XXH3 with the process's random seed. Set once before the first key.
void set_hash_seed(uint64_t seed);
uint64_t hash_key(std::string_view key);

struct EntryTraits {
  using Entry = store::Entry;
  static bool equals(const Entry* entry, std::string_view key) { return entry->key() == key; }
  static uint64_t hash(const Entry* entry) { return hash_key(entry->key()); }
};
void free_now(std::unique_ptr<struct Database> dropped);
using Table = ds::SegmentTable<EntryTraits>;

/// One writer at a time (under the shard's lock), many readers: a plain increment on every machine.
class Counter {
 public:
  void add(uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed); }
  void reset() { value_.store(0, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

/// A key's data in one database of one shard. It has an arena of its own, so that flushing a database drops memory whole
/// and visits only values that live outside it.
struct Database {
  Database() : table(arena), expiries(arena, base::wall_ms()) {}
  ds::Arena arena;
  Table table;
  ds::TimeWheel expiries;
  Counter keys;            // table.size(), for readers without the lock
  Counter with_expiry;
  Counter blob_bytes;      // memory of values outside the arena
  uint64_t blobs = 0;      // values outside the arena
  double average_ttl_ms = 0;
  DatabaseNote* note = nullptr;  // the observer's; it sets it back to null before the note goes away
};

struct ShardCounters {
  Counter hits, misses, expired, evicted;
};

class alignas(64) Shard {
  // What every command writes, in one cache line, so that the next thread has to fetch no other.
  coro::Mutex mutex_;
  ShardCounters counters_;

 public:
  Shard(unsigned index, unsigned databases);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  coro::Mutex& mutex() { return mutex_; }
  unsigned index() const { return index_; }
  unsigned database_count() const { return static_cast<unsigned>(databases_.size()); }
  /// Null when nothing was ever put there. Readable without the lock inside the gate (prefetching).
  Database* find_database(unsigned db) const { return databases_[db].load(std::memory_order_acquire); }
  Database& make_database(unsigned db) {
    Database* d = find_database(db);
    return d ? *d : create_database(db);
  }
  ShardCounters& counters() { return counters_; }
  /// Fetches what every command writes, ahead of the lock.
  void prefetch() const { __builtin_prefetch(&mutex_, 1); }

  ChangeObserver* observer = nullptr;
  std::unique_ptr<WatchTable> watches;  // null until somebody watches
  std::unique_ptr<WaitTable> waits;     // null while nobody waits for a key
  bool has_listeners = false;           // watches or waits: the hot path's one look
  /// After a change of either.
  void update_listeners();

  /// SWAPDB, with the gate closed.
  void swap_databases(unsigned a, unsigned b);
  /// FLUSHDB, FLUSHALL, with the gate closed: takes the data out (null: there was none). Freeing it is the caller's affair.
  std::unique_ptr<Database> take_database(unsigned db);
  /// The same, and hands the data to the observer or frees it (`later`: off this thread). Returns how many keys it had.
  uint64_t drop_database(unsigned db, bool later);

 private:
  Database& create_database(unsigned db);

  unsigned index_;
  std::vector<std::atomic<Database*>> databases_;
};
static_assert(sizeof(coro::Mutex) + sizeof(ShardCounters) <= 64);

}  // namespace gyre::store
