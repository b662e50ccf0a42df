// Commands that look single things up in sorted sets: scores, ranks, counts.
#include "gyre/exec/ignore_case.h"
#include "zset_commands.h"
#include "zset_range_argument.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

void rank(CommandContext& c, Order order) {
  if (c.argc() > 4) return c.wrong_arity();
  const bool with_score = c.argc() > 3;
  if (with_score && !exec::equal_ignoring_case(c.arg(3), "withscore")) return c.syntax_error();
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  const std::optional<RankedScore> found = entry ? ZsetView(*entry).find(c.arg(2)) : std::nullopt;
  if (!found) return with_score ? c.reply.null_array() : c.reply.null();
  if (with_score) c.reply.array(2);
  c.reply.integer(static_cast<int64_t>(
      order == Order::kAscending ? found->rank : ZsetView(*entry).size() - 1 - found->rank));
  if (with_score) c.reply.double_(found->score);
}

}  // namespace

void zcard(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  c.reply.integer(entry ? static_cast<int64_t>(ZsetView(*entry).size()) : 0);
}

void zscore(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  const std::optional<double> score = entry ? ZsetView(*entry).score(c.arg(2)) : std::nullopt;
  score ? c.reply.double_(*score) : c.reply.null();
}

void zmscore(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  c.reply.array(c.argc() - 2);
  for (size_t i = 2; i < c.argc(); ++i) {
    const std::optional<double> score = entry ? ZsetView(*entry).score(c.arg(i)) : std::nullopt;
    score ? c.reply.double_(*score) : c.reply.null();
  }
}

void zcount(CommandContext& c) {
  ds::ScoreRange range;
  if (!score_range(c, 2, 3, &range)) return;
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  c.reply.integer(entry ? static_cast<int64_t>(ZsetView(*entry).ranks(range).size()) : 0);
}

void zlexcount(CommandContext& c) {
  ds::LexRange range;
  if (!lex_range(c, 2, 3, &range)) return;
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  c.reply.integer(entry ? static_cast<int64_t>(ZsetView(*entry).ranks(range, Order::kAscending).size()) : 0);
}

void zrank(CommandContext& c) { rank(c, Order::kAscending); }
void zrevrank(CommandContext& c) { rank(c, Order::kDescending); }

}  // namespace gyre::cmd
