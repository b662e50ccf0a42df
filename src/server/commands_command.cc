// COMMAND and its subcommands: the table describes itself.
#include "gyre/exec/command_answers.h"
#include "gyre/server/command_families.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

using Answer = void (*)(const exec::CommandTable& table, exec::CommandArgs args, resp::ReplyWriter& reply);

template <Answer kAnswer>
void answer(CommandContext& c) {
  kAnswer(c.dispatcher.table(), c.args, c.reply);
}

}  // namespace

void bind_command_commands(exec::CommandTable& table) {
  table.bind("command", [](CommandContext& c) { exec::answer_command(c.dispatcher.table(), c.reply); });
  table.bind("command|count",
             [](CommandContext& c) { exec::answer_command_count(c.dispatcher.table(), c.reply); });
  table.bind("command|list", answer<exec::answer_command_list>);
  table.bind("command|info", answer<exec::answer_command_info>);
  table.bind("command|docs", answer<exec::answer_command_docs>);
  table.bind("command|getkeys", answer<exec::answer_command_getkeys>);
  table.bind("command|getkeysandflags", answer<exec::answer_command_getkeysandflags>);
  table.bind("command|help", [](CommandContext& c) { exec::answer_command_help(c.args, c.reply); });
}

}  // namespace gyre::server
