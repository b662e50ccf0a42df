// List commands that wait until there is something to take.
#include "blocking.h"
#include "list_commands.h"

namespace gyre::cmd {

namespace {

/// BLPOP, BRPOP.
void pop_or_wait(CommandContext& c, ListEnd end) {
  const size_t words = c.argc() - 1;
  int64_t timeout_ms;
  if (!timeout_in_seconds(c, words, &timeout_ms)) return;
  for (size_t i = 1; i < words; ++i) {
    const Key key = c.key(i);
    Entry* list = c.db().write(key);
    if (!list) continue;
    if (!check_list(c, list)) return;
    c.reply.array(2);
    c.reply.bulk(key.name);
    pop_element(c, key, list, end);
    return c.propagate_as({end == ListEnd::kHead ? "LPOP" : "RPOP", key.name});
  }
  wait_or_null_array(
      c, {.type = store::Type::kList, .first_key = 1, .keys = words - 1, .timeout_ms = timeout_ms});
}

/// True when there was something to move, or an error was replied.
bool move_or_wait(CommandContext& c, ListEnd from, ListEnd to, int64_t timeout_ms) {
  Entry* source = c.db().write(c.key(1));
  if (!check_list(c, source)) return false;
  if (source) return move_element(c, from, to);
  if (exec::may_block(c)) {
    exec::wait_for_keys(c, {.type = store::Type::kList, .first_key = 1, .keys = 1, .timeout_ms = timeout_ms});
  } else {
    c.reply.null();
  }
  return false;
}

}  // namespace

void blpop(CommandContext& c) { pop_or_wait(c, ListEnd::kHead); }
void brpop(CommandContext& c) { pop_or_wait(c, ListEnd::kTail); }

void blmove(CommandContext& c) {
  ListEnd from, to;
  int64_t timeout_ms;
  if (!list_end(c, 3, &from) || !list_end(c, 4, &to) || !timeout_in_seconds(c, 5, &timeout_ms)) return;
  if (move_or_wait(c, from, to, timeout_ms))
    c.propagate_as({"LMOVE", c.arg(1), c.arg(2), c.arg(3), c.arg(4)});
}

void brpoplpush(CommandContext& c) {
  int64_t timeout_ms;
  if (!timeout_in_seconds(c, 3, &timeout_ms)) return;
  if (move_or_wait(c, ListEnd::kTail, ListEnd::kHead, timeout_ms))
    c.propagate_as({"RPOPLPUSH", c.arg(1), c.arg(2)});
}

void blmpop(CommandContext& c) {
  PopArguments arguments;
  int64_t timeout_ms;
  if (!pop_arguments(c, 2, &arguments) || !timeout_in_seconds(c, 1, &timeout_ms)) return;
  if (pop_from_first(c, arguments)) return;
  wait_or_null_array(c, {.type = store::Type::kList,
                         .first_key = arguments.first_key,
                         .keys = arguments.keys,
                         .timeout_ms = timeout_ms});
}

}  // namespace gyre::cmd
