// A row as COMMAND INFO and COMMAND DOCS show it, field by field.
#pragma once

#include <cstdint>
#include <span>

#include "gyre/exec/command_row.h"
#include "gyre/resp/reply_writer.h"

namespace gyre::exec {

/// One element of COMMAND INFO, subcommands included.
void write_command_info(const CommandRow& row, resp::ReplyWriter& reply);
/// One value of COMMAND DOCS, subcommands included.
void write_command_docs(const CommandRow& row, resp::ReplyWriter& reply);
/// The names of the flags that are set, as a set of simple strings, in the order of `names`.
void write_flag_set(uint64_t flags, std::span<const FlagName> names, resp::ReplyWriter& reply,
                    std::string_view prefix = {});

}  // namespace gyre::exec
