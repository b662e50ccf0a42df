// The server's own commands by family; bound by bind_all_commands().
#pragma once

#include <string_view>

namespace gyre::exec {
class CommandTable;
class Dispatcher;
}  // namespace gyre::exec

namespace gyre::server {

void bind_connection_commands(exec::CommandTable& table);   // auth hello quit reset
void bind_client_commands(exec::CommandTable& table);       // client|*
void bind_command_commands(exec::CommandTable& table);      // command and command|*
void bind_config_commands(exec::CommandTable& table);       // config|*
void bind_info_commands(exec::CommandTable& table);         // info
void bind_slowlog_commands(exec::CommandTable& table);      // slowlog|*
void bind_latency_commands(exec::CommandTable& table);      // latency|*
void bind_memory_commands(exec::CommandTable& table);       // memory|*
void bind_debug_commands(exec::CommandTable& table);        // debug
void bind_persistence_commands(exec::CommandTable& table);  // save bgsave lastsave
void bind_process_commands(exec::CommandTable& table);      // shutdown, lolwut

/// Names of clients hold printable characters without space.
bool valid_client_name(std::string_view name);

}  // namespace gyre::server
