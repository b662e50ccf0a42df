// Strings as counters.
#include <cmath>
#include <optional>

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
  if (entry && entry->string_encoding() == store::StringEncoding::kInt) [[likely]] {
    value = entry->int_value();
  } else if (entry) {
    const std::optional<int64_t> parsed = base::parse_int64(entry->raw_value());
    if (!parsed) return c.not_an_integer();
    value = *parsed;
  }
  if (__builtin_add_overflow(value, increment, &value))
    return c.reply.error("ERR increment or decrement would overflow");
  c.db().set_int(key, entry, value, {Expiry::kKeep});
  c.reply.integer(value);
}

}  // namespace

void incr(CommandContext& c) { add(c, 1); }
void decr(CommandContext& c) { add(c, -1); }

void incrby(CommandContext& c) {
  int64_t increment;
  if (c.get_int64(2, &increment)) add(c, increment);
}

void decrby(CommandContext& c) {
  int64_t decrement;
  if (!c.get_int64(2, &decrement)) return;
  if (decrement == INT64_MIN) return c.reply.error("ERR decrement would overflow");
  add(c, -decrement);
}

void incrbyfloat(CommandContext& c) {
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_string(c, entry)) return;
  char scratch[base::kInt64TextMax];
  const std::optional<long double> before = entry ? base::parse_long_double(entry->text(scratch)) : 0.0L;
  const std::optional<long double> increment = before ? base::parse_long_double(c.arg(2)) : std::nullopt;
  if (!increment) return c.reply.error("ERR value is not a valid float");
  const long double value = *before + *increment;
  if (!std::isfinite(value)) return c.reply.error("ERR increment would produce NaN or Infinity");
  const std::string text = base::format_long_double(value);
  // Kept as text even when it is whole, which OBJECT ENCODING shows.
  c.db().set_text(key, entry, text, {Expiry::kKeep});
  // The sum, because another machine's arithmetic may differ.
  c.propagate_with({{0, "SET"}, {2, text}, {3, "KEEPTTL"}});
  c.reply.bulk(text);
}

}  // namespace gyre::cmd
