// Binding of all commands of this server to their rows.
#pragma once

namespace gyre::exec {
class CommandTable;
class Dispatcher;
}  // namespace gyre::exec

namespace gyre::server {

class Server;

/// Binds every row's body and finishes the table.
void bind_all_commands(exec::CommandTable& table);
/// Sets the lock plans that differ from what the rows' keys say.
void plan_all_commands(exec::Dispatcher& dispatcher, Server& server);

}  // namespace gyre::server
