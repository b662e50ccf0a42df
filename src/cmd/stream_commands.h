// The bodies of the stream commands. Private to this module.
#pragma once

namespace gyre::exec {
class CommandContext;
}

namespace gyre::cmd {

using exec::CommandContext;

void xack(CommandContext& c);
void xadd(CommandContext& c);
void xautoclaim(CommandContext& c);
void xclaim(CommandContext& c);
void xdel(CommandContext& c);
void xgroup_create(CommandContext& c);
void xgroup_createconsumer(CommandContext& c);
void xgroup_delconsumer(CommandContext& c);
void xgroup_destroy(CommandContext& c);
void xgroup_help(CommandContext& c);
void xgroup_setid(CommandContext& c);
void xinfo_consumers(CommandContext& c);
void xinfo_groups(CommandContext& c);
void xinfo_help(CommandContext& c);
void xinfo_stream(CommandContext& c);
void xlen(CommandContext& c);
void xpending(CommandContext& c);
void xrange(CommandContext& c);
void xread(CommandContext& c);
void xreadgroup(CommandContext& c);
void xrevrange(CommandContext& c);
void xsetid(CommandContext& c);
void xtrim(CommandContext& c);

}  // namespace gyre::cmd
