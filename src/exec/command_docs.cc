#include "command_docs.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "gyre/exec/ignore_case.h"

namespace gyre::exec {
namespace {

/// Calls visit(piece) for each piece of `text` between separators.
template <typename Visit>
void for_each_piece(std::string_view text, char separator, Visit&& visit) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

size_t count_pieces(std::string_view text, char separator) {
  size_t count = 0;
  for_each_piece(text, separator, [&](std::string_view) { ++count; });
  return count;
}

void write_field(std::string_view name, std::string_view value, resp::ReplyWriter& reply) {
  if (value.empty()) return;
  reply.bulk(name);
  reply.bulk(value);
}

void write_field(std::string_view name, int64_t value, resp::ReplyWriter& reply) {
  reply.bulk(name);
  reply.integer(value);
}

void write_begin_search(const KeySpec& spec, resp::ReplyWriter& reply) {
  reply.bulk("begin_search");
  reply.map(2);
  switch (spec.begin) {
    case KeySpec::Begin::kIndex:
      write_field("type", "index", reply);
      reply.bulk("spec");
      reply.map(1);
      write_field("index", spec.begin_at, reply);
      break;
    case KeySpec::Begin::kKeyword:
      write_field("type", "keyword", reply);
      reply.bulk("spec");
      reply.map(2);
      write_field("keyword", spec.keyword, reply);
      write_field("startfrom", spec.begin_at, reply);
      break;
    case KeySpec::Begin::kUnknown:
      write_field("type", "unknown", reply);
      reply.bulk("spec");
      reply.map(0);
      break;
  }
}

void write_find_keys(const KeySpec& spec, resp::ReplyWriter& reply) {
  reply.bulk("find_keys");
  reply.map(2);
  switch (spec.find) {
    case KeySpec::Find::kRange:
      write_field("type", "range", reply);
      reply.bulk("spec");
      reply.map(3);
      write_field("lastkey", spec.last_key, reply);
      write_field("keystep", spec.key_step, reply);
      write_field("limit", spec.limit, reply);
      break;
    case KeySpec::Find::kKeyNum:
      write_field("type", "keynum", reply);
      reply.bulk("spec");
      reply.map(3);
      write_field("keynumidx", spec.key_num_at, reply);
      write_field("firstkey", spec.first_key, reply);
      write_field("keystep", spec.key_step, reply);
      break;
    case KeySpec::Find::kUnknown:
      write_field("type", "unknown", reply);
      reply.bulk("spec");
      reply.map(0);
      break;
  }
}

void write_key_specs(const CommandRow& row, resp::ReplyWriter& reply) {
  reply.set(row.keys.size());
  for (const KeySpec& spec : row.keys) {
    reply.map(spec.notes.empty() ? 3 : 4);
    write_field("notes", spec.notes, reply);
    reply.bulk("flags");
    write_flag_set(spec.flags, key_flag_names(), reply);
    write_begin_search(spec, reply);
    write_find_keys(spec, reply);
  }
}

void write_tips(const CommandRow& row, resp::ReplyWriter& reply) {
  reply.set(count_pieces(row.doc.tips, ' '));
  for_each_piece(row.doc.tips, ' ', [&](std::string_view tip) { reply.bulk(tip); });
}

void write_history(std::string_view history, resp::ReplyWriter& reply) {
  reply.bulk("history");
  reply.set(count_pieces(history, '\n'));
  for_each_piece(history, '\n', [&](std::string_view line) {
    const size_t blank = line.find(' ');
    reply.array(2);
    reply.bulk(line.substr(0, blank));
    reply.bulk(line.substr(blank + 1));
  });
}

bool is_branch(const ArgDoc& arg) { return arg.type == ArgType::kOneOf || arg.type == ArgType::kBlock; }

std::string arg_name(const ArgDoc& arg) {
  if (!arg.name.empty()) return std::string(arg.name);
  std::string name(arg.token);
  std::transform(name.begin(), name.end(), name.begin(), lower_ascii);
  return name;
}

void write_args(ArgDocs forest, resp::ReplyWriter& reply);

void write_arg(const ArgDoc& arg, ArgDocs children, resp::ReplyWriter& reply) {
  const bool has_flags = arg.optional || arg.multiple || arg.multiple_token;
  // Besides name, type, and either the display text or the arguments below.
  // A bare token may be the empty one (MIGRATE's).
  const bool has_token = !arg.token.empty() || arg.type == ArgType::kPureToken;
  const size_t extras = size_t{arg.key_spec_index >= 0} + has_token + !arg.since.empty() +
                        !arg.deprecated_since.empty() + has_flags;
  const std::string name = arg_name(arg);
  reply.map(3 + extras);
  write_field("name", name, reply);
  write_field("type", arg_type_name(arg.type), reply);
  if (!is_branch(arg)) write_field("display_text", arg.display_text.empty() ? name : arg.display_text, reply);
  if (arg.key_spec_index >= 0) write_field("key_spec_index", arg.key_spec_index, reply);
  if (has_token) {
    reply.bulk("token");
    reply.bulk(arg.token);
  }
  write_field("since", arg.since, reply);
  write_field("deprecated_since", arg.deprecated_since, reply);
  if (has_flags) {
    reply.bulk("flags");
    reply.set(size_t{arg.optional} + arg.multiple + arg.multiple_token);
    if (arg.optional) reply.simple("optional");
    if (arg.multiple) reply.simple("multiple");
    if (arg.multiple_token) reply.simple("multiple_token");
  }
  if (is_branch(arg)) {
    reply.bulk("arguments");
    write_args(children, reply);
  }
}

void write_args(ArgDocs forest, resp::ReplyWriter& reply) {
  size_t count = 0;
  for_each_arg(forest, [&](const ArgDoc&, ArgDocs) { ++count; });
  reply.array(count);
  for_each_arg(forest, [&](const ArgDoc& arg, ArgDocs children) { write_arg(arg, children, reply); });
}

}  // namespace

void write_flag_set(uint64_t flags, std::span<const FlagName> names, resp::ReplyWriter& reply,
                    std::string_view prefix) {
  const auto is_set = [flags](const FlagName& name) { return (flags & name.flag) != 0; };
  reply.set(static_cast<uint64_t>(std::count_if(names.begin(), names.end(), is_set)));
  for (const FlagName& name : names) {
    if (is_set(name)) reply.simple(std::string(prefix).append(name.name));
  }
}

void write_command_info(const CommandRow& row, resp::ReplyWriter& reply) {
  reply.array(10);
  reply.bulk(row.full_name);
  reply.integer(row.arity);
  write_flag_set(row.flags, command_flag_names(), reply);
  reply.integer(row.first_key);
  reply.integer(row.last_key);
  reply.integer(row.key_step);
  write_flag_set(row.acl_categories, acl_category_names(), reply, "@");
  write_tips(row, reply);
  write_key_specs(row, reply);
  if (!row.is_container()) return reply.set(0);  // a set when empty, an array otherwise: as Redis has it
  reply.array(row.subcommands.size());
  for (const CommandRow& sub : row.subcommands) write_command_info(sub, reply);
}

void write_command_docs(const CommandRow& row, resp::ReplyWriter& reply) {
  const CommandDoc& doc = row.doc;
  const size_t fields = size_t{1} + !doc.summary.empty() + !doc.since.empty() + !doc.complexity.empty() +
                        (doc.flags != 0) + !doc.deprecated_since.empty() + !doc.replaced_by.empty() +
                        !doc.history.empty() + !doc.args.empty() + row.is_container();
  reply.map(fields);
  write_field("summary", doc.summary, reply);
  write_field("since", doc.since, reply);
  write_field("group", group_name(doc.group), reply);
  write_field("complexity", doc.complexity, reply);
  if (doc.flags != 0) {
    reply.bulk("doc_flags");
    write_flag_set(doc.flags, doc_flag_names(), reply);
  }
  write_field("deprecated_since", doc.deprecated_since, reply);
  write_field("replaced_by", doc.replaced_by, reply);
  if (!doc.history.empty()) write_history(doc.history, reply);
  if (!doc.args.empty()) {
    reply.bulk("arguments");
    write_args(doc.args, reply);
  }
  if (!row.is_container()) return;
  reply.bulk("subcommands");
  reply.map(row.subcommands.size());
  for (const CommandRow& sub : row.subcommands) {
    reply.bulk(sub.full_name);
    write_command_docs(sub, reply);
  }
}

}  // namespace gyre::exec
