#include "string_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_string_commands(exec::CommandTable& table) {
  table.bind("append", append);
  table.bind("decr", decr);
  table.bind("decrby", decrby);
  table.bind("get", get);
  table.bind("getdel", getdel);
  table.bind("getex", getex);
  table.bind("getrange", getrange);
  table.bind("getset", getset);
  table.bind("incr", incr);
  table.bind("incrby", incrby);
  table.bind("incrbyfloat", incrbyfloat);
  table.bind("lcs", lcs);
  table.bind("mget", mget);
  table.bind("mset", mset);
  table.bind("msetnx", msetnx);
  table.bind("psetex", psetex);
  table.bind("set", set);
  table.bind("setex", setex);
  table.bind("setnx", setnx);
  table.bind("setrange", setrange);
  table.bind("strlen", strlen);
  table.bind("substr", getrange);
}

}  // namespace gyre::cmd
