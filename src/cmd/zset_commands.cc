#include "zset_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_zset_commands(exec::CommandTable& table) {
  table.bind("bzmpop", bzmpop);
  table.bind("bzpopmax", bzpopmax);
  table.bind("bzpopmin", bzpopmin);
  table.bind("zadd", zadd);
  table.bind("zcard", zcard);
  table.bind("zcount", zcount);
  table.bind("zdiff", zdiff);
  table.bind("zdiffstore", zdiffstore);
  table.bind("zincrby", zincrby);
  table.bind("zinter", zinter);
  table.bind("zintercard", zintercard);
  table.bind("zinterstore", zinterstore);
  table.bind("zlexcount", zlexcount);
  table.bind("zmpop", zmpop);
  table.bind("zmscore", zmscore);
  table.bind("zpopmax", zpopmax);
  table.bind("zpopmin", zpopmin);
  table.bind("zrandmember", zrandmember);
  table.bind("zrange", zrange);
  table.bind("zrangebylex", zrangebylex);
  table.bind("zrangebyscore", zrangebyscore);
  table.bind("zrangestore", zrangestore);
  table.bind("zrank", zrank);
  table.bind("zrem", zrem);
  table.bind("zremrangebylex", zremrangebylex);
  table.bind("zremrangebyrank", zremrangebyrank);
  table.bind("zremrangebyscore", zremrangebyscore);
  table.bind("zrevrange", zrevrange);
  table.bind("zrevrangebylex", zrevrangebylex);
  table.bind("zrevrangebyscore", zrevrangebyscore);
  table.bind("zrevrank", zrevrank);
  table.bind("zscan", zscan);
  table.bind("zscore", zscore);
  table.bind("zunion", zunion);
  table.bind("zunionstore", zunionstore);
}

}  // namespace gyre::cmd
