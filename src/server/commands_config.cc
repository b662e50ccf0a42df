// CONFIG GET, SET, RESETSTAT, REWRITE, HELP.
#include <string>
#include <utility>
#include <vector>

#include "gyre/exec/command_answers.h"
#include "gyre/server/command_families.h"
#include "persistence.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

void config_get(CommandContext& c) {
  const auto values = server_of(c).config().get(c.args.subspan(2));
  c.reply.map(values.size());
  for (const auto& [name, value] : values) {
    c.reply.bulk(name);
    c.reply.bulk(value);
  }
}

void config_set(CommandContext& c) {
  if (c.argc() % 2 != 0) return c.syntax_error();
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (size_t i = 2; i < c.argc(); i += 2) pairs.emplace_back(c.arg(i), c.arg(i + 1));
  const SetResult result = server_of(c).config().set(pairs, {.loading = server_of(c).persistence().loading(), .local_client = client_of(c).is_local()});
  switch (result.code) {
    case SetResult::Code::kOk:
      return c.reply.ok();
    case SetResult::Code::kLoading:
      return c.reply.error("LOADING Redis is loading the dataset in memory");
    case SetResult::Code::kError:
      return c.reply.error("ERR " + result.error);
  }
}

void config_resetstat(CommandContext& c) {
  server_of(c).reset_statistics();
  c.reply.ok();
}

void config_rewrite(CommandContext& c) {
  // The file is written here and not by a helper: the reply must not come before it is on disk, and a body
  // does not suspend. An operator's command, of a few milliseconds.
  const std::string error = server_of(c).config().rewrite();
  error.empty() ? c.reply.ok() : c.reply.error("ERR " + error);
}

void config_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "GET <pattern>",
      "    List the parameters whose names match, with their values.",
      "SET <directive> <value>",
      "    Give parameters new values.",
      "RESETSTAT",
      "    Set the counters that INFO shows to zero.",
      "REWRITE",
      "    Write the parameters back to the configuration file.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace

void bind_config_commands(exec::CommandTable& table) {
  table.bind("config|get", config_get);
  table.bind("config|set", config_set);
  table.bind("config|resetstat", config_resetstat);
  table.bind("config|rewrite", config_rewrite);
  table.bind("config|help", config_help);
}

}  // namespace gyre::server
