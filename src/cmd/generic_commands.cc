#include "generic_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_generic_commands(exec::CommandTable& table) {
  table.bind("copy", copy);
  table.bind("del", del);
  table.bind("dump", dump);
  table.bind("exists", exists);
  table.bind("expire", expire);
  table.bind("expireat", expireat);
  table.bind("expiretime", expiretime);
  table.bind("move", move);
  table.bind("object|encoding", object_encoding);
  table.bind("object|freq", object_freq);
  table.bind("object|help", object_help);
  table.bind("object|idletime", object_idletime);
  table.bind("object|refcount", object_refcount);
  table.bind("persist", persist);
  table.bind("pexpire", pexpire);
  table.bind("pexpireat", pexpireat);
  table.bind("pexpiretime", pexpiretime);
  table.bind("pttl", pttl);
  table.bind("rename", rename_key);
  table.bind("renamenx", renamenx);
  table.bind("restore", restore);
  table.bind("restore-asking", restore);
  table.bind("sort", sort);
  table.bind("sort_ro", sort_ro);
  table.bind("touch", touch);
  table.bind("ttl", ttl);
  table.bind("type", type);
  table.bind("unlink", unlink);
}

}  // namespace gyre::cmd
