#include "keyspace_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"
#include "gyre/exec/dispatcher.h"
#include "sort_request.h"

namespace gyre::cmd {

void bind_keyspace_commands(exec::CommandTable& table) {
  table.bind("dbsize", dbsize);
  table.bind("echo", echo);
  table.bind("flushall", flushall);
  table.bind("flushdb", flushdb);
  table.bind("keys", keys);
  table.bind("ping", ping);
  table.bind("randomkey", randomkey);
  table.bind("scan", scan);
  table.bind("select", select);
  table.bind("swapdb", swapdb);
  table.bind("time", time);
}

void plan_commands(exec::Dispatcher& dispatcher) {
  using exec::LockPlan;
  dispatcher.set_plan("scan", LockPlan::kCursor);
  dispatcher.set_plan("dbsize", LockPlan::kNone);
  for (const char* name : {"keys", "randomkey", "flushall", "flushdb", "swapdb"})
    dispatcher.set_plan(name, LockPlan::kExclusive);
  dispatcher.set_planner("sort", plan_sort);
  dispatcher.set_planner("sort_ro", plan_sort_ro);
}

}  // namespace gyre::cmd
