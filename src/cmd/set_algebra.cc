// Intersections, unions and differences of sets.
#include <algorithm>
#include <vector>

#include "gyre/exec/ignore_case.h"
#include "set_commands.h"

namespace gyre::cmd {

namespace {

using Sets = std::vector<const Entry*>;

/// The sets at `count` arguments from `first` on; null where there is no key. False and WRONGTYPE replied
/// when one is no set.
bool read_sets(CommandContext& c, size_t first, size_t count, Sets* sets) {
  sets->reserve(count);
  for (size_t i = first; i < first + count; ++i) {
    const Entry* entry = c.db().read(c.key(i));
    if (!check_set(c, entry)) return false;
    sets->push_back(entry);
  }
  return true;
}

uint64_t size_of(const Entry* set) { return set ? SetView(*set).size() : 0; }

/// Views of those that are there, without `from` and its repetitions.
std::vector<SetView> views(const Sets& sets, const Entry* from) {
  std::vector<SetView> result;
  for (const Entry* set : sets)
    if (set && set != from) result.emplace_back(*set);
  return result;
}

/// Calls visit(Member&) for the members that all sets have, until it returns false. Requires: none is
/// missing; sorted by size, so that the smallest set is the one gone through.
template <class Visit>
void intersect(const Sets& sets, Visit&& visit) {
  const std::vector<SetView> others = views(sets, sets[0]);
  SetView(*sets[0]).for_each([&](Member& member) {
    for (const SetView& other : others)
      if (!other.contains(member)) return true;
    return visit(member);
  });
}

void sort_by_size(Sets& sets) {
  std::sort(sets.begin(), sets.end(), [](const Entry* a, const Entry* b) { return size_of(a) < size_of(b); });
}

bool any_missing(const Sets& sets) { return std::find(sets.begin(), sets.end(), nullptr) != sets.end(); }

void make_union(const Sets& sets, const SetLimits& limits, SetBuilder& result) {
  // The largest first, where that makes no difference to the encoding: as a large table it need not be
  // copied.
  const Entry* const largest = *std::max_element(
      sets.begin(), sets.end(), [](const Entry* a, const Entry* b) { return size_of(a) < size_of(b); });
  const bool shared = largest && SetBuilder::must_be_table(limits, size_of(largest));
  if (shared) result.add_all(SetView(*largest));
  for (const Entry* set : sets) {
    if (!set || (shared && set == largest)) continue;
    SetView(*set).for_each([&result](Member& member) { result.add(member); });
  }
}

/// Redis's choice, which decides the encoding of the result: whether every member of the first set is looked
/// for in the others, or all members of the others are taken out of a copy.
bool difference_by_probes(const Sets& sets) {
  uint64_t probes = 0, removals = 0;
  for (const Entry* set : sets) {
    if (!set) continue;
    probes += size_of(sets[0]);
    removals += size_of(set);
  }
  return probes / 2 <= removals;
}

bool first_is_repeated(const Sets& sets) {
  return std::find(sets.begin() + 1, sets.end(), sets[0]) != sets.end();
}

/// Calls visit(Member&) for the members of the first set that no other has.
template <class Visit>
void subtract_by_probes(Sets& sets, Visit&& visit) {
  // The largest first: there a member is most likely.
  std::sort(sets.begin() + 1, sets.end(),
            [](const Entry* a, const Entry* b) { return size_of(a) > size_of(b); });
  const std::vector<SetView> others = views(sets, sets[0]);
  SetView(*sets[0]).for_each([&](Member& member) {
    for (const SetView& other : others)
      if (other.contains(member)) return;
    visit(member);
  });
}

void subtract_by_removals(const Sets& sets, SetBuilder& result) {
  result.add_all(SetView(*sets[0]));
  for (size_t i = 1; i < sets.size() && result.size() != 0; ++i) {
    if (!sets[i]) continue;
    SetView(*sets[i]).for_each([&result](Member& member) { result.remove(member); });
  }
}

SetBuilder empty_intset(CommandContext& c) { return {environment(c).set_limits(), store::kSetIntset}; }

}  // namespace

void sinter(CommandContext& c) {
  Sets sets;
  if (!read_sets(c, 1, c.argc() - 1, &sets)) return;
  if (any_missing(sets)) return c.reply.set(0);
  sort_by_size(sets);
  resp::DeferredAggregate found(c.reply, resp::DeferredAggregate::Kind::kSet);
  uint64_t count = 0;
  intersect(sets, [&](Member& member) {
    reply_member(c, member);
    ++count;
    return true;
  });
  found.finish(count);
}

void sintercard(CommandContext& c) {
  const std::optional<int64_t> keys = base::parse_int64(c.arg(1));
  if (!keys || *keys < 1) return c.reply.error("ERR numkeys should be greater than 0");
  if (static_cast<uint64_t>(*keys) > c.argc() - 2)
    return c.reply.error("ERR Number of keys can't be greater than number of args");
  const auto count = static_cast<size_t>(*keys);
  uint64_t limit = 0;
  for (size_t i = 2 + count; i < c.argc(); i += 2) {
    if (i + 1 == c.argc() || !exec::equal_ignoring_case(c.arg(i), "limit")) return c.syntax_error();
    const std::optional<int64_t> value = base::parse_int64(c.arg(i + 1));
    if (!value || *value < 0) return c.reply.error("ERR LIMIT can't be negative");
    limit = static_cast<uint64_t>(*value);
  }
  Sets sets;
  if (!read_sets(c, 2, count, &sets)) return;
  if (any_missing(sets)) return c.reply.integer(0);
  sort_by_size(sets);
  uint64_t found = 0;
  intersect(sets, [&](Member&) { return ++found != limit; });
  c.reply.integer(static_cast<int64_t>(found));
}

void sinterstore(CommandContext& c) {
  Sets sets;
  if (!read_sets(c, 2, c.argc() - 2, &sets)) return;
  const SetLimits limits = environment(c).set_limits();
  if (any_missing(sets)) {
    SetBuilder nothing(limits, store::kSetIntset);
    return store_result(c, nothing);
  }
  sort_by_size(sets);
  SetBuilder result(limits, SetView(*sets[0]).is_intset() ? store::kSetIntset : store::kSetListpack);
  if (std::count(sets.begin(), sets.end(), sets[0]) == std::ssize(sets)) {
    result.add_all(SetView(*sets[0]));
  } else {
    intersect(sets, [&](Member& member) {
      result.add(member);
      return true;
    });
  }
  result.prefer_intset();
  store_result(c, result);
}

void sunion(CommandContext& c) {
  Sets sets;
  if (!read_sets(c, 1, c.argc() - 1, &sets)) return;
  SetBuilder result = empty_intset(c);
  make_union(sets, environment(c).set_limits(), result);
  reply_all_members(c, result.view());
}

void sunionstore(CommandContext& c) {
  Sets sets;
  if (!read_sets(c, 2, c.argc() - 2, &sets)) return;
  SetBuilder result = empty_intset(c);
  make_union(sets, environment(c).set_limits(), result);
  store_result(c, result);
}

void sdiff(CommandContext& c) {
  Sets sets;
  if (!read_sets(c, 1, c.argc() - 1, &sets)) return;
  if (!sets[0] || first_is_repeated(sets)) return c.reply.set(0);
  if (!difference_by_probes(sets)) {
    SetBuilder result = empty_intset(c);
    subtract_by_removals(sets, result);
    return reply_all_members(c, result.view());
  }
  resp::DeferredAggregate found(c.reply, resp::DeferredAggregate::Kind::kSet);
  uint64_t count = 0;
  subtract_by_probes(sets, [&](Member& member) {
    reply_member(c, member);
    ++count;
  });
  found.finish(count);
}

void sdiffstore(CommandContext& c) {
  Sets sets;
  if (!read_sets(c, 2, c.argc() - 2, &sets)) return;
  SetBuilder result = empty_intset(c);
  if (sets[0] && !first_is_repeated(sets)) {
    if (!difference_by_probes(sets)) {
      subtract_by_removals(sets, result);
    } else if (sets.size() == 1) {
      result.add_all(SetView(*sets[0]));
    } else {
      subtract_by_probes(sets, [&result](Member& member) { result.add(member); });
    }
  }
  store_result(c, result);
}

}  // namespace gyre::cmd
