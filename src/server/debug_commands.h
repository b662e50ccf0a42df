// DEBUG's subcommands, in three files by what they touch. All run with the gate closed.
#pragma once

namespace gyre::exec {
class CommandContext;
}

namespace gyre::server {

// commands_debug_keys.cc: keys and values
void debug_object(exec::CommandContext& c);
void debug_sdslen(exec::CommandContext& c);
void debug_listpack(exec::CommandContext& c);
void debug_quicklist(exec::CommandContext& c);
void debug_htstats(exec::CommandContext& c);
void debug_htstats_key(exec::CommandContext& c);
void debug_populate(exec::CommandContext& c);
void debug_digest(exec::CommandContext& c);
void debug_digest_value(exec::CommandContext& c);
// commands_debug_protocol.cc
void debug_protocol(exec::CommandContext& c);
void debug_error(exec::CommandContext& c);

}  // namespace gyre::server
