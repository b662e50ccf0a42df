// Bodies of the commands that work on keys of any type, for the table in generic_commands.cc. Private to this
// module.
#pragma once

#include "gyre/exec/command_row.h"

namespace gyre::cmd {

using exec::CommandContext;

// generic_keys.cc
void del(CommandContext& c);
void unlink(CommandContext& c);
void exists(CommandContext& c);
void touch(CommandContext& c);
void type(CommandContext& c);
// generic_expire.cc
void expire(CommandContext& c);
void pexpire(CommandContext& c);
void expireat(CommandContext& c);
void pexpireat(CommandContext& c);
void ttl(CommandContext& c);
void pttl(CommandContext& c);
void expiretime(CommandContext& c);
void pexpiretime(CommandContext& c);
void persist(CommandContext& c);
// generic_move.cc
void rename_key(CommandContext& c);
void renamenx(CommandContext& c);
void move(CommandContext& c);
void copy(CommandContext& c);
// generic_dump.cc
void dump(CommandContext& c);
void restore(CommandContext& c);
// generic_object.cc
void object_encoding(CommandContext& c);
void object_freq(CommandContext& c);
void object_help(CommandContext& c);
void object_idletime(CommandContext& c);
void object_refcount(CommandContext& c);
// sort_commands.cc
void sort(CommandContext& c);
void sort_ro(CommandContext& c);

}  // namespace gyre::cmd
