// Commands that set strings.
#include <string_view>
#include <vector>

#include "expire_argument.h"
#include "gyre/exec/ignore_case.h"
#include "string_commands.h"
#include "support.h"

namespace gyre::cmd {

namespace {

struct SetOptions {
  bool only_new = false, only_existing = false, return_old = false, keep_ttl = false;
  ExpireOption expire = ExpireOption::kNone;
  size_t expire_at = 0;  // the argument that holds the time
};

/// False when the words make no sense together. A time may be given twice, with the same word: the last one
/// counts.
bool parse_set_options(CommandContext& c, SetOptions* options) {
  for (size_t i = 3; i < c.argc(); ++i) {
    const std::string_view word = c.arg(i);
    if (exec::equal_ignoring_case(word, "nx") && !options->only_existing) {
      options->only_new = true;
    } else if (exec::equal_ignoring_case(word, "xx") && !options->only_new) {
      options->only_existing = true;
    } else if (exec::equal_ignoring_case(word, "get")) {
      options->return_old = true;
    } else if (exec::equal_ignoring_case(word, "keepttl") && options->expire == ExpireOption::kNone) {
      options->keep_ttl = true;
    } else {
      const ExpireOption expire = expire_option(word);
      const bool other = options->expire != ExpireOption::kNone && options->expire != expire;
      if (expire == ExpireOption::kNone || other || options->keep_ttl || i + 1 == c.argc()) return false;
      options->expire = expire;
      options->expire_at = ++i;
    }
  }
  return true;
}

/// Relative times become absolute ones, and then all other options go. GET, which tells nobody but the
/// client, is left out, except where an absolute time leaves the command as it was sent.
void propagate_set(CommandContext& c, const SetOptions& options, int64_t expiry_ms) {
  if (!c.propagating() || options.expire == ExpireOption::kPxAt) return;
  if (options.expire != ExpireOption::kNone)
    return c.propagate_as({"SET", c.arg(1), c.arg(2), "PXAT", NumberText(expiry_ms)});
  if (!options.return_old) return;
  std::vector<std::string_view> kept;
  for (size_t i = 0; i < c.argc(); ++i)
    if (i < 3 || !exec::equal_ignoring_case(c.arg(i), "get")) kept.push_back(c.arg(i));
  c.propagate_as(kept);
}

void set_with_options(CommandContext& c) {
  SetOptions options;
  if (!parse_set_options(c, &options)) return c.syntax_error();
  Expiry expiry;
  if (options.keep_ttl) expiry.ms = Expiry::kKeep;
  if (options.expire != ExpireOption::kNone &&
      !expire_argument(c, options.expire_at, options.expire, &expiry.ms))
    return;

  const Key key = c.key(1);
  Entry* found = options.return_old ? c.db().read(key) : c.db().write(key);
  if (options.return_old) {
    if (!check_string(c, found)) return;
    reply_string_or_null(c, found);
  }
  if (found ? options.only_new : options.only_existing) {
    if (!options.return_old) c.reply.null();
    return;
  }
  set_to_argument(c, key, found, 2, expiry);
  propagate_set(c, options, expiry.ms);
  if (!options.return_old) c.reply.ok();
}

void set_expiring(CommandContext& c, ExpireOption option) {
  Expiry expiry;
  if (!expire_argument(c, 2, option, &expiry.ms)) return;
  const Key key = c.key(1);
  set_to_argument(c, key, c.db().write(key), 3, expiry);
  if (c.propagating()) c.propagate_as({"SET", key.name, c.arg(3), "PXAT", NumberText(expiry.ms)});
  c.reply.ok();
}

void set_pairs(CommandContext& c) {
  for_each_key(c, 1, 2,
               [&c](const Key& key, size_t i) { set_to_argument(c, key, c.db().write(key), i + 1); });
}

}  // namespace

void set(CommandContext& c) {
  if (c.argc() != 3) [[unlikely]]
    return set_with_options(c);
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

void setex(CommandContext& c) { set_expiring(c, ExpireOption::kEx); }
void psetex(CommandContext& c) { set_expiring(c, ExpireOption::kPx); }

void mset(CommandContext& c) {
  if (c.argc() % 2 == 0) return c.wrong_arity();
  set_pairs(c);
  c.reply.ok();
}

void msetnx(CommandContext& c) {
  if (c.argc() % 2 == 0) return c.wrong_arity();
  bool all_new = true;
  for_each_key(c, 1, 2, [&](const Key& key, size_t) { all_new = all_new && !c.db().write(key); });
  if (!all_new) return c.reply.integer(0);
  set_pairs(c);
  c.reply.integer(1);
}

}  // namespace gyre::cmd
