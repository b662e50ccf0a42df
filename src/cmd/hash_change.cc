// Commands that set given fields or take them out.
#include "hash_commands.h"

namespace gyre::cmd {

namespace {

/// HSET and HMSET. False when there was an error, which has been replied.
bool set_fields(CommandContext& c, uint64_t* added) {
  if (c.argc() % 2 != 0) {
    c.wrong_arity();
    return false;
  }
  const Key key = c.key(1);
  Entry* hash = c.db().write(key);
  if (!check_hash(c, hash)) return false;
  HashEdit edit(c, key, hash);
  *added = edit.set_all(c, 2);
  edit.close();
  // All of them are changes to Redis, also those to the value that was there.
  c.set_changes(c.argc() / 2 - 1);
  return true;
}

}  // namespace

void hset(CommandContext& c) {
  uint64_t added;
  if (set_fields(c, &added)) c.reply.integer(static_cast<int64_t>(added));
}

void hmset(CommandContext& c) {
  uint64_t added;
  if (set_fields(c, &added)) c.reply.ok();
}

void hsetnx(CommandContext& c) {
  const Key key = c.key(1);
  Entry* hash = c.db().write(key);
  if (!check_hash(c, hash)) return;
  HashEdit edit(c, key, hash);
  if (edit.find(c.arg(2))) return c.reply.integer(0);
  edit.put(c.arg(2), c.arg(3));
  edit.close();
  c.set_changes(1);
  c.reply.integer(1);
}

void hdel(CommandContext& c) {
  const Key key = c.key(1);
  Entry* hash = c.db().write(key);
  if (!check_hash(c, hash)) return;
  if (!hash) return c.reply.integer(0);
  HashEdit edit(c, key, hash);
  uint64_t removed = 0;
  for (size_t i = 2; i < c.argc(); ++i) removed += edit.erase(c.arg(i));
  edit.close();
  c.set_changes(removed);
  c.reply.integer(static_cast<int64_t>(removed));
}

}  // namespace gyre::cmd
