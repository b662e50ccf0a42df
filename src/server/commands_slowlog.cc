// SLOWLOG GET, LEN, RESET, HELP.
#include "gyre/base/numbers.h"
#include "gyre/exec/command_answers.h"
#include "gyre/server/command_families.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

constexpr int64_t kDefaultCount = 10;

void slowlog_get(CommandContext& c) {
  if (c.argc() > 3) return wrong_subcommand(c);
  int64_t count = kDefaultCount;
  if (c.argc() == 3) {
    const auto given = base::parse_int64(c.arg(2));
    if (!given || *given < -1) return c.reply.error("ERR count should be greater than or equal to -1");
    count = *given;
  }
  const std::vector<Slowlog::Item> items =
      server_of(c).slowlog().newest(count < 0 ? SIZE_MAX : static_cast<size_t>(count));
  c.reply.array(items.size());
  for (const Slowlog::Item& item : items) {
    c.reply.array(6);
    c.reply.integer(static_cast<int64_t>(item.id));
    c.reply.integer(item.time_s);
    c.reply.integer(item.duration_us);
    c.reply.array(item.args.size());
    for (const std::string& arg : item.args) c.reply.bulk(arg);
    c.reply.bulk(item.peer);
    c.reply.bulk(item.client_name);
  }
}

void slowlog_len(CommandContext& c) { c.reply.integer(static_cast<int64_t>(server_of(c).slowlog().size())); }

void slowlog_reset(CommandContext& c) {
  server_of(c).slowlog().reset();
  c.reply.ok();
}

void slowlog_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "GET [<count>]",
      "    The newest <count> entries (default: 10, -1: all). Each has an id, a time stamp,",
      "    the microseconds taken, the arguments, the client's address and its name.",
      "LEN",
      "    The number of entries.",
      "RESET",
      "    Forget all entries.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace

void bind_slowlog_commands(exec::CommandTable& table) {
  table.bind("slowlog|get", slowlog_get);
  table.bind("slowlog|len", slowlog_len);
  table.bind("slowlog|reset", slowlog_reset);
  table.bind("slowlog|help", slowlog_help);
}

}  // namespace gyre::server
