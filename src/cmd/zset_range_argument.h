// Ranges of scores and of members as commands name them. Private to this module.
#pragma once

#include "gyre/ds/score_tree.h"
#include "support.h"

namespace gyre::cmd {

/// Arguments `min` and `max`: numbers, with "(" in front without the bound itself. False and the error
/// replied when they are none.
bool score_range(CommandContext& c, size_t min, size_t max, ds::ScoreRange* range);
/// Arguments `min` and `max`: "-", "+", or a member behind "[" or "(".
bool lex_range(CommandContext& c, size_t min, size_t max, ds::LexRange* range);
/// Ranks from `start` to `stop`, both included and negative ones from the end, of a sorted set of this size;
/// empty if there are none.
ds::RankRange rank_range(int64_t start, int64_t stop, uint64_t size);

}  // namespace gyre::cmd
