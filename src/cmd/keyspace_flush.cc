// Commands that drop or exchange whole databases. They run with the gate closed: nobody else is inside.
#include <string>

#include "gyre/exec/ignore_case.h"
#include "gyre/store/hash.h"
#include "gyre/store/watch.h"
#include "keyspace_commands.h"
#include "support.h"

namespace gyre::cmd {

namespace {

/// Raises the flags of those who watch a key that the database holds.
void touch_watchers(store::Shard& shard, unsigned db) {
  const store::Database* d = shard.find_database(db);
  if (!shard.has_watches || !d) return;
  shard.watches->touch_all(
      db, [d](std::string_view name) { return d->table.find(store::hash_key(name), name) != nullptr; });
}

/// Returns how many keys were dropped.
uint64_t flush(store::Keyspace& keyspace, unsigned db, bool later) {
  uint64_t dropped = 0;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    store::Shard& shard = keyspace.shard(i);
    touch_watchers(shard, db);
    std::unique_ptr<store::Database> data = shard.take_database(db);
    if (!data) continue;
    dropped += data->keys.get();
    later ? store::free_later(std::move(data)) : store::free_now(std::move(data));
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
  c.add_dirty(flush(c.db().keyspace(), c.db().index(), later));
  c.reply.ok();
}

void flushall(CommandContext& c) {
  bool later;
  if (!flush_mode(c, &later)) return;
  store::Keyspace& keyspace = c.db().keyspace();
  for (unsigned db = 0; db < keyspace.database_count(); ++db) c.add_dirty(flush(keyspace, db, later));
  c.reply.ok();
}

}  // namespace gyre::cmd
