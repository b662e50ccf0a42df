#include "gyre/store/active_expiry.h"

#include "gyre/store/db.h"

namespace gyre::store {

namespace {

class TableExpiries final : public ds::ExpirySource {
 public:
  explicit TableExpiries(Database& d) : database_(d) {}
  int64_t expiry_of(uint64_t hash) override {
    int64_t earliest = -1;
    database_.table.find_if(hash, [&](Entry* entry) {
      const int64_t expiry = entry->expiry();
      if (expiry >= 0 && (earliest < 0 || expiry < earliest)) earliest = expiry;
      return false;
    });
    return earliest;
  }

 private:
  Database& database_;
};

constexpr size_t kCompactionItems = 256;
/// How fast the shown average follows the keys that are met; a shown figure only.
constexpr double kAverageWeight = 0.02;

}  // namespace

bool ActiveExpiry::run_shard(Held held, Shard& shard, int64_t now_ms, size_t max_items, DeletionSink* deletions) {
  bool more = false;
  for (unsigned index = 0; index < shard.database_count(); ++index) {
    Database* d = shard.find_database(index);
    if (!d || d->expiries.items() == 0) continue;
    TableExpiries source(*d);
    due_.clear();
    if (!d->expiries.collect_due(now_ms, max_items, source, due_)) more = true;
    for (uint64_t hash : due_) {
      Db db(held, keyspace_, index, now_ms, deletions);
      // Keys may share a hash, so go on until none is due. A key met too early goes back into the index.
      while (Entry* entry = d->table.find_if(hash, [now_ms](Entry* e) { return e->has_expiry() && e->expiry() < now_ms; }))
        db.expire_if_due(Key{entry->key(), hash}, entry);
      const int64_t left = source.expiry_of(hash);
      if (left >= 0) d->expiries.add(hash, left);
    }
    if (d->expiries.wants_compaction(d->with_expiry.get())) d->expiries.compact(kCompactionItems, source);
    if (Entry* sample = d->table.random(base::thread_random()); sample && sample->has_expiry()) {
      const double ttl = static_cast<double>(std::max<int64_t>(sample->expiry() - now_ms, 0));
      d->average_ttl_ms = d->average_ttl_ms == 0 ? ttl : d->average_ttl_ms * (1 - kAverageWeight) + ttl * kAverageWeight;
    }
  }
  return more;
}

}  // namespace gyre::store
