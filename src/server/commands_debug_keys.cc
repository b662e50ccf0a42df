// DEBUG's subcommands about keys: OBJECT, DIGEST, POPULATE, table statistics.
#include <algorithm>
#include <cstdio>

#include "debug_commands.h"
#include "gyre/base/numbers.h"
#include "gyre/server/dataset_digest.h"
#include "gyre/store/elements.h"
#include "support.h"

namespace gyre::server {

using exec::CommandContext;

namespace {

/// The entry even when its time has come, as for all of DEBUG; null when there is none.
const store::Entry* look(CommandContext& c, std::string_view name, store::Database** database = nullptr) {
  const store::Key key = store::make_key(name);
  store::Database* d = c.db().shard_of(key).find_database(c.db().index());
  if (database) *database = d;
  return d ? d->table.find(key.hash, key.name) : nullptr;
}

const store::Entry* look_or_reply(CommandContext& c, store::Database** database = nullptr) {
  const store::Entry* entry = look(c, c.arg(2), database);
  if (!entry) c.reply.error("ERR no such key");
  return entry;
}

size_t length_bytes(size_t length) {
  if (length < 64) return 1;
  if (length < 16384) return 2;
  return length <= UINT32_MAX ? 5 : 9;
}

/// Bytes of a string in an RDB file, uncompressed: integers of up to 32 bits have a form of their own.
size_t serialized_length(std::string_view text) {
  constexpr size_t kLongestInteger = 11;
  if (text.size() <= kLongestInteger) {
    if (const auto number = base::parse_int64(text)) {
      if (*number >= INT8_MIN && *number <= INT8_MAX) return 2;
      if (*number >= INT16_MIN && *number <= INT16_MAX) return 3;
      if (*number >= INT32_MIN && *number <= INT32_MAX) return 5;
    }
  }
  return length_bytes(text.size()) + text.size();
}

/// Nodes with their kinds; those that are kept compressed are written so.
size_t serialized_list_length(const store::ListObject& list) {
  size_t bytes = length_bytes(list.nodes());
  for (ds::BlockCursor at = list.first_node(); at.valid(); at.next()) {
    const store::ListObject::Node node = store::ListObject::node(at);
    const size_t compressed_head = node.expanded_size == 0 ? 0 : 1 + length_bytes(node.expanded_size);
    bytes += 1 + compressed_head + length_bytes(node.bytes.size()) + node.bytes.size();
  }
  return bytes;
}

/// Of any value, uncompressed: packed ones are strings of their bytes, a large set is its members, a large list
/// its nodes. Of other objects it is not known.
size_t serialized_length(const store::Entry& entry) {
  char scratch[base::kInt64TextMax];
  if (entry.type() == store::Type::kString) return serialized_length(entry.text(scratch));
  if (!entry.is_object()) return length_bytes(entry.raw_value().size()) + entry.raw_value().size();
  if (entry.form() == store::kListQuicklist)
    return serialized_list_length(static_cast<const store::ListObject&>(entry.object()));
  if (entry.form() != store::kSetTable) return 0;
  size_t bytes = length_bytes(entry.object().size());
  store::for_each_member(entry, [&bytes](std::string_view member) { bytes += serialized_length(member); });
  return bytes;
}

std::string table_text(const char* heading, uint64_t elements, uint64_t bytes) {
  char text[160];
  if (elements == 0) {
    std::snprintf(text, sizeof(text), "[%s HT]\nNo stats available for empty dictionaries\n", heading);
  } else {
    std::snprintf(text, sizeof(text),
                  "[%s HT]\nHash table 0 stats (main hash table):\n number of elements: %llu\n bytes: %llu\n",
                  heading, static_cast<unsigned long long>(elements), static_cast<unsigned long long>(bytes));
  }
  return text;
}

/// What DEBUG OBJECT says of a large list besides.
std::string list_fields(const store::Entry& entry) {
  if (entry.type() != store::Type::kList || !entry.is_object()) return {};
  const auto& list = static_cast<const store::ListObject&>(entry.object());
  char text[160];
  std::snprintf(text, sizeof(text),
                " ql_nodes:%llu ql_avg_node:%.2f ql_listpack_max:%d ql_compressed:%d ql_uncompressed_size:%llu",
                static_cast<unsigned long long>(list.nodes()),
                static_cast<double>(list.size()) / static_cast<double>(list.nodes()),
                list.limits().configured_size, list.limits().depth != 0 ? 1 : 0,
                static_cast<unsigned long long>(list.expanded_bytes()));
  return text;
}

}  // namespace

void debug_object(CommandContext& c) {
  const store::Entry* entry = look_or_reply(c);
  if (!entry) return;
  const size_t bytes = serialized_length(*entry);
  char text[256];
  std::snprintf(text, sizeof(text),
                "Value at:%p refcount:1 encoding:%s serializedlength:%zu lru:%u lru_seconds_idle:%lld",
                static_cast<const void*>(entry), store::encoding_name(*entry).data(), bytes, entry->access(),
                static_cast<long long>(c.db().idle_seconds(*entry)));
  c.reply.simple(text + list_fields(*entry));
}

void debug_sdslen(CommandContext& c) {
  const store::Entry* entry = look_or_reply(c);
  if (!entry) return;
  if (entry->type() != store::Type::kString || entry->string_encoding() == store::StringEncoding::kInt)
    return c.reply.error("ERR Not an sds encoded string.");
  const base::Blob blob = entry->blob();
  const size_t size = entry->raw_value().size();
  char text[256];
  std::snprintf(text, sizeof(text),
                "key_sds_len:%zu, key_sds_avail:0, key_zmalloc: %zu, val_sds_len:%zu, val_sds_avail:%zu, "
                "val_zmalloc: %zu",
                entry->key().size(), ds::Arena::class_size(entry->bytes()), size,
                blob ? blob.capacity() - size : 0, blob ? blob.footprint() : size);
  c.reply.simple(text);
}

void debug_listpack(CommandContext& c) {
  if (look_or_reply(c)) c.reply.error("ERR Not a listpack encoded object.");
}

void debug_quicklist(CommandContext& c) {
  if (look_or_reply(c)) c.reply.error("ERR Not a quicklist encoded object.");
}

void debug_htstats(CommandContext& c) {
  int64_t db = 0;
  if (!c.get_int64(2, &db)) return;
  store::Keyspace& keyspace = server_of(c).keyspace();
  if (db < 0 || db >= static_cast<int64_t>(keyspace.database_count()))
    return c.reply.error("ERR Out of range database");
  uint64_t table_bytes = 0, expiry_bytes = 0;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    const store::Database* d = keyspace.shard(i).find_database(static_cast<unsigned>(db));
    if (!d) continue;
    table_bytes += d->table.memory_bytes();
    expiry_bytes += d->expiries.memory_bytes();
  }
  c.reply.verbatim(
      "txt", table_text("Dictionary", keyspace.keys(static_cast<unsigned>(db)), table_bytes) +
                 table_text("Expires", keyspace.keys_with_expiry(static_cast<unsigned>(db)), expiry_bytes));
}

void debug_htstats_key(CommandContext& c) {
  const store::Entry* entry = look_or_reply(c);
  if (!entry) return;
  if (!entry->is_object() || (entry->form() != store::kSetTable && entry->form() != store::kHashTable))
    return c.reply.error("ERR The value stored at the specified key is not represented using an hash table");
  const store::Object& table = entry->object();
  char text[160];
  std::snprintf(text, sizeof(text),
                "Hash table 0 stats (main hash table):\n number of elements: %llu\n bytes: %llu\n",
                static_cast<unsigned long long>(table.size()),
                static_cast<unsigned long long>(table.footprint()));
  c.reply.verbatim("txt", text);
}

void debug_populate(CommandContext& c) {
  if (c.argc() > 5) return wrong_subcommand(c);
  int64_t count = 0, size = 0;
  if (!c.get_int64(2, &count) || (c.argc() == 5 && !c.get_int64(4, &size))) return;
  if (count < 0 || size < 0) return c.reply.error("ERR value is out of range, must be positive");
  const std::string prefix(c.argc() > 3 ? c.arg(3) : std::string_view("key"));
  for (int64_t i = 0; i < count; ++i) {
    const std::string name = prefix + ":" + std::to_string(i);
    const store::Key key = store::make_key(name);
    if (c.db().write(key)) continue;
    std::string value = "value:" + std::to_string(i);
    if (size != 0) value.resize(static_cast<size_t>(size), '\0');
    c.db().set(key, nullptr, value);
  }
  // As in Redis: neither counted nor propagated.
  c.set_changes(0);
  c.reply.ok();
}

void debug_digest(CommandContext& c) { c.reply.simple(dataset_digest(server_of(c).keyspace())); }

void debug_digest_value(CommandContext& c) {
  c.reply.array(c.argc() - 2);
  for (size_t i = 2; i < c.argc(); ++i) c.reply.simple(value_digest(look(c, c.arg(i))));
}

}  // namespace gyre::server
