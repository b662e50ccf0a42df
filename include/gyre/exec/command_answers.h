// What COMMAND and its subcommands answer, from the rows. Pure functions; args[0] is "command" and args[1]
// the subcommand, the arity already checked. Structure and field order are those of Redis 7.2, for RESP2 and
// RESP3; commands come in the order of the table.
#pragma once

#include <span>
#include <string_view>

#include "gyre/exec/command_table.h"
#include "gyre/resp/reply_writer.h"

namespace gyre::exec {

/// COMMAND, and COMMAND INFO without names: every top-level command.
void answer_command(const CommandTable& table, resp::ReplyWriter& reply);
/// COMMAND COUNT.
void answer_command_count(const CommandTable& table, resp::ReplyWriter& reply);
/// COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern].
void answer_command_list(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply);
/// COMMAND INFO [name ...]; a null for each unknown name.
void answer_command_info(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply);
/// COMMAND DOCS [name ...]; unknown names are left out.
void answer_command_docs(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply);
/// COMMAND GETKEYS command [arg ...].
void answer_command_getkeys(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply);
/// COMMAND GETKEYSANDFLAGS command [arg ...].
void answer_command_getkeysandflags(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply);
/// COMMAND HELP.
void answer_command_help(CommandArgs args, resp::ReplyWriter& reply);

/// The answer of any container's HELP: a heading with the command's name in upper case, `lines`, and HELP
/// itself. A line is a subcommand with its arguments, or four spaces and what it does.
void reply_help(resp::ReplyWriter& reply, std::string_view command_name,
                std::span<const std::string_view> lines);

}  // namespace gyre::exec
