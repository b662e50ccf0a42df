// Commands that take the lowest or highest members out of sorted sets, and that wait for some.
#include "blocking.h"
#include "gyre/exec/ignore_case.h"
#include "zset_commands.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

enum class End : uint8_t { kMin, kMax };
/// What stands around the elements in a reply.
enum class Form : uint8_t { kBare, kFlat, kPairs };

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

/// Replies the elements at one end and removes them. Returns how many they were.
uint64_t pop(CommandContext& c, const Key& key, Entry* entry, End end, uint64_t count, Form form) {
  const ZsetView set(*entry);
  const uint64_t size = set.size();
  count = std::min(count, size);
  const ds::RankRange range = end == End::kMin ? ds::RankRange{0, count} : ds::RankRange{size - count, size};
  if (form != Form::kBare) c.reply.array(form == Form::kPairs ? count : 2 * count);
  set.visit(range, end == End::kMin ? Order::kAscending : Order::kDescending,
            [&](std::string_view member, double score) {
              if (form == Form::kPairs) c.reply.array(2);
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

std::string_view pop_name(End end) { return end == End::kMin ? "ZPOPMIN" : "ZPOPMAX"; }

void pop_one_key(CommandContext& c, End end) {
  if (c.argc() > 3) return c.syntax_error();
  int64_t count = 1;
  if (c.argc() == 3 && !get_count(c, 2, 0, "ERR value is out of range, must be positive", &count)) return;
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_zset(c, entry)) return;
  if (!entry || count == 0) return c.reply.array(0);
  pop(c, key, entry, end, static_cast<uint64_t>(count),
      c.argc() == 3 && c.reply.version() > 2 ? Form::kPairs : Form::kFlat);
}

/// BZPOPMIN, BZPOPMAX.
void pop_or_wait(CommandContext& c, End end) {
  const size_t words = c.argc() - 1;
  int64_t timeout_ms;
  if (!timeout_in_seconds(c, words, &timeout_ms)) return;
  for (size_t i = 1; i < words; ++i) {
    const Key key = c.key(i);
    Entry* entry = c.db().write(key);
    if (!entry) continue;
    if (!check_zset(c, entry)) return;
    c.reply.array(3);
    c.reply.bulk(key.name);
    pop(c, key, entry, end, 1, Form::kBare);
    return c.propagate_as({pop_name(end), key.name});
  }
  wait_or_null_array(
      c, {.type = store::Type::kZset, .first_key = 1, .keys = words - 1, .timeout_ms = timeout_ms});
}

/// The words of ZMPOP from numkeys on.
struct PopArguments {
  size_t first_key, keys;
  End end;
  int64_t count = 1;
};

/// False and the error replied when they are wrong.
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

bool parse_pop(CommandContext& c, size_t at, PopArguments* arguments) {
  int64_t keys;
  if (!get_count(c, at, 1, "ERR numkeys should be greater than 0", &keys)) return false;
  arguments->first_key = at + 1;
  arguments->keys = static_cast<size_t>(keys);
  if (arguments->keys >= c.argc() - at - 1) {
    c.syntax_error();
    return false;
  }
  return parse_end_and_count(c, at + 1 + arguments->keys, &arguments->end, &arguments->count);
}

/// Pops from the first key that is there. False when none is; true also when it is of another type, which is
/// replied.
bool pop_from_first(CommandContext& c, const PopArguments& arguments) {
  for (size_t i = 0; i < arguments.keys; ++i) {
    const Key key = c.key(arguments.first_key + i);
    Entry* entry = c.db().write(key);
    if (!entry) continue;
    if (!check_zset(c, entry)) return true;
    c.reply.array(2);
    c.reply.bulk(key.name);
    const uint64_t popped =
        pop(c, key, entry, arguments.end, static_cast<uint64_t>(arguments.count), Form::kPairs);
    if (c.propagating())
      c.propagate_as({pop_name(arguments.end), key.name, NumberText(static_cast<int64_t>(popped))});
    return true;
  }
  return false;
}

}  // namespace

void zpopmin(CommandContext& c) { pop_one_key(c, End::kMin); }
void zpopmax(CommandContext& c) { pop_one_key(c, End::kMax); }
void bzpopmin(CommandContext& c) { pop_or_wait(c, End::kMin); }
void bzpopmax(CommandContext& c) { pop_or_wait(c, End::kMax); }

void zmpop(CommandContext& c) {
  PopArguments arguments;
  if (parse_pop(c, 1, &arguments) && !pop_from_first(c, arguments)) c.reply.null_array();
}

void bzmpop(CommandContext& c) {
  PopArguments arguments;
  int64_t timeout_ms;
  if (!parse_pop(c, 2, &arguments) || !timeout_in_seconds(c, 1, &timeout_ms)) return;
  if (pop_from_first(c, arguments)) return;
  wait_or_null_array(c, {.type = store::Type::kZset,
                         .first_key = arguments.first_key,
                         .keys = arguments.keys,
                         .timeout_ms = timeout_ms});
}

}  // namespace gyre::cmd
