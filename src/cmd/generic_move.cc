// Commands that give a value another key, or a second one.
#include "generic_commands.h"
#include "gyre/exec/ignore_case.h"
#include "support.h"

namespace gyre::cmd {

namespace {

constexpr const char* kSameObject = "ERR source and destination objects are the same";

void rename(CommandContext& c, bool only_new) {
  Db& db = c.db();
  const Key from = c.key(1), to = c.key(2);
  Entry* entry = db.write(from);
  if (!entry) return c.reply.error("ERR no such key");
  if (from.name == to.name) return only_new ? c.reply.integer(0) : c.reply.ok();
  if (Entry* there = db.write(to)) {
    if (only_new) return c.reply.integer(0);
    db.erase(to, there);
  }
  db.move(from, entry, db, to);
  c.set_changes(1);
  only_new ? c.reply.integer(1) : c.reply.ok();
}

}  // namespace

void rename_key(CommandContext& c) { rename(c, false); }
void renamenx(CommandContext& c) { rename(c, true); }

void move(CommandContext& c) {
  unsigned index;
  if (!database_argument(c, 2, &index)) return;
  if (index == c.db().index()) return c.reply.error(kSameObject);
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!entry) return c.reply.integer(0);
  Db target = c.db().other(index);
  if (target.write(key)) return c.reply.integer(0);
  c.db().move(key, entry, target, key);
  c.reply.integer(1);
}

void copy(CommandContext& c) {
  bool replace = false;
  unsigned index = c.db().index();
  for (size_t i = 3; i < c.argc(); ++i) {
    if (exec::equal_ignoring_case(c.arg(i), "replace")) {
      replace = true;
    } else if (exec::equal_ignoring_case(c.arg(i), "db") && i + 1 < c.argc()) {
      if (!database_argument(c, ++i, &index)) return;
    } else {
      return c.syntax_error();
    }
  }
  const Key from = c.key(1), to = c.key(2);
  if (index == c.db().index() && from.name == to.name) return c.reply.error(kSameObject);
  const Entry* entry = c.db().read(from);
  if (!entry) return c.reply.integer(0);
  Db target = c.db().other(index);
  if (Entry* there = target.write(to)) {
    if (!replace) return c.reply.integer(0);
    target.erase(to, there);
  }
  c.db().copy(*entry, target, to);
  c.set_changes(1);
  c.reply.integer(1);
}

}  // namespace gyre::cmd
