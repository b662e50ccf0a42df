// Commands that drop or exchange whole databases. They run with the gate closed: nobody else is inside.
#include <string>

#include "gyre/exec/ignore_case.h"
#include "gyre/store/hash.h"
#include "gyre/store/wait_table.h"
#include "gyre/store/watch.h"
#include "keyspace_commands.h"
#include "support.h"

namespace gyre::cmd {

namespace {

store::Presence presence(const store::Database* d, std::string_view name, int64_t now_ms) {
  const Entry* entry = d ? d->table.find(store::hash_key(name), name) : nullptr;
  if (!entry) return store::Presence::kAbsent;
  return entry->has_expiry() && entry->expiry() < now_ms ? store::Presence::kExpired
                                                         : store::Presence::kPresent;
}

/// Tells those who watch a key, or wait for one, that the shard's part of the database holds or will hold,
/// when `after` takes its place (null: nothing does).
void tell_listeners(CommandContext& c, store::Shard& shard, unsigned db, const store::Database* after) {
  if (!shard.has_listeners) return;
  const store::Database* before = shard.find_database(db);
  const int64_t now_ms = c.now_ms();
  if (shard.watches)
    shard.watches->touch_replaced(
        db, [=](std::string_view name) { return presence(before, name, now_ms); },
        [=](std::string_view name) { return presence(after, name, now_ms); });
  if (!shard.waits) return;
  shard.waits->for_each([&](const store::WaitTable::Wait& wait, uint64_t hash) {
    if (wait.db != db) return;
    const bool comes = presence(after, wait.name, now_ms) == store::Presence::kPresent;
    const bool goes = presence(before, wait.name, now_ms) != store::Presence::kAbsent;
    if (comes || (goes && wait.gone_too)) c.reactor.effects.awaited(db, wait.name, hash);
  });
}

/// Returns how many keys were dropped.
uint64_t flush(CommandContext& c, unsigned db, bool later) {
  store::Keyspace& keyspace = c.db().keyspace();
  uint64_t dropped = 0;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    store::Shard& shard = keyspace.shard(i);
    tell_listeners(c, shard, db, nullptr);
    dropped += shard.drop_database(db, later);
  }
  return dropped;
}

/// SYNC, ASYNC or what is configured. False and the error replied for anything else.
bool flush_mode(CommandContext& c, bool* later) {
  *later = environment(c).lazyfree_user_flush();
  if (c.argc() == 1) return true;
  if (c.argc() == 2 && exec::equal_ignoring_case(c.arg(1), "sync")) {
    *later = false;
    return true;
  }
  if (c.argc() == 2 && exec::equal_ignoring_case(c.arg(1), "async")) {
    *later = true;
    return true;
  }
  c.syntax_error();
  return false;
}

}  // namespace

void flushdb(CommandContext& c) {
  bool later;
  if (!flush_mode(c, &later)) return;
  c.add_dirty(flush(c, c.db().index(), later));
  c.force_propagation();
  c.reply.ok();
}

void flushall(CommandContext& c) {
  bool later;
  if (!flush_mode(c, &later)) return;
  for (unsigned db = 0; db < c.db().keyspace().database_count(); ++db) c.add_dirty(flush(c, db, later));
  environment(c).all_dropped(c.dirty);
  c.force_propagation();
  c.reply.ok();
}

void swapdb(CommandContext& c) {
  int32_t a, b;
  if (!get_int32(c, 1, &a, "ERR invalid first DB index")) return;
  if (!get_int32(c, 2, &b, "ERR invalid second DB index")) return;
  store::Keyspace& keyspace = c.db().keyspace();
  const auto count = static_cast<int32_t>(keyspace.database_count());
  if (a < 0 || a >= count || b < 0 || b >= count) return c.reply.error("ERR DB index is out of range");
  const auto first = static_cast<unsigned>(a), second = static_cast<unsigned>(b);
  for (unsigned i = 0; first != second && i < keyspace.shard_count(); ++i) {
    store::Shard& shard = keyspace.shard(i);
    tell_listeners(c, shard, first, shard.find_database(second));
    tell_listeners(c, shard, second, shard.find_database(first));
    shard.swap_databases(first, second);
  }
  c.add_dirty();
  c.reply.ok();
}

}  // namespace gyre::cmd
