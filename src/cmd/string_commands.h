// Bodies of the string commands, for the table in string_commands.cc. Private to this module.
#pragma once

#include "gyre/exec/command_row.h"

namespace gyre::cmd {

using exec::CommandContext;

// string_get.cc
void get(CommandContext& c);
void getdel(CommandContext& c);
void getex(CommandContext& c);
void getset(CommandContext& c);
void mget(CommandContext& c);
// string_set.cc
void set(CommandContext& c);
void setnx(CommandContext& c);
void setex(CommandContext& c);
void psetex(CommandContext& c);
void mset(CommandContext& c);
void msetnx(CommandContext& c);
// string_range.cc
void append(CommandContext& c);
void getrange(CommandContext& c);
void setrange(CommandContext& c);
void strlen(CommandContext& c);
// string_number.cc
void incr(CommandContext& c);
void decr(CommandContext& c);
void incrby(CommandContext& c);
void decrby(CommandContext& c);
void incrbyfloat(CommandContext& c);
// string_lcs.cc
void lcs(CommandContext& c);

}  // namespace gyre::cmd
