#include "list_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_list_commands(exec::CommandTable& table) {
  table.bind("blmove", blmove);
  table.bind("blmpop", blmpop);
  table.bind("blpop", blpop);
  table.bind("brpop", brpop);
  table.bind("brpoplpush", brpoplpush);
  table.bind("lindex", lindex);
  table.bind("linsert", linsert);
  table.bind("llen", llen);
  table.bind("lmove", lmove);
  table.bind("lmpop", lmpop);
  table.bind("lpop", lpop);
  table.bind("lpos", lpos);
  table.bind("lpush", lpush);
  table.bind("lpushx", lpushx);
  table.bind("lrange", lrange);
  table.bind("lrem", lrem);
  table.bind("lset", lset);
  table.bind("ltrim", ltrim);
  table.bind("rpop", rpop);
  table.bind("rpoplpush", rpoplpush);
  table.bind("rpush", rpush);
  table.bind("rpushx", rpushx);
}

}  // namespace gyre::cmd
