// Strings as counters.
#include "gyre/base/numbers.h"
#include "string_commands.h"
#include "support.h"

namespace gyre::cmd {

namespace {

void add(CommandContext& c, int64_t increment) {
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_string(c, entry)) return;
  int64_t value = 0;
  if (entry) {
    if (entry->string_encoding() == store::StringEncoding::kInt) [[likely]] {
      value = entry->int_value();
    } else {
      const std::optional<int64_t> parsed = base::parse_int64(entry->raw_value());
      if (!parsed) return c.not_an_integer();
      value = *parsed;
    }
  }
  if (__builtin_add_overflow(value, increment, &value))
    return c.reply.error("ERR increment or decrement would overflow");
  c.db().set_int(key, entry, value, {Expiry::kKeep});
  c.reply.integer(value);
}

}  // namespace

void incr(CommandContext& c) { add(c, 1); }

}  // namespace gyre::cmd
