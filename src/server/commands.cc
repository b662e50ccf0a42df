#include "gyre/server/commands.h"

#include "gyre/cluster/migrations.h"
#include "gyre/cmd/commands.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/transaction_commands.h"
#include "gyre/server/command_families.h"
#include "gyre/repl/primary.h"
#include "gyre/server/server.h"

namespace gyre::server {

void bind_all_commands(exec::CommandTable& table) {
  bind_connection_commands(table);
  bind_client_commands(table);
  bind_command_commands(table);
  bind_config_commands(table);
  bind_info_commands(table);
  bind_slowlog_commands(table);
  bind_latency_commands(table);
  bind_memory_commands(table);
  bind_debug_commands(table);
  bind_persistence_commands(table);
  bind_process_commands(table);
  repl::bind_replication_commands(table, [](exec::CommandContext& c) -> repl::Primary& {
    return c.dispatcher.host<Server>().primary();
  });
  cluster::bind_migration_commands(table, [](exec::CommandContext& c) -> cluster::Migrations& {
    return c.dispatcher.host<Server>().migrations();
  });
  exec::bind_transaction_commands(table);
  cmd::bind_data_commands(table);
  table.finish();
}

void plan_all_commands(exec::Dispatcher& dispatcher, Server& server) {
  exec::plan_transaction_commands(dispatcher);
  cmd::plan_commands(dispatcher);
  dispatcher.set_plan("reset", exec::LockPlan::kWatched);
  // What looks at other clients or at other reactors' statistics, and what nobody may watch half done.
  for (const char* name : {"info", "client|list", "client|kill", "client|unblock", "config|set", "config|resetstat",
                           "latency|histogram", "memory|stats", "memory|doctor", "memory|purge", "debug", "save", "shutdown"})
    dispatcher.set_plan(name, exec::LockPlan::kExclusive);
  // The general path is where replies are dropped, so what changes that must go through it too.
  dispatcher.set_plan("client|reply", exec::LockPlan::kWatched);
}

}  // namespace gyre::server
