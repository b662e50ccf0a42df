#include "string_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_string_commands(exec::CommandTable& table) {
  table.bind("get", get);
  table.bind("getdel", getdel);
  table.bind("getset", getset);
  table.bind("incr", incr);
  table.bind("mget", mget);
  table.bind("mset", mset);
  table.bind("set", set);
  table.bind("setnx", setnx);
}

}  // namespace gyre::cmd
