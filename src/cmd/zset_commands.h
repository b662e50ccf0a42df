// Bodies of the sorted set commands, for the table in zset_commands.cc. Private to this module.
#pragma once

#include "gyre/exec/command_row.h"

namespace gyre::cmd {

using exec::CommandContext;

// zset_add.cc
void zadd(CommandContext& c);
void zincrby(CommandContext& c);
// zset_get.cc
void zcard(CommandContext& c);
void zcount(CommandContext& c);
void zlexcount(CommandContext& c);
void zmscore(CommandContext& c);
void zrank(CommandContext& c);
void zrevrank(CommandContext& c);
void zscore(CommandContext& c);
// zset_range.cc
void zrange(CommandContext& c);
void zrangebylex(CommandContext& c);
void zrangebyscore(CommandContext& c);
void zrangestore(CommandContext& c);
void zrevrange(CommandContext& c);
void zrevrangebylex(CommandContext& c);
void zrevrangebyscore(CommandContext& c);
// zset_pop.cc
void bzmpop(CommandContext& c);
void bzpopmax(CommandContext& c);
void bzpopmin(CommandContext& c);
void zmpop(CommandContext& c);
void zpopmax(CommandContext& c);
void zpopmin(CommandContext& c);
// zset_remove.cc
void zrem(CommandContext& c);
void zremrangebylex(CommandContext& c);
void zremrangebyrank(CommandContext& c);
void zremrangebyscore(CommandContext& c);
// zset_combine.cc
void zdiff(CommandContext& c);
void zdiffstore(CommandContext& c);
void zinter(CommandContext& c);
void zintercard(CommandContext& c);
void zinterstore(CommandContext& c);
void zunion(CommandContext& c);
void zunionstore(CommandContext& c);
// zset_iterate.cc
void zrandmember(CommandContext& c);
void zscan(CommandContext& c);

}  // namespace gyre::cmd
