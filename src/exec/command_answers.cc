#include "gyre/exec/command_answers.h"

#include <string>

#include "command_docs.h"
#include "gyre/base/glob.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/exec/key_extraction.h"

namespace gyre::exec {
namespace {

enum class ListFilter { kNone, kModule, kAclCategory, kPattern };

struct ListQuery {
  ListFilter filter = ListFilter::kNone;
  uint64_t category = 0;
  std::string_view pattern;

  bool wants(const CommandRow& row) const {
    switch (filter) {
      case ListFilter::kNone:
        return true;
      case ListFilter::kModule:
        return false;  // there are no modules, so none of that name
      case ListFilter::kAclCategory:
        return (row.acl_categories & category) != 0;
      case ListFilter::kPattern:
        return base::glob_match(pattern, row.full_name, true);
    }
    return false;
  }
};

/// False for a syntax error. As in Redis, FILTERBY takes exactly the last two arguments.
bool parse_list_query(CommandArgs args, ListQuery& query) {
  if (args.size() == 2) return true;
  if (args.size() != 5 || !equal_ignoring_case(args[2], "filterby")) return false;
  if (equal_ignoring_case(args[3], "module")) {
    query.filter = ListFilter::kModule;
  } else if (equal_ignoring_case(args[3], "aclcat")) {
    query.filter = ListFilter::kAclCategory;
    query.category = acl_category_by_name(args[4]);
  } else if (equal_ignoring_case(args[3], "pattern")) {
    query.filter = ListFilter::kPattern;
    query.pattern = args[4];
  } else {
    return false;
  }
  return true;
}

/// The keys of the command in `args`, for GETKEYS and GETKEYSANDFLAGS; false when the reply is already an
/// error.
/// The top-level commands that have not been renamed away.
std::vector<const CommandRow*> callable(const CommandTable& table) {
  std::vector<const CommandRow*> rows;
  for (const CommandRow& row : table.commands())
    if (table.can_be_called(row)) rows.push_back(&row);
  return rows;
}

bool keys_or_error(const CommandTable& table, CommandArgs args, KeyList& keys, resp::ReplyWriter& reply) {
  const CommandRow* row = table.resolve(args);
  if (row == nullptr) {
    reply.error("ERR Invalid command specified");
  } else if (!may_have_keys(*row)) {
    reply.error("ERR The command has no key arguments");
  } else if (!row->accepts(args.size())) {
    reply.error("ERR Invalid number of arguments specified for command");
  } else {
    if (!keys_of(*row, args, keys)) keys.clear();
    if (!keys.empty() || row->has(flag::kNoMandatoryKeys)) return true;
    reply.error("ERR Invalid arguments specified for command");
  }
  return false;
}

}  // namespace

void answer_command(const CommandTable& table, resp::ReplyWriter& reply) {
  const auto rows = callable(table);
  reply.array(rows.size());
  for (const CommandRow* row : rows) write_command_info(*row, reply);
}

void answer_command_count(const CommandTable& table, resp::ReplyWriter& reply) {
  reply.integer(static_cast<int64_t>(callable(table).size()));
}

void answer_command_list(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply) {
  ListQuery query;
  if (!parse_list_query(args, query)) return reply.error("ERR syntax error");
  size_t count = 0;
  const auto wanted = [&](const CommandRow& row) { return table.can_be_called(row) && query.wants(row); };
  for (const CommandRow& row : table.all()) count += wanted(row) ? 1 : 0;
  reply.array(count);
  for (const CommandRow& row : table.all()) {
    if (wanted(row)) reply.bulk(row.full_name);
  }
}

void answer_command_info(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply) {
  if (args.size() == 2) return answer_command(table, reply);
  reply.array(args.size() - 2);
  for (const std::string_view name : args.subspan(2)) {
    const CommandRow* row = table.find_full(name);
    row != nullptr ? write_command_info(*row, reply) : reply.null();
  }
}

void answer_command_docs(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply) {
  const auto write = [&](const CommandRow& row) {
    reply.bulk(row.full_name);
    write_command_docs(row, reply);
  };
  if (args.size() == 2) {
    const auto rows = callable(table);
    reply.map(rows.size());
    for (const CommandRow* row : rows) write(*row);
    return;
  }
  std::vector<const CommandRow*> known;
  for (const std::string_view name : args.subspan(2)) {
    if (const CommandRow* row = table.find_full(name)) known.push_back(row);
  }
  reply.map(known.size());
  for (const CommandRow* row : known) write(*row);
}

void answer_command_getkeys(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply) {
  const CommandArgs asked = args.subspan(2);
  KeyList keys;
  if (!keys_or_error(table, asked, keys, reply)) return;
  reply.array(keys.size());
  for (const KeyRef& key : keys) reply.bulk(asked[key.position]);
}

void answer_command_getkeysandflags(const CommandTable& table, CommandArgs args, resp::ReplyWriter& reply) {
  const CommandArgs asked = args.subspan(2);
  KeyList keys;
  if (!keys_or_error(table, asked, keys, reply)) return;
  reply.array(keys.size());
  for (const KeyRef& key : keys) {
    reply.array(2);
    reply.bulk(asked[key.position]);
    write_flag_set(key.flags, key_flag_names(), reply);
  }
}

void answer_command_help(CommandArgs args, resp::ReplyWriter& reply) {
  static constexpr std::string_view kLines[] = {
      "(no subcommand)",
      "    Describe all commands.",
      "COUNT",
      "    Count the commands of this server.",
      "LIST",
      "    Name the commands and subcommands of this server.",
      "INFO [<command-name> ...]",
      "    Describe the named commands, or all.",
      "DOCS [<command-name> ...]",
      "    Document the named commands, or all.",
      "GETKEYS <full-command>",
      "    Extract the keys from a command with its arguments.",
      "GETKEYSANDFLAGS <full-command>",
      "    Extract the keys and what the command does to them.",
  };
  reply_help(reply, args[0], kLines);
}

void reply_help(resp::ReplyWriter& reply, std::string_view command_name,
                std::span<const std::string_view> lines) {
  std::string heading(command_name);
  for (char& c : heading) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  heading += " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:";
  reply.array(lines.size() + 3);
  reply.simple(heading);
  for (const std::string_view line : lines) reply.simple(line);
  reply.simple("HELP");
  reply.simple("    Print this help.");
}

}  // namespace gyre::exec
