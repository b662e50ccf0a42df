// Setting, showing and removing expiry times.
#include "expire_argument.h"
#include "generic_commands.h"
#include "gyre/exec/ignore_case.h"
#include "support.h"

namespace gyre::cmd {

namespace {

struct Condition {
  bool nx = false, xx = false, gt = false, lt = false;

  bool any() const { return nx || xx || gt || lt; }
  /// Whether an expiry (-1: none, which counts as never) may become `at_ms`.
  bool allows(int64_t current, int64_t at_ms) const {
    if (nx && current != -1) return false;
    if (xx && current == -1) return false;
    if (gt && (current == -1 || at_ms <= current)) return false;
    if (lt && current != -1 && at_ms >= current) return false;
    return true;
  }
};

bool parse_condition(CommandContext& c, Condition* condition) {
  for (size_t i = 3; i < c.argc(); ++i) {
    const std::string_view word = c.arg(i);
    if (exec::equal_ignoring_case(word, "nx")) {
      condition->nx = true;
    } else if (exec::equal_ignoring_case(word, "xx")) {
      condition->xx = true;
    } else if (exec::equal_ignoring_case(word, "gt")) {
      condition->gt = true;
    } else if (exec::equal_ignoring_case(word, "lt")) {
      condition->lt = true;
    } else {
      c.reply.errorf("ERR Unsupported option %.*s", static_cast<int>(word.size()), word.data());
      return false;
    }
  }
  if (condition->nx && (condition->xx || condition->gt || condition->lt)) {
    c.reply.error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return false;
  }
  if (condition->gt && condition->lt) {
    c.reply.error("ERR GT and LT options at the same time are not compatible");
    return false;
  }
  return true;
}

/// Argument 2 counts `unit_ms` and starts from `base_ms`. Unlike SET's, it may be zero or negative: the key
/// goes at once.
void set_expiry(CommandContext& c, int64_t base_ms, int64_t unit_ms) {
  Condition condition;
  if (!parse_condition(c, &condition)) return;
  int64_t at_ms;
  if (!c.get_int64(2, &at_ms)) return;
  if (__builtin_mul_overflow(at_ms, unit_ms, &at_ms) || __builtin_add_overflow(at_ms, base_ms, &at_ms))
    return reply_invalid_expire(c);

  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!entry) return c.reply.integer(0);
  if (condition.any() && !condition.allows(entry->expiry(), at_ms)) return c.reply.integer(0);
  if (at_ms <= c.now_ms()) {
    c.db().erase(key, entry);
    c.propagate_expired(key.name);
  } else {
    c.db().set_expiry(key, entry, at_ms);
    // The conditions stay; PEXPIREAT itself is said as it was sent.
    if ((base_ms != 0 || unit_ms != 1) && c.propagating())
      c.propagate_with({{0, "PEXPIREAT"}, {2, NumberText(at_ms)}});
  }
  c.reply.integer(1);
}

/// Replies the expiry less `base_ms`, -1 for a key without one, -2 without a key.
void reply_expiry(CommandContext& c, int64_t base_ms, int64_t unit_ms) {
  const Entry* entry = read_untouched(c.db(), c.key(1));
  if (!entry) return c.reply.integer(-2);
  if (!entry->has_expiry()) return c.reply.integer(-1);
  // Unsigned: the latest time there is can still be rounded up.
  const auto ms = static_cast<uint64_t>(std::max<int64_t>(entry->expiry() - base_ms, 0));
  const auto unit = static_cast<uint64_t>(unit_ms);
  c.reply.integer(static_cast<int64_t>((ms + unit / 2) / unit));
}

}  // namespace

void expire(CommandContext& c) { set_expiry(c, c.now_ms(), 1000); }
void pexpire(CommandContext& c) { set_expiry(c, c.now_ms(), 1); }
void expireat(CommandContext& c) { set_expiry(c, 0, 1000); }
void pexpireat(CommandContext& c) { set_expiry(c, 0, 1); }

void ttl(CommandContext& c) { reply_expiry(c, c.now_ms(), 1000); }
void pttl(CommandContext& c) { reply_expiry(c, c.now_ms(), 1); }
void expiretime(CommandContext& c) { reply_expiry(c, 0, 1000); }
void pexpiretime(CommandContext& c) { reply_expiry(c, 0, 1); }

void persist(CommandContext& c) {
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  const bool expires = entry && entry->has_expiry();
  if (expires) c.db().remove_expiry(key, entry);
  c.reply.integer(expires);
}

}  // namespace gyre::cmd
