// Commands that return a string's value.
#include "expire_argument.h"
#include "gyre/exec/ignore_case.h"
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
  if (!check_string(c, entry)) return;
  reply_string_or_null(c, entry);
  if (!entry) return;
  c.db().erase(key, entry);
  c.propagate_as({"DEL", key.name});
}

void getset(CommandContext& c) {
  const Key key = c.key(1);
  Entry* entry = c.db().read(key);
  if (!check_string(c, entry)) return;
  reply_string_or_null(c, entry);
  set_to_argument(c, key, entry, 2);
  c.propagate_with({{0, "SET"}});
}

void getex(CommandContext& c) {
  ExpireOption expire = ExpireOption::kNone;
  size_t expire_at = 0;
  bool persist = false;
  for (size_t i = 2; i < c.argc(); ++i) {
    if (exec::equal_ignoring_case(c.arg(i), "persist") && expire == ExpireOption::kNone) {
      persist = true;
      continue;
    }
    const ExpireOption option = expire_option(c.arg(i));
    const bool other = expire != ExpireOption::kNone && expire != option;
    if (option == ExpireOption::kNone || other || persist || i + 1 == c.argc()) return c.syntax_error();
    expire = option;
    expire_at = ++i;
  }

  const Key key = c.key(1);
  Entry* entry = c.db().read(key);
  if (!entry) return c.reply.null();
  if (!check_string(c, entry)) return;
  int64_t at_ms = 0;
  if (expire != ExpireOption::kNone && !expire_argument(c, expire_at, expire, &at_ms)) return;
  reply_string(c, *entry);
  if (is_absolute(expire) && at_ms <= c.now_ms()) {
    c.db().erase(key, entry);
    c.propagate_expired(key.name);
  } else if (expire != ExpireOption::kNone) {
    c.db().set_expiry(key, entry, at_ms);
    if (c.propagating()) c.propagate_as({"PEXPIREAT", key.name, NumberText(at_ms)});
  } else if (persist && entry->has_expiry()) {
    c.db().remove_expiry(key, entry);
    c.propagate_as({"PERSIST", key.name});
  }
}

void mget(CommandContext& c) {
  c.reply.array(c.argc() - 1);
  for_each_key(c, 1, 1, [&c](const Key& key, size_t) {
    const Entry* entry = c.db().read(key);
    reply_string_or_null(c, entry && entry->type() == store::Type::kString ? entry : nullptr);
  });
}

}  // namespace gyre::cmd
