// Lookup, expiry and removal. Changes of values are in db_string.cc and db_value.cc.
#include "gyre/store/db.h"

#include <algorithm>

#include "gyre/store/change_observer.h"
#include "gyre/store/entry_build.h"
#include "gyre/store/wait_table.h"
#include "gyre/store/watch.h"

namespace gyre::store {

namespace {

constexpr uint32_t kAccessMask = 0xffffff;
constexpr uint8_t kLfuInitial = 5;

uint32_t lru_clock(int64_t now_ms) { return static_cast<uint32_t>(now_ms / 1000) & kAccessMask; }
uint32_t lfu_minutes(int64_t now_ms) { return static_cast<uint32_t>(now_ms / 60000) & 0xffff; }

uint8_t decayed(uint32_t access, int64_t now_ms, int decay_minutes) {
  const uint8_t counter = static_cast<uint8_t>(access & 0xff);
  if (decay_minutes == 0) return counter;
  const uint32_t elapsed = (lfu_minutes(now_ms) - (access >> 8)) & 0xffff;
  const uint32_t periods = elapsed / static_cast<uint32_t>(decay_minutes);
  return periods > counter ? 0 : static_cast<uint8_t>(counter - periods);
}

/// Counts up with a probability that falls as the counter grows, so that 8 bits cover a million hits.
uint8_t counted_up(uint8_t counter, int log_factor) {
  if (counter == 255) return counter;
  const double base = counter > kLfuInitial ? counter - kLfuInitial : 0;
  const double chance = 1.0 / (base * log_factor + 1);
  const double draw = static_cast<double>(base::thread_random().next() >> 11) * 0x1.0p-53;
  return draw < chance ? static_cast<uint8_t>(counter + 1) : counter;
}

}  // namespace

Entry* Db::find(const Key& key, bool keep_expired) {
  Database* d = shard_of(key).find_database(index_);
  if (!d) [[unlikely]] return nullptr;
  Entry* entry = d->table.find(key.hash, key.name);
  if (entry && entry->has_expiry() && entry->expiry() < now_ms_) [[unlikely]] {
    if (!keep_expired) expire_if_due(key, entry);
    return nullptr;
  }
  return entry;
}

void Db::note_access(Entry& entry) {
  if (flags_.no_touch) return;
  if (keyspace_.access_policy.load(std::memory_order_relaxed) == AccessPolicy::kLru) [[likely]] {
    const uint32_t clock = lru_clock(now_ms_);
    if (entry.access() != clock) entry.set_access(clock);
    return;
  }
  const uint8_t counter = decayed(entry.access(), now_ms_, keyspace_.lfu_decay_minutes.load(std::memory_order_relaxed));
  const uint8_t next = counted_up(counter, keyspace_.lfu_log_factor.load(std::memory_order_relaxed));
  entry.set_access((lfu_minutes(now_ms_) << 8) | next);
}

Entry* Db::read(const Key& key) {
  Entry* entry = find(key);
  ShardCounters& counters = shard_of(key).counters();
  if (!entry) {
    counters.misses.add();
    return nullptr;
  }
  counters.hits.add();
  note_access(*entry);
  return entry;
}

Entry* Db::write(const Key& key) {
  Entry* entry = find(key, /*keep_expired=*/false);
  if (entry) note_access(*entry);
  return entry;
}

Entry* Db::peek(const Key& key) { return find(key); }

uint32_t Db::fresh_access() const {
  if (keyspace_.access_policy.load(std::memory_order_relaxed) == AccessPolicy::kLru) return lru_clock(now_ms_);
  return (lfu_minutes(now_ms_) << 8) | kLfuInitial;
}

int64_t Db::idle_seconds(const Entry& entry) const {
  return static_cast<int64_t>((lru_clock(now_ms_) - entry.access()) & kAccessMask);
}

uint8_t Db::frequency(const Entry& entry) const {
  return decayed(entry.access(), now_ms_, keyspace_.lfu_decay_minutes.load(std::memory_order_relaxed));
}

void Db::set_access(Entry& entry, uint32_t access) { entry.set_access(access & kAccessMask); }

void Db::tell_listeners(Shard& shard, const Key& key, bool gone) {
  if (shard.watches && tells_watchers_)
    gone ? shard.watches->touch_deleted(index_, key.name) : shard.watches->touch(index_, key.name);
  if (shard.waits && deletions_ && shard.waits->concerns(index_, key.name, key.hash, gone))
    deletions_->awaited(index_, key.name, key.hash);
}

void Db::restore_access(Entry& entry, int64_t idle_seconds, int frequency) const {
  if (keyspace_.access_policy.load(std::memory_order_relaxed) == AccessPolicy::kLfu) {
    if (frequency >= 0) entry.set_access((lfu_minutes(now_ms_) << 8) | static_cast<uint8_t>(frequency));
    return;
  }
  if (idle_seconds < 0) return;
  // Idle for longer than the clock can say: for as long as it can, as in Redis.
  const uint32_t clock = lru_clock(now_ms_);
  entry.set_access(idle_seconds <= clock ? clock - static_cast<uint32_t>(idle_seconds)
                                         : (clock + kAccessMask / 2) % kAccessMask);
}

void Db::about_to_change(Shard& shard, const Entry& entry) {
  if (shard.observer) [[unlikely]] shard.observer->before_change(shard, index_, entry);
}

bool Db::expire_if_due(const Key& key, Entry* entry) {
  if (!entry->has_expiry() || entry->expiry() >= now_ms_) return false;
  Shard& shard = shard_of(key);
  // The key's name may be the entry's own bytes (background expiry): tell everybody before it is freed.
  if (deletions_) deletions_->deleted(index_, key.name, Deletion::kExpired);
  shard.counters().expired.add();
  remove(shard, key, entry);
  return true;
}

void Db::evict(const Key& key, Entry* entry) {
  Shard& shard = shard_of(key);
  if (deletions_) deletions_->deleted(index_, key.name, Deletion::kEvicted);
  shard.counters().evicted.add();
  remove(shard, key, entry);
}

void Db::note_expiry(Database& d, uint64_t hash, int64_t before, int64_t after) {
  if (before < 0 && after >= 0) d.with_expiry.add();
  if (before >= 0 && after < 0) d.with_expiry.subtract();
  if (after >= 0) d.expiries.update(hash, before, after);
}

bool Db::erase(const Key& key) {
  Entry* entry = find(key, /*keep_expired=*/false);
  if (!entry) return false;
  erase(key, entry);
  return true;
}

void Db::erase(const Key& key, Entry* found) {
  ++changes_;
  remove(shard_of(key), key, found);
}

void Db::remove(Shard& shard, const Key& key, Entry* found) {
  about_to_change(shard, *found);
  if (shard.has_listeners) [[unlikely]]
    tell_listeners(shard, key, /*gone=*/true);
  Database& d = *shard.find_database(index_);
  note_expiry(d, key.hash, found->expiry(), -1);
  d.table.erase(d.table.slot_of(key.hash, found));
  d.keys.subtract();
  free_entry(d, found);
}

Entry* Db::replace(Shard&, Database& d, const Key& key, Entry* old, Entry* fresh) {
  d.table.replace(d.table.slot_of(key.hash, old), fresh);
  d.arena.free(old, old->bytes());
  return fresh;
}

/// The same entry with or without room for an expiry; value and access stay.
Entry* Db::rebuild(Shard& shard, Database& d, const Key& key, Entry* old, bool expiry) {
  Entry* fresh = clone_entry(d, *old, old->key(), expiry, /*share=*/false);
  return replace(shard, d, key, old, fresh);
}

Entry* Db::set_expiry(const Key& key, Entry* found, int64_t ms) {
  Shard& shard = shard_of(key);
  Database& d = *shard.find_database(index_);
  about_to_change(shard, *found);
  const int64_t before = found->expiry();
  if (before < 0) found = rebuild(shard, d, key, found, true);
  found->set_expiry(ms);
  note_expiry(d, key.hash, before, ms);
  touched(key);
  return found;
}

Entry* Db::remove_expiry(const Key& key, Entry* found) {
  if (!found->has_expiry()) return found;
  Shard& shard = shard_of(key);
  Database& d = *shard.find_database(index_);
  about_to_change(shard, *found);
  note_expiry(d, key.hash, found->expiry(), -1);
  touched(key);
  return rebuild(shard, d, key, found, false);
}

void Db::move(const Key& from, Entry* found, Db& to_db, const Key& to) {
  Shard& target = to_db.shard_of(to);
  Database& source_d = *shard_of(from).find_database(index_);
  Database& target_d = target.make_database(to_db.index_);
  about_to_change(shard_of(from), *found);
  const int64_t expiry = found->expiry();
  // The value changes owner: the old entry is freed without it.
  Entry* fresh = clone_entry(target_d, *found, to.name, expiry >= 0, /*share=*/false);
  if (!fresh->value_in_line()) move_outside_account(source_d, target_d, *fresh);
  target_d.table.insert(to.hash, fresh);
  target_d.keys.add();
  if (expiry >= 0) fresh->set_expiry(expiry);
  note_expiry(target_d, to.hash, -1, expiry);
  to_db.touched(to);

  touched(from);
  note_expiry(source_d, from.hash, expiry, -1);
  source_d.table.erase(source_d.table.slot_of(from.hash, found));
  source_d.keys.subtract();
  source_d.arena.free(found, found->bytes());
}

void Db::copy(const Entry& from, Db& to_db, const Key& to) {
  Database& d = to_db.shard_of(to).make_database(to_db.index_);
  const int64_t expiry = from.expiry();
  Entry* fresh = clone_entry(d, from, to.name, expiry >= 0, /*share=*/true);
  fresh->set_access(to_db.fresh_access());
  if (expiry >= 0) fresh->set_expiry(expiry);
  d.table.insert(to.hash, fresh);
  d.keys.add();
  note_expiry(d, to.hash, -1, expiry);
  to_db.touched(to);
}

}  // namespace gyre::store
