// Commands that show some elements of a sorted set: random ones, or the next ones of a walk.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "gyre/base/glob.h"
#include "gyre/base/random.h"
#include "gyre/exec/ignore_case.h"
#include "zset_commands.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

/// `count` different ranks below `size`, ascending.
std::vector<uint64_t> choose_ranks(uint64_t count, uint64_t size) {
  base::Random& random = base::thread_random();
  std::vector<uint64_t> ranks;
  ranks.reserve(count);
  if (count > size / 3) {
    // Each rank in turn is taken with the chance that leaves all choices equal.
    for (uint64_t rank = 0; ranks.size() < count; ++rank)
      if (random.below(size - rank) < count - ranks.size()) ranks.push_back(rank);
    return ranks;
  }
  absl::flat_hash_set<uint64_t> taken;
  while (ranks.size() < count) {
    const uint64_t rank = random.below(size);
    if (taken.insert(rank).second) ranks.push_back(rank);
  }
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

void reply_random(CommandContext& c, const ZsetView& set, int64_t count, bool with_scores) {
  const uint64_t size = set.size();
  const auto reply = [&](std::string_view member, double score) {
    reply_scored(c, member, score, with_scores);
  };
  if (count < 0) {
    const auto times = static_cast<uint64_t>(-count);
    reply_scored_header(c, times, with_scores);
    for (uint64_t i = 0; i < times; ++i) {
      const uint64_t rank = base::thread_random().below(size);
      set.visit({rank, rank + 1}, Order::kAscending, reply);
    }
    return;
  }
  const uint64_t wanted = std::min(static_cast<uint64_t>(count), size);
  reply_scored_header(c, wanted, with_scores);
  if (wanted == size) return set.visit({0, size}, Order::kDescending, reply);
  for (const uint64_t rank : choose_ranks(wanted, size))
    set.visit({rank, rank + 1}, Order::kAscending, reply);
}

struct ScanOptions {
  int64_t count = 10;
  std::string_view pattern;
  bool has_pattern = false;

  bool wants(std::string_view member) const { return !has_pattern || base::glob_match(pattern, member); }
};

bool parse_scan_options(CommandContext& c, ScanOptions* options) {
  for (size_t i = 3; i < c.argc(); i += 2) {
    const bool has_value = i + 1 < c.argc();
    const bool count = has_value && exec::equal_ignoring_case(c.arg(i), "count");
    if (count && !c.get_int64(i + 1, &options->count)) return false;
    if (has_value && exec::equal_ignoring_case(c.arg(i), "match")) {
      options->pattern = c.arg(i + 1);
      options->has_pattern = options->pattern != "*";
    } else if (!count || options->count < 1) {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

/// A score as Redis shows it in the walk over a large set: otherwise than everywhere else.
void write_long_score(resp::ReplyWriter& out, double score) {
  char text[64];
  const int size = std::snprintf(text, sizeof(text), "%.17Lg", static_cast<long double>(score));
  out.bulk({text, static_cast<size_t>(size)});
}

/// Writes the elements from `cursor` on and counts members and scores; returns where to go on.
uint64_t write_scan(resp::ReplyWriter& out, const ZsetView& set, uint64_t cursor, const ScanOptions& options,
                    uint64_t* written) {
  const auto wanted = [&](std::string_view member) {
    if (!options.wants(member)) return false;
    out.bulk(member);
    *written += 2;
    return true;
  };
  if (!set.packed()) {
    auto visit = [&](double score, std::string_view member) {
      if (wanted(member)) write_long_score(out, score);
    };
    return set.object().scan(cursor, static_cast<uint64_t>(options.count), visit);
  }
  const ds::ListpackView list = set.list();
  ds::PackedElement::Scratch digits;
  for (uint32_t at = list.first(); at != list.end();) {
    const uint32_t score = list.next(at);
    if (wanted(list.get(at).text(digits))) out.bulk(list.get(score).text(digits));
    at = list.next(score);
  }
  return 0;
}

}  // namespace

void zrandmember(CommandContext& c) {
  int64_t count = 0;
  const bool counted = c.argc() > 2;
  if (counted) {
    if (!c.get_int64(2, &count)) return;
    if (count == INT64_MIN)
      return c.reply.errorf("ERR value is out of range, value must between %lld and %lld",
                            -static_cast<long long>(INT64_MAX), static_cast<long long>(INT64_MAX));
    if (c.argc() > 4 || (c.argc() == 4 && !exec::equal_ignoring_case(c.arg(3), "withscores")))
      return c.syntax_error();
    if (c.argc() == 4 && (count < -INT64_MAX / 2 || count > INT64_MAX / 2))
      return c.reply.error("ERR value is out of range");
  }
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  if (!entry) return counted ? c.reply.array(0) : c.reply.null();
  const ZsetView set(*entry);
  if (counted) return reply_random(c, set, count, c.argc() == 4);
  const uint64_t rank = base::thread_random().below(set.size());
  set.visit({rank, rank + 1}, Order::kAscending,
            [&](std::string_view member, double) { c.reply.bulk(member); });
}

void zscan(CommandContext& c) {
  // An empty word is a zero to Redis.
  const std::optional<uint64_t> cursor = c.arg(2).empty() ? 0 : base::parse_uint64(c.arg(2));
  if (!cursor) return c.reply.error("ERR invalid cursor");
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  ScanOptions options;
  if (entry && !parse_scan_options(c, &options)) return;
  base::OutBuffer elements;
  resp::ReplyWriter out(elements, c.reply.version());
  uint64_t written = 0;
  const uint64_t next = entry ? write_scan(out, ZsetView(*entry), *cursor, options, &written) : 0;
  c.reply.array(2);
  c.reply.bulk(NumberText(static_cast<int64_t>(next)));
  c.reply.array(written);
  std::string scratch;
  c.reply.raw(elements.flatten(scratch));
}

}  // namespace gyre::cmd
