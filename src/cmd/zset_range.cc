// ZRANGE, ZRANGESTORE, and the older commands that each do a part of it.
#include <deque>

#include "gyre/exec/ignore_case.h"
#include "zset_commands.h"
#include "zset_range_argument.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

enum class By : uint8_t { kAny, kRank, kScore, kLex };  // kAny: words may say
enum class Direction : uint8_t { kAny, kForward, kReverse };

struct RangeQuery {
  By by;
  Direction direction;
  bool store = false, with_scores = false;
  int64_t offset = 0, limit = -1;
  int64_t start = 0, stop = 0;
  ds::ScoreRange scores;
  ds::LexRange members;

  Order order() const { return direction == Direction::kReverse ? Order::kDescending : Order::kAscending; }
};

/// The words behind the range, from argument `at` on.
bool parse_words(CommandContext& c, size_t at, RangeQuery* query) {
  for (; at < c.argc(); ++at) {
    const std::string_view word = c.arg(at);
    if (!query->store && exec::equal_ignoring_case(word, "withscores")) {
      query->with_scores = true;
    } else if (exec::equal_ignoring_case(word, "limit") && at + 2 < c.argc()) {
      if (!c.get_int64(at + 1, &query->offset) || !c.get_int64(at + 2, &query->limit)) return false;
      at += 2;
    } else if (query->direction == Direction::kAny && exec::equal_ignoring_case(word, "rev")) {
      query->direction = Direction::kReverse;
    } else if (query->by == By::kAny && exec::equal_ignoring_case(word, "bylex")) {
      query->by = By::kLex;
    } else if (query->by == By::kAny && exec::equal_ignoring_case(word, "byscore")) {
      query->by = By::kScore;
    } else {
      c.syntax_error();
      return false;
    }
  }
  if (query->by == By::kAny) query->by = By::kRank;
  return true;
}

/// The query whose key is argument `at`.
bool parse_query(CommandContext& c, size_t at, RangeQuery* query) {
  if (!parse_words(c, at + 3, query)) return false;
  if (query->limit != -1 && query->by == By::kRank) {
    c.reply.error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    return false;
  }
  if (query->with_scores && query->by == By::kLex) {
    c.reply.error("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    return false;
  }
  if (query->by == By::kRank) return c.get_int64(at + 1, &query->start) && c.get_int64(at + 2, &query->stop);
  // Backwards the higher bound comes first.
  const bool reverse = query->direction == Direction::kReverse;
  const size_t min = reverse ? at + 2 : at + 1, max = reverse ? at + 1 : at + 2;
  return query->by == By::kScore ? score_range(c, min, max, &query->scores)
                                 : lex_range(c, min, max, &query->members);
}

/// Skips and counts from the end where the walk begins.
ds::RankRange limited(ds::RankRange range, const RangeQuery& query) {
  if (query.offset < 0 || static_cast<uint64_t>(query.offset) >= range.size()) return {};
  const auto offset = static_cast<uint64_t>(query.offset);
  uint64_t count = range.size() - offset;
  if (query.limit >= 0) count = std::min(count, static_cast<uint64_t>(query.limit));
  if (query.order() == Order::kAscending) return {range.begin + offset, range.begin + offset + count};
  return {range.end - offset - count, range.end - offset};
}

ds::RankRange find(const ZsetView& set, const RangeQuery& query) {
  if (query.by == By::kScore) return limited(set.ranks(query.scores), query);
  if (query.by == By::kLex) return limited(set.ranks(query.members, query.order()), query);
  const ds::RankRange range = rank_range(query.start, query.stop, set.size());
  if (query.order() == Order::kAscending) return range;
  return {set.size() - range.end, set.size() - range.begin};
}

void reply_range(CommandContext& c, size_t at, RangeQuery query) {
  if (!parse_query(c, at, &query)) return;
  const Entry* entry = c.db().read(c.key(at));
  if (!check_zset(c, entry)) return;
  if (!entry) return c.reply.array(0);
  const ZsetView set(*entry);
  const ds::RankRange range = find(set, query);
  reply_scored_header(c, range.size(), query.with_scores);
  set.visit(range, query.order(), [&](std::string_view member, double score) {
    reply_scored(c, member, score, query.with_scores);
  });
}

/// Redis packs the elements of a range of ranks, as long as they fit, on the way to what becomes an object: a
/// negative zero among them is a positive one from then on.
void pack_on_the_way(const PackedLimits& limits, Order order, std::vector<ScoredMember>& elements) {
  if (elements.size() > limits.entries) return;
  const auto pack = [&limits](auto at, auto end) {
    for (; at != end && at->member.size() <= limits.value_bytes; ++at) at->score += 0.0;
  };
  order == Order::kAscending ? pack(elements.begin(), elements.end())
                             : pack(elements.rbegin(), elements.rend());
}

}  // namespace

void zrange(CommandContext& c) { reply_range(c, 1, {.by = By::kAny, .direction = Direction::kAny}); }
void zrevrange(CommandContext& c) { reply_range(c, 1, {.by = By::kRank, .direction = Direction::kReverse}); }
void zrangebyscore(CommandContext& c) {
  reply_range(c, 1, {.by = By::kScore, .direction = Direction::kForward});
}
void zrevrangebyscore(CommandContext& c) {
  reply_range(c, 1, {.by = By::kScore, .direction = Direction::kReverse});
}
void zrangebylex(CommandContext& c) { reply_range(c, 1, {.by = By::kLex, .direction = Direction::kForward}); }
void zrevrangebylex(CommandContext& c) {
  reply_range(c, 1, {.by = By::kLex, .direction = Direction::kReverse});
}

void zrangestore(CommandContext& c) {
  RangeQuery query{.by = By::kAny, .direction = Direction::kAny, .store = true};
  if (!parse_query(c, 2, &query)) return;
  const Entry* entry = c.db().read(c.key(2));
  if (!check_zset(c, entry)) return;
  std::deque<std::string> texts;  // copies: the key may be the one that is stored to
  std::vector<ScoredMember> elements;
  if (entry) {
    const ZsetView set(*entry);
    const ds::RankRange range = find(set, query);
    elements.reserve(range.size());
    set.visit(range, Order::kAscending, [&](std::string_view member, double score) {
      elements.push_back({texts.emplace_back(member), score});
    });
  }
  if (query.by == By::kRank) pack_on_the_way(environment(c).zset_limits(), query.order(), elements);
  // Redis knows beforehand how many there will be only for ranks.
  store_zset(c, 1, elements, query.by != By::kRank);
}

}  // namespace gyre::cmd
