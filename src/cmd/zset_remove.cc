// Commands that take members out of sorted sets.
#include "gyre/exec/ignore_case.h"
#include "zset_commands.h"
#include "zset_range_argument.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

/// Argument `i` as a number of at least `min`. False and the error replied when it is none.
bool get_count(CommandContext& c, size_t i, int64_t min, const char* message, int64_t* count) {
  const std::optional<int64_t> parsed = base::parse_int64(c.arg(i));
  if (parsed && *parsed >= min) {
    *count = *parsed;
    return true;
  }
  c.reply.error(message);
  return false;
}

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

enum class End : uint8_t { kMin, kMax };

/// Replies the elements at one end, as a list of pairs or flat, and removes them. Returns how many they were.
uint64_t pop(CommandContext& c, const Key& key, Entry* entry, End end, uint64_t count, bool pairs) {
  const ZsetView set(*entry);
  const uint64_t size = set.size();
  count = std::min(count, size);
  const ds::RankRange range = end == End::kMin ? ds::RankRange{0, count} : ds::RankRange{size - count, size};
  c.reply.array(pairs ? count : 2 * count);
  set.visit(range, end == End::kMin ? Order::kAscending : Order::kDescending,
            [&](std::string_view member, double score) {
              if (pairs) c.reply.array(2);
              c.reply.bulk(member);
              c.reply.double_(score);
            });
  {
    ZsetEdit edit(c, key, entry);
    edit.erase_ranks(range);
  }
  c.set_changes(count);
  return count;
}

void pop_one_key(CommandContext& c, End end) {
  if (c.argc() > 3) return c.syntax_error();
  int64_t count = 1;
  if (c.argc() == 3 && !get_count(c, 2, 0, "ERR value is out of range, must be positive", &count)) return;
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_zset(c, entry)) return;
  if (!entry || count == 0) return c.reply.array(0);
  pop(c, key, entry, end, static_cast<uint64_t>(count), c.argc() == 3 && c.reply.version() > 2);
}

/// The words behind the keys of ZMPOP. False and the error replied when they are wrong.
bool parse_end_and_count(CommandContext& c, size_t at, End* end, int64_t* count) {
  const bool min = exec::equal_ignoring_case(c.arg(at), "min");
  bool counted = false, good = min || exec::equal_ignoring_case(c.arg(at), "max");
  *end = min ? End::kMin : End::kMax;
  for (++at; good && at < c.argc(); at += 2) {
    good = !counted && at + 1 < c.argc() && exec::equal_ignoring_case(c.arg(at), "count");
    counted = true;
    if (good && !get_count(c, at + 1, 1, "ERR count should be greater than 0", count)) return false;
  }
  if (!good) c.syntax_error();
  return good;
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

void zpopmin(CommandContext& c) { pop_one_key(c, End::kMin); }
void zpopmax(CommandContext& c) { pop_one_key(c, End::kMax); }

void zmpop(CommandContext& c) {
  int64_t keys, count = 1;
  End end;
  if (!get_count(c, 1, 1, "ERR numkeys should be greater than 0", &keys)) return;
  if (keys >= static_cast<int64_t>(c.argc()) - 2) return c.syntax_error();
  const size_t words = 2 + static_cast<size_t>(keys);
  if (!parse_end_and_count(c, words, &end, &count)) return;
  for (size_t i = 2; i < words; ++i) {
    const Key key = c.key(i);
    Entry* entry = c.db().write(key);
    if (!entry) continue;
    if (!check_zset(c, entry)) return;
    c.reply.array(2);
    c.reply.bulk(key.name);
    const uint64_t popped = pop(c, key, entry, end, static_cast<uint64_t>(count), true);
    if (c.propagating())
      c.propagate_as(
          {end == End::kMin ? "ZPOPMIN" : "ZPOPMAX", key.name, NumberText(static_cast<int64_t>(popped))});
    return;
  }
  c.reply.null_array();
}

}  // namespace gyre::cmd
