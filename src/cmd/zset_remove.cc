// Commands that take members out of sorted sets.
#include "zset_commands.h"
#include "zset_range_argument.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

/// Removes the range that `find(view)` gives, and replies its size.
template <class Find>
void remove_range(CommandContext& c, Find&& find) {
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_zset(c, entry)) return;
  if (!entry) return c.reply.integer(0);
  const ds::RankRange range = find(ZsetView(*entry));
  const uint64_t count = range.end > range.begin ? range.size() : 0;
  if (count > 0) {
    ZsetEdit set(c, key, entry);
    set.erase_ranks(range);
  }
  c.set_changes(count);
  c.reply.integer(static_cast<int64_t>(count));
}

}  // namespace

void zrem(CommandContext& c) {
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_zset(c, entry)) return;
  if (!entry) return c.reply.integer(0);
  uint64_t removed = 0;
  ZsetEdit set(c, key, entry);
  for (size_t i = 2; i < c.argc(); ++i) {
    if (!set.erase(c.arg(i))) continue;
    ++removed;
    if (set.finish()) break;
  }
  set.close();
  c.set_changes(removed);
  c.reply.integer(static_cast<int64_t>(removed));
}

void zremrangebyrank(CommandContext& c) {
  int64_t start, stop;
  if (!c.get_int64(2, &start) || !c.get_int64(3, &stop)) return;
  remove_range(c, [&](const ZsetView& set) { return rank_range(start, stop, set.size()); });
}

void zremrangebyscore(CommandContext& c) {
  ds::ScoreRange range;
  if (!score_range(c, 2, 3, &range)) return;
  remove_range(c, [&](const ZsetView& set) { return set.ranks(range); });
}

void zremrangebylex(CommandContext& c) {
  ds::LexRange range;
  if (!lex_range(c, 2, 3, &range)) return;
  remove_range(c, [&](const ZsetView& set) { return set.ranks(range, Order::kAscending); });
}

}  // namespace gyre::cmd
