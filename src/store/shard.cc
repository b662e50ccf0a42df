#include "gyre/store/shard.h"

#include "gyre/store/change_observer.h"
#include "gyre/store/hash.h"
#include "gyre/store/keyspace.h"
#include "gyre/store/wait_table.h"
#include "gyre/store/watch.h"

namespace gyre::store {

namespace detail {
uint64_t hash_seed = 0;
}

void set_hash_seed(uint64_t seed) { detail::hash_seed = seed; }
uint64_t hash_key(std::string_view key) { return hash_key_inline(key); }

Shard::Shard(unsigned index, unsigned databases) : index_(index), databases_(databases) {}

Shard::~Shard() {
  for (unsigned db = 0; db < database_count(); ++db) free_now(take_database(db));
}

void Shard::update_listeners() {
  if (waits && waits->empty()) waits.reset();
  has_listeners = waits || (watches && !watches->empty());
}

Database& Shard::create_database(unsigned db) {
  auto* d = new Database;
  databases_[db].store(d, std::memory_order_release);
  return *d;
}

void Shard::swap_databases(unsigned a, unsigned b) {
  Database* first = databases_[a].load(std::memory_order_relaxed);
  databases_[a].store(databases_[b].load(std::memory_order_relaxed), std::memory_order_release);
  databases_[b].store(first, std::memory_order_release);
}

std::unique_ptr<Database> Shard::take_database(unsigned db) {
  return std::unique_ptr<Database>(databases_[db].exchange(nullptr, std::memory_order_acq_rel));
}

uint64_t Shard::drop_database(unsigned db, bool later) {
  std::unique_ptr<Database> data = take_database(db);
  if (!data) return 0;
  const uint64_t keys = data->keys.get();
  if (observer) {
    observer->dropped(*this, std::move(data), later);
  } else {
    later ? free_later(std::move(data)) : free_now(std::move(data));
  }
  return keys;
}

void ChangeObserver::dropped(Shard&, std::unique_ptr<Database> database, bool later) {
  later ? free_later(std::move(database)) : free_now(std::move(database));
}

}  // namespace gyre::store
