// Commands that return a string's value.
#include "string_commands.h"
#include "support.h"

namespace gyre::cmd {

void get(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!entry) return c.reply.null();
  if (entry->type() != store::Type::kString) [[unlikely]]
    return c.wrong_type();
  reply_string(c, *entry);
}

void getdel(CommandContext& c) {
  const Key key = c.key(1);
  Entry* entry = c.db().read(key);
  if (!entry) return c.reply.null();
  if (!check_string(c, entry)) return;
  reply_string(c, *entry);
  c.db().erase(key, entry);
}

void getset(CommandContext& c) {
  const Key key = c.key(1);
  Entry* entry = c.db().read(key);
  if (!check_string(c, entry)) return;
  if (entry) {
    reply_string(c, *entry);
  } else {
    c.reply.null();
  }
  set_to_argument(c, key, entry, 2);
}

void mget(CommandContext& c) {
  c.reply.array(c.argc() - 1);
  for_each_key(c, 1, 1, [&c](const Key& key, size_t) {
    const Entry* entry = c.db().read(key);
    if (entry && entry->type() == store::Type::kString) {
      reply_string(c, *entry);
    } else {
      c.reply.null();
    }
  });
}

}  // namespace gyre::cmd
