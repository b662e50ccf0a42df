// Commands that put elements into lists.
#include "gyre/exec/ignore_case.h"
#include "list_commands.h"

namespace gyre::cmd {

namespace {

void push(CommandContext& c, ListEnd end, bool only_existing) {
  const Key key = c.key(1);
  Entry* list = c.db().write(key);
  if (!check_list(c, list)) return;
  if (!list && only_existing) return c.reply.integer(0);
  ListEdit edit(c, key, list);
  edit.push(c.args.subspan(2), end);
  c.set_changes(c.argc() - 2);
  c.reply.integer(static_cast<int64_t>(edit.size()));
}

}  // namespace

void lpush(CommandContext& c) { push(c, ListEnd::kHead, false); }
void rpush(CommandContext& c) { push(c, ListEnd::kTail, false); }
void lpushx(CommandContext& c) { push(c, ListEnd::kHead, true); }
void rpushx(CommandContext& c) { push(c, ListEnd::kTail, true); }

void linsert(CommandContext& c) {
  const bool after = exec::equal_ignoring_case(c.arg(2), "after");
  if (!after && !exec::equal_ignoring_case(c.arg(2), "before")) return c.syntax_error();
  const Key key = c.key(1);
  Entry* list = c.db().write(key);
  if (!check_list(c, list)) return;
  if (!list) return c.reply.integer(0);
  uint64_t index = 0;
  ListWalk walk(*list, 0, ListEnd::kTail);
  for (; walk.valid() && !walk.equals(c.arg(3)); walk.next()) ++index;
  if (!walk.valid()) return c.reply.integer(-1);
  ListEdit edit(c, key, list);
  edit.insert(index + after, c.arg(4));
  c.set_changes(1);
  c.reply.integer(static_cast<int64_t>(edit.size()));
}

void lset(CommandContext& c) {
  const Key key = c.key(1);
  Entry* list = c.db().write(key);
  if (!list) return c.reply.error("ERR no such key");
  int64_t index;
  if (!check_list(c, list) || !c.get_int64(2, &index)) return;
  const auto size = static_cast<int64_t>(list_size(*list));
  // Redis looks at 32 bits of it, and what it propagates has to mean the same here.
  index = static_cast<int32_t>(index);
  if (index < 0) index += size;
  if (index < 0 || index >= size) return c.reply.error("ERR index out of range");
  ListEdit edit(c, key, list);
  edit.replace(static_cast<uint64_t>(index), c.arg(3));
  edit.shrink();
  c.set_changes(1);
  c.reply.ok();
}

}  // namespace gyre::cmd
