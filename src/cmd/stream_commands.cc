#include "stream_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_stream_commands(exec::CommandTable& table) {
  table.bind("xack", xack);
  table.bind("xadd", xadd);
  table.bind("xautoclaim", xautoclaim);
  table.bind("xclaim", xclaim);
  table.bind("xdel", xdel);
  table.bind("xgroup|create", xgroup_create);
  table.bind("xgroup|createconsumer", xgroup_createconsumer);
  table.bind("xgroup|delconsumer", xgroup_delconsumer);
  table.bind("xgroup|destroy", xgroup_destroy);
  table.bind("xgroup|help", xgroup_help);
  table.bind("xgroup|setid", xgroup_setid);
  table.bind("xinfo|consumers", xinfo_consumers);
  table.bind("xinfo|groups", xinfo_groups);
  table.bind("xinfo|help", xinfo_help);
  table.bind("xinfo|stream", xinfo_stream);
  table.bind("xlen", xlen);
  table.bind("xpending", xpending);
  table.bind("xrange", xrange);
  table.bind("xread", xread);
  table.bind("xreadgroup", xreadgroup);
  table.bind("xrevrange", xrevrange);
  table.bind("xsetid", xsetid);
  table.bind("xtrim", xtrim);
}

}  // namespace gyre::cmd
