#include "gyre/server/commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/transaction_commands.h"
#include "gyre/server/command_families.h"
#include "gyre/server/server.h"

namespace gyre::server {

void bind_all_commands(exec::CommandTable& table) {
  bind_connection_commands(table);
  exec::bind_transaction_commands(table);
  cmd::bind_string_commands(table);
  cmd::bind_generic_commands(table);
  cmd::bind_keyspace_commands(table);
  if (!getenv("BRINGUP")) table.finish();
}

void plan_all_commands(exec::Dispatcher& dispatcher, Server& server) {
  exec::plan_transaction_commands(dispatcher);
  cmd::plan_commands(dispatcher);
  dispatcher.set_plan("reset", exec::LockPlan::kWatched);
}

}  // namespace gyre::server
