// Small commands of the connection: which database, how many keys, is anybody there.
#include "gyre/base/clock.h"
#include "keyspace_commands.h"
#include "support.h"

namespace gyre::cmd {

void dbsize(CommandContext& c) {
  c.reply.integer(static_cast<int64_t>(c.db().keyspace().keys(c.db().index())));
}

void select(CommandContext& c) {
  unsigned index;
  if (!database_argument(c, 1, &index)) return;
  c.session.db = index;
  c.reply.ok();
}

void ping(CommandContext& c) {
  if (c.argc() > 2) return c.wrong_arity();
  if (c.argc() == 1) return c.reply.pong();
  c.reply.bulk(c.arg(1));
}

void echo(CommandContext& c) { c.reply.bulk(c.arg(1)); }

void time(CommandContext& c) {
  char digits[base::kInt64TextMax];
  const int64_t now_us = base::wall_us();
  c.reply.array(2);
  c.reply.bulk({digits, base::format_int64(now_us / 1000000, digits)});
  c.reply.bulk({digits, base::format_int64(now_us % 1000000, digits)});
}

}  // namespace gyre::cmd
