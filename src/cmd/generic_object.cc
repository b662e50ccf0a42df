// OBJECT: what is known about a value beside its content.
#include "generic_commands.h"
#include "gyre/exec/command_answers.h"
#include "support.h"

namespace gyre::cmd {

namespace {

/// Redis keeps one object for each of the integers below this and lets all keys share it, which REFCOUNT
/// shows.
constexpr int64_t kSharedIntegers = 10000;

/// The entry of argument 2; null, and the null replied, when there is none.
const Entry* object(CommandContext& c) {
  const Entry* entry = read_untouched(c.db(), c.key(2));
  if (!entry) c.reply.null();
  return entry;
}

bool is_shared_integer(const Entry& entry) {
  return entry.type() == store::Type::kString && entry.string_encoding() == store::StringEncoding::kInt &&
         entry.int_value() >= 0 && entry.int_value() < kSharedIntegers;
}

}  // namespace

void object_encoding(CommandContext& c) {
  if (const Entry* entry = object(c)) c.reply.bulk(store::encoding_name(*entry));
}

void object_refcount(CommandContext& c) {
  if (const Entry* entry = object(c)) c.reply.integer(is_shared_integer(*entry) ? INT32_MAX : 1);
}

void object_freq(CommandContext& c) {
  const Entry* entry = object(c);
  if (!entry) return;
  if (!environment(c).lfu_policy()) {
    return c.reply.error(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when "
        "switching "
        "between policies at runtime LRU and LFU data will take some time to adjust.");
  }
  c.reply.integer(c.db().frequency(*entry));
}

void object_idletime(CommandContext& c) {
  const Entry* entry = object(c);
  if (!entry) return;
  if (environment(c).lfu_policy()) {
    return c.reply.error(
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching "
        "between "
        "policies at runtime LRU and LFU data will take some time to adjust.");
  }
  c.reply.integer(c.db().idle_seconds(*entry));
}

void object_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "ENCODING <key>",
      "    How the value of the key is kept in memory.",
      "FREQ <key>",
      "    How often the key is used: a counter that grows with the logarithm of the accesses.",
      "IDLETIME <key>",
      "    How many seconds ago the key was last used.",
      "REFCOUNT <key>",
      "    How many references there are to the value of the key.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace gyre::cmd
