// Bodies of the commands on positions, for the table in geo_commands.cc. Private to this module.
#pragma once

#include "gyre/exec/command_row.h"

namespace gyre::cmd {

using exec::CommandContext;

// geo_add.cc
void geoadd(CommandContext& c);
// geo_read.cc
void geodist(CommandContext& c);
void geohash(CommandContext& c);
void geopos(CommandContext& c);
// geo_search.cc
void georadius(CommandContext& c);
void georadius_ro(CommandContext& c);
void georadiusbymember(CommandContext& c);
void georadiusbymember_ro(CommandContext& c);
void geosearch(CommandContext& c);
void geosearchstore(CommandContext& c);

}  // namespace gyre::cmd
