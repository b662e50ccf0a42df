#include "set_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_set_commands(exec::CommandTable& table) {
  table.bind("sadd", sadd);
  table.bind("scard", scard);
  table.bind("sdiff", sdiff);
  table.bind("sdiffstore", sdiffstore);
  table.bind("sinter", sinter);
  table.bind("sintercard", sintercard);
  table.bind("sinterstore", sinterstore);
  table.bind("sismember", sismember);
  table.bind("smembers", smembers);
  table.bind("smismember", smismember);
  table.bind("smove", smove);
  table.bind("spop", spop);
  table.bind("srandmember", srandmember);
  table.bind("srem", srem);
  table.bind("sscan", sscan);
  table.bind("sunion", sunion);
  table.bind("sunionstore", sunionstore);
}

}  // namespace gyre::cmd
