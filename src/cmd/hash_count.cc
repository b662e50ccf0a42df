// Fields as counters.
#include <cmath>
#include <string>

#include "hash_commands.h"

namespace gyre::cmd {

void hincrby(CommandContext& c) {
  int64_t increment;
  if (!c.get_int64(3, &increment)) return;
  const Key key = c.key(1);
  Entry* hash = c.db().write(key);
  if (!check_hash(c, hash)) return;
  HashEdit edit(c, key, hash);
  int64_t value = 0;
  if (const std::optional<ds::PackedElement> before = edit.find(c.arg(2))) {
    const std::optional<int64_t> parsed =
        before->is_integer() ? before->integer() : base::parse_int64(before->bytes());
    if (!parsed) return c.reply.error("ERR hash value is not an integer");
    value = *parsed;
  }
  if (__builtin_add_overflow(value, increment, &value))
    return c.reply.error("ERR increment or decrement would overflow");
  edit.put(c.arg(2), value);
  edit.close();
  c.set_changes(1);
  c.reply.integer(value);
}

void hincrbyfloat(CommandContext& c) {
  const std::optional<long double> increment = base::parse_long_double(c.arg(3));
  if (!increment) return c.reply.error("ERR value is not a valid float");
  if (!std::isfinite(*increment)) return c.reply.error("ERR value is NaN or Infinity");
  const Key key = c.key(1);
  Entry* hash = c.db().write(key);
  if (!check_hash(c, hash)) return;
  HashEdit edit(c, key, hash);
  long double value = 0;
  if (const std::optional<ds::PackedElement> before = edit.find(c.arg(2))) {
    const std::optional<long double> parsed = before->is_integer()
                                                  ? static_cast<long double>(before->integer())
                                                  : base::parse_long_double(before->bytes());
    if (!parsed) return c.reply.error("ERR hash value is not a float");
    value = *parsed;
  }
  value += *increment;
  if (!std::isfinite(value)) return c.reply.error("ERR increment would produce NaN or Infinity");
  const std::string text = base::format_long_double(value);
  edit.put(c.arg(2), std::string_view(text));
  edit.close();
  c.set_changes(1);
  // The sum, because another machine's arithmetic may differ.
  c.propagate_with({{0, "HSET"}, {3, text}});
  c.reply.bulk(text);
}

}  // namespace gyre::cmd
