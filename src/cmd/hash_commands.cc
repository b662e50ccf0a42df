#include "hash_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_hash_commands(exec::CommandTable& table) {
  table.bind("hdel", hdel);
  table.bind("hexists", hexists);
  table.bind("hget", hget);
  table.bind("hgetall", hgetall);
  table.bind("hincrby", hincrby);
  table.bind("hincrbyfloat", hincrbyfloat);
  table.bind("hkeys", hkeys);
  table.bind("hlen", hlen);
  table.bind("hmget", hmget);
  table.bind("hmset", hmset);
  table.bind("hrandfield", hrandfield);
  table.bind("hscan", hscan);
  table.bind("hset", hset);
  table.bind("hsetnx", hsetnx);
  table.bind("hstrlen", hstrlen);
  table.bind("hvals", hvals);
}

}  // namespace gyre::cmd
