// Commands that delete, count and name keys.
#include "generic_commands.h"
#include "support.h"

namespace gyre::cmd {

void del(CommandContext& c) {
  int64_t deleted = 0;
  for_each_key(c, 1, 1, [&](const Key& key, size_t) { deleted += c.db().erase(key); });
  c.reply.integer(deleted);
}

void unlink(CommandContext& c) { del(c); }

void exists(CommandContext& c) {
  int64_t count = 0;
  for_each_key(c, 1, 1, [&](const Key& key, size_t) { count += read_untouched(c.db(), key) != nullptr; });
  c.reply.integer(count);
}

void touch(CommandContext& c) {
  int64_t count = 0;
  for_each_key(c, 1, 1, [&](const Key& key, size_t) { count += c.db().read(key) != nullptr; });
  c.reply.integer(count);
}

void type(CommandContext& c) {
  const Entry* entry = read_untouched(c.db(), c.key(1));
  c.reply.simple(entry ? store::type_name(entry->type()) : "none");
}

}  // namespace gyre::cmd
