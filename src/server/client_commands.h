// Bodies of CLIENT's subcommands that have files of their own.
#pragma once

namespace gyre::exec {
class CommandContext;
}

namespace gyre::server {

// commands_client_list.cc
void client_list(exec::CommandContext& c);
void client_kill(exec::CommandContext& c);
// commands_client_tracking.cc
void client_tracking(exec::CommandContext& c);
void client_trackinginfo(exec::CommandContext& c);
void client_caching(exec::CommandContext& c);
void client_getredir(exec::CommandContext& c);

}  // namespace gyre::server
