// XGROUP: making, moving and dropping consumer groups and their consumers. None of it is told to those who
// watch the key, but for a stream that is made, as in Redis.
#include <string>

#include "blocking.h"
#include "gyre/exec/command_answers.h"
#include "stream_commands.h"
#include "stream_value.h"

namespace gyre::cmd {

namespace {

constexpr size_t kKeyAt = 2, kGroupAt = 3, kIdAt = 4, kConsumerAt = 4;

struct GroupOptions {
  bool make_stream = false;
  int64_t entries_read = store::kUnknownReads;
};

/// The words from argument 5 on. False and the error replied when they make no sense.
bool parse_options(CommandContext& c, bool creates, GroupOptions* options) {
  for (size_t i = 5; i < c.argc();) {
    if (creates && is_word(c, i, "mkstream")) {
      options->make_stream = true;
      ++i;
    } else if (is_word(c, i, "entriesread") && i + 1 < c.argc()) {
      if (!c.get_int64(i + 1, &options->entries_read)) return false;
      if (options->entries_read < store::kUnknownReads) {
        c.reply.error("ERR value for ENTRIESREAD must be positive or -1");
        return false;
      }
      i += 2;
    } else {
      wrong_subcommand(c);
      return false;
    }
  }
  return true;
}

/// The stream of the command; null and the error replied when there is none.
Entry* find_stream(CommandContext& c, const Key& key, bool may_lack) {
  Entry* found = c.db().write(key);
  if (!check_stream(c, found)) return nullptr;
  if (!found && !may_lack) {
    c.reply.error(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the "
        "MKSTREAM "
        "option to create an empty stream automatically.");
  }
  return found;
}

/// The same with its group, which must be there too.
Entry* find_group(CommandContext& c, const Key& key) {
  Entry* found = find_stream(c, key, /*may_lack=*/false);
  if (!found || stream_of(*found).groups().find(c.arg(kGroupAt))) return found;
  no_group_of_key(c, c.arg(kKeyAt), c.arg(kGroupAt));
  return nullptr;
}

}  // namespace

void xgroup_create(CommandContext& c) {
  constexpr size_t kMostArguments = 8;
  GroupOptions options;
  if (!parse_options(c, /*creates=*/true, &options)) return;
  const Key key = c.key(kKeyAt);
  const uint32_t errors = c.reply.error_count();
  Entry* found = find_stream(c, key, options.make_stream);
  if (c.reply.error_count() != errors) return;
  if (c.argc() > kMostArguments) return wrong_subcommand(c);
  StreamId id;
  if (c.arg(kIdAt) == "$") {
    if (found) id = stream_of(*found).last_id();
  } else if (!get_stream_id(c, kIdAt, 0, IdForm::kStrict, &id)) {
    return;
  }
  if (found && stream_of(*found).groups().find(c.arg(kGroupAt)))
    return c.reply.error("BUSYGROUP Consumer Group name already exists");
  if (!found) {
    auto fresh = std::make_unique<StreamObject>();
    fresh->groups().create(c.arg(kGroupAt), id, options.entries_read);
    c.db().put_object(key, nullptr, std::move(fresh));
    return c.reply.ok();
  }
  store::ObjectEdit edit = c.db().edit_object(key, found);
  edit.as<StreamObject>().groups().create(c.arg(kGroupAt), id, options.entries_read);
  c.add_dirty();
  c.reply.ok();
}

void xgroup_setid(CommandContext& c) {
  GroupOptions options;
  if (!parse_options(c, /*creates=*/false, &options)) return;
  const Key key = c.key(kKeyAt);
  Entry* found = find_group(c, key);
  if (!found) return;
  if (c.argc() != 5 && c.argc() != 7) return wrong_subcommand(c);
  StreamId id = stream_of(*found).last_id();
  if (c.arg(kIdAt) != "$" && !get_stream_id(c, kIdAt, 0, IdForm::kEnds, &id)) return;
  StreamGroupEdit group(c, key, found, c.arg(kGroupAt));
  group->last_id = id;
  group->entries_read = options.entries_read;
  c.add_dirty();
  c.reply.ok();
}

void xgroup_destroy(CommandContext& c) {
  const Key key = c.key(kKeyAt);
  Entry* found = find_stream(c, key, /*may_lack=*/false);
  if (!found) return;
  if (!stream_of(*found).groups().find(c.arg(kGroupAt))) return c.reply.integer(0);
  store::ObjectEdit edit = c.db().edit_object(key, found);
  // A group with millions of pending entries is freed elsewhere.
  store::free_later(
      std::make_unique<StreamObject>(edit.as<StreamObject>().groups().extract(c.arg(kGroupAt))));
  c.add_dirty();
  // Consumers that wait for entries of the group are told that it is gone.
  wake_waiters(c, key);
  c.reply.integer(1);
}

void xgroup_createconsumer(CommandContext& c) {
  const Key key = c.key(kKeyAt);
  Entry* found = find_group(c, key);
  if (!found) return;
  if (stream_of(*found).groups().find(c.arg(kGroupAt))->find_consumer(c.arg(kConsumerAt)))
    return c.reply.integer(0);
  StreamGroupEdit(c, key, found, c.arg(kGroupAt))->create_consumer(c.arg(kConsumerAt), c.now_ms());
  c.add_dirty();
  c.reply.integer(1);
}

void xgroup_delconsumer(CommandContext& c) {
  const Key key = c.key(kKeyAt);
  Entry* found = find_group(c, key);
  if (!found) return;
  const StreamConsumer* consumer =
      stream_of(*found).groups().find(c.arg(kGroupAt))->find_consumer(c.arg(kConsumerAt));
  if (!consumer) return c.reply.integer(0);
  const auto pending = static_cast<int64_t>(consumer->pending.size());
  const uint64_t number = consumer->number;
  StreamGroupEdit(c, key, found, c.arg(kGroupAt))->erase_consumer(number);
  c.add_dirty();
  c.reply.integer(pending);
}

void xgroup_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "CREATE <key> <groupname> <id|$> [option]",
      "    Make a consumer group. Options:",
      "    * MKSTREAM",
      "      Make the stream too, if there is none.",
      "    * ENTRIESREAD entries_read",
      "      How many entries the group has read (for replication).",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Make a consumer of the group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Drop a consumer with what is pending for it.",
      "DESTROY <key> <groupname>",
      "    Drop the group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Set where the group stands, and how many entries it has read.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace gyre::cmd
