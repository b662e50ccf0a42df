// Bodies of the commands that work on whole databases, for the table in keyspace_commands.cc. Private to this
// module.
#pragma once

#include "gyre/exec/command_row.h"

namespace gyre::cmd {

using exec::CommandContext;

// keyspace_iterate.cc
void scan(CommandContext& c);
void keys(CommandContext& c);
void randomkey(CommandContext& c);
// keyspace_flush.cc
void flushall(CommandContext& c);
void flushdb(CommandContext& c);
void swapdb(CommandContext& c);
// keyspace_session.cc
void dbsize(CommandContext& c);
void select(CommandContext& c);
void ping(CommandContext& c);
void echo(CommandContext& c);
void time(CommandContext& c);

}  // namespace gyre::cmd
