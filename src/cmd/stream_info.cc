// XINFO: what streams, groups and consumers are made of.
#include <algorithm>
#include <string>

#include "gyre/exec/command_answers.h"
#include "stream_commands.h"
#include "stream_value.h"

namespace gyre::cmd {

namespace {

constexpr size_t kKeyAt = 2;
constexpr int64_t kUsualCount = 10;

void field(CommandContext& c, std::string_view name, int64_t value) {
  c.reply.bulk(name);
  c.reply.integer(value);
}
void field(CommandContext& c, std::string_view name, uint64_t value) {
  field(c, name, static_cast<int64_t>(value));
}
void field(CommandContext& c, std::string_view name, StreamId id) {
  c.reply.bulk(name);
  reply_id(c, id);
}
void field(CommandContext& c, std::string_view name, std::string_view text) {
  c.reply.bulk(name);
  c.reply.bulk(text);
}
void reads_field(CommandContext& c, std::string_view name, int64_t value, bool known) {
  c.reply.bulk(name);
  known ? c.reply.integer(value) : c.reply.null();
}

/// How many entries the group has not read yet, as far as that can be told.
void lag_field(CommandContext& c, const StreamObject& stream, const StreamGroup& group) {
  const auto added = static_cast<int64_t>(stream.entries_added());
  int64_t read = 0;
  if (added != 0) {
    const bool counted = group.entries_read != store::kUnknownReads && !stream.has_gaps_from(group.last_id);
    read = counted ? group.entries_read : stream.reads_up_to(group.last_id);
  }
  reads_field(c, "lag", added - read, added == 0 || read != store::kUnknownReads);
}

void reads_and_lag(CommandContext& c, const StreamObject& stream, const StreamGroup& group) {
  reads_field(c, "entries-read", group.entries_read, group.entries_read != store::kUnknownReads);
  lag_field(c, stream, group);
}

/// The stream of the command; null and the error replied when there is none.
const StreamObject* find_stream(CommandContext& c) {
  const Entry* found = c.db().read(c.key(kKeyAt));
  if (!found) {
    c.reply.error("ERR no such key");
    return nullptr;
  }
  return check_stream(c, found) ? &stream_of(*found) : nullptr;
}

/// The words behind the key; false and the error replied when they make no sense.
bool parse_full(CommandContext& c, bool* full, uint64_t* count) {
  *full = c.argc() > 3;
  *count = kUsualCount;
  if (!*full) return true;
  if ((c.argc() != 4 && c.argc() != 6) || !is_word(c, 3, "full") ||
      (c.argc() == 6 && !is_word(c, 4, "count"))) {
    wrong_subcommand(c);
    return false;
  }
  if (c.argc() == 4) return true;
  int64_t wanted;
  if (!c.get_int64(5, &wanted)) return false;
  *count = static_cast<uint64_t>(wanted < 0 ? kUsualCount : wanted);
  return true;
}

void edge_field(CommandContext& c, std::string_view name, const StreamObject& stream,
                StreamRange::Direction direction) {
  c.reply.bulk(name);
  StreamRange range(stream, StreamId::min(), StreamId::max(), direction);
  range.next() ? reply_entry(c, range) : c.reply.null();
}

/// What is pending, up to `count` of them, 0: all.
template <class Tree>
void pending_field(CommandContext& c, const StreamGroup& group, const Tree& tree, uint64_t count,
                   bool consumers) {
  field(c, "pel-count", tree.size());
  c.reply.bulk("pending");
  const uint64_t shown = count == 0 ? tree.size() : std::min(count, tree.size());
  c.reply.array(shown);
  auto at = tree.first();
  for (uint64_t i = 0; i < shown; ++i, at.next()) {
    const store::PendingEntry& item = *group.pending().find(at->id);
    c.reply.array(consumers ? 4 : 3);
    reply_id(c, item.id);
    if (consumers) c.reply.bulk(group.consumer(item.consumer).name);
    c.reply.integer(item.delivered_ms);
    c.reply.integer(static_cast<int64_t>(item.deliveries));
  }
}

void reply_full_group(CommandContext& c, const StreamObject& stream, const StreamGroup& group,
                      uint64_t count) {
  c.reply.map(7);
  field(c, "name", group.name());
  field(c, "last-delivered-id", group.last_id);
  reads_and_lag(c, stream, group);
  pending_field(c, group, group.pending(), count, /*consumers=*/true);
  c.reply.bulk("consumers");
  c.reply.array(group.consumers());
  group.for_each_consumer([&](const StreamConsumer& consumer) {
    c.reply.map(5);
    field(c, "name", consumer.name);
    field(c, "seen-time", consumer.seen_ms);
    field(c, "active-time", consumer.active_ms);
    pending_field(c, group, consumer.pending, count, /*consumers=*/false);
  });
}

}  // namespace

void xinfo_stream(CommandContext& c) {
  const StreamObject* stream = find_stream(c);
  bool full;
  uint64_t count;
  if (!stream || !parse_full(c, &full, &count)) return;
  c.reply.map(full ? 9 : 10);
  field(c, "length", stream->size());
  field(c, "radix-tree-keys", stream->nodes());
  field(c, "radix-tree-nodes", stream->radix_nodes());
  field(c, "last-generated-id", stream->last_id());
  field(c, "max-deleted-entry-id", stream->max_deleted_id());
  field(c, "entries-added", stream->entries_added());
  field(c, "recorded-first-entry-id", stream->first_id());
  if (!full) {
    field(c, "groups", stream->groups().size());
    edge_field(c, "first-entry", *stream, StreamRange::Direction::kForward);
    return edge_field(c, "last-entry", *stream, StreamRange::Direction::kBackward);
  }
  c.reply.bulk("entries");
  reply_entries(c, StreamRange(*stream, StreamId::min(), StreamId::max()), count);
  c.reply.bulk("groups");
  c.reply.array(stream->groups().size());
  stream->groups().for_each([&](const StreamGroup& group) { reply_full_group(c, *stream, group, count); });
}

void xinfo_groups(CommandContext& c) {
  const StreamObject* stream = find_stream(c);
  if (!stream) return;
  c.reply.array(stream->groups().size());
  stream->groups().for_each([&](const StreamGroup& group) {
    c.reply.map(6);
    field(c, "name", group.name());
    field(c, "consumers", group.consumers());
    field(c, "pending", group.pending().size());
    field(c, "last-delivered-id", group.last_id);
    reads_and_lag(c, *stream, group);
  });
}

void xinfo_consumers(CommandContext& c) {
  constexpr size_t kGroupAt = 3;
  const StreamObject* stream = find_stream(c);
  if (!stream) return;
  const StreamGroup* group = stream->groups().find(c.arg(kGroupAt));
  if (!group) return no_group_of_key(c, c.arg(kKeyAt), c.arg(kGroupAt));
  c.reply.array(group->consumers());
  group->for_each_consumer([&](const StreamConsumer& consumer) {
    const bool was_active = consumer.active_ms != store::kNeverActive;
    c.reply.map(4);
    field(c, "name", consumer.name);
    field(c, "pending", consumer.pending.size());
    field(c, "idle", std::max<int64_t>(c.now_ms() - consumer.seen_ms, 0));
    field(c, "inactive", was_active ? c.now_ms() - consumer.active_ms : store::kNeverActive);
  });
}

void xinfo_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "CONSUMERS <key> <groupname>",
      "    The consumers of a group.",
      "GROUPS <key>",
      "    The consumer groups of a stream.",
      "STREAM <key> [FULL [COUNT <count>]",
      "    What is known of a stream.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace gyre::cmd
