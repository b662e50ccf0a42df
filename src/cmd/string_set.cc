// Commands that set a string.
#include "string_commands.h"
#include "support.h"

namespace gyre::cmd {

void set(CommandContext& c) {
  const Key key = c.key(1);
  set_to_argument(c, key, c.db().write(key), 2);
  c.reply.ok();
}

void setnx(CommandContext& c) {
  const Key key = c.key(1);
  if (c.db().write(key)) return c.reply.integer(0);
  set_to_argument(c, key, nullptr, 2);
  c.reply.integer(1);
}

void mset(CommandContext& c) {
  if (c.argc() % 2 == 0) return c.wrong_arity();
  for_each_key(c, 1, 2,
               [&c](const Key& key, size_t i) { set_to_argument(c, key, c.db().write(key), i + 1); });
  c.reply.ok();
}

}  // namespace gyre::cmd
