// Commands that ask a hash for given fields, or for all.
#include <vector>

#include "collection_scan.h"
#include "hash_commands.h"

namespace gyre::cmd {

namespace {

using ds::PackedElement;

void reply_value(CommandContext& c, const Entry* hash, std::string_view field) {
  const std::optional<PackedElement> value = hash ? HashView(*hash).find(field) : std::nullopt;
  value ? reply_element(c, *value) : c.reply.null();
}

/// Fields, values or both, as an array.
template <class Show>
void reply_all(CommandContext& c, Show&& show) {
  const Entry* hash = c.db().read(c.key(1));
  if (!check_hash(c, hash)) return;
  c.reply.array(hash ? HashView(*hash).size() : 0);
  if (hash) HashView(*hash).for_each(show);
}

}  // namespace

void hget(CommandContext& c) {
  const Entry* hash = c.db().read(c.key(1));
  if (check_hash(c, hash)) reply_value(c, hash, c.arg(2));
}

void hmget(CommandContext& c) {
  const Entry* hash = c.db().read(c.key(1));
  if (!check_hash(c, hash)) return;
  c.reply.array(c.argc() - 2);
  for (size_t i = 2; i < c.argc(); ++i) reply_value(c, hash, c.arg(i));
}

void hexists(CommandContext& c) {
  const Entry* hash = c.db().read(c.key(1));
  if (!check_hash(c, hash)) return;
  c.reply.integer(hash && HashView(*hash).contains(c.arg(2)));
}

void hlen(CommandContext& c) {
  const Entry* hash = c.db().read(c.key(1));
  if (!check_hash(c, hash)) return;
  c.reply.integer(hash ? static_cast<int64_t>(HashView(*hash).size()) : 0);
}

void hstrlen(CommandContext& c) {
  const Entry* hash = c.db().read(c.key(1));
  if (!check_hash(c, hash)) return;
  const std::optional<PackedElement> value = hash ? HashView(*hash).find(c.arg(2)) : std::nullopt;
  PackedElement::Scratch digits;
  c.reply.integer(value ? static_cast<int64_t>(value->text(digits).size()) : 0);
}

void hgetall(CommandContext& c) {
  const Entry* hash = c.db().read(c.key(1));
  if (!check_hash(c, hash)) return;
  if (!hash) return c.reply.map(0);
  const HashView view(*hash);
  c.reply.map(view.size());
  view.for_each([&c](const PackedElement& field, const PackedElement& value) {
    reply_element(c, field);
    reply_element(c, value);
  });
}

void hkeys(CommandContext& c) {
  reply_all(c, [&c](const PackedElement& field, const PackedElement&) { reply_element(c, field); });
}

void hvals(CommandContext& c) {
  reply_all(c, [&c](const PackedElement&, const PackedElement& value) { reply_element(c, value); });
}

namespace {

void scan_table(CommandContext& c, const ds::HashTrie& table, uint64_t cursor,
                const CollectionScan& options) {
  std::vector<ds::HashTrie::Element> found;
  cursor = table.scan(cursor, static_cast<size_t>(options.count), [&](const ds::HashTrie::Element& pair) {
    if (options.wants(pair.field)) found.push_back(pair);
  });
  reply_scan_cursor(c, cursor);
  c.reply.array(2 * found.size());
  for (const ds::HashTrie::Element& pair : found) {
    c.reply.bulk(pair.field);
    c.reply.bulk(pair.value);
  }
}

}  // namespace

void hscan(CommandContext& c) {
  uint64_t cursor;
  if (!scan_cursor(c, 2, &cursor)) return;
  const Entry* entry = c.db().read(c.key(1));
  if (!check_hash(c, entry)) return;
  if (!entry) {
    reply_scan_cursor(c, 0);
    return c.reply.array(0);
  }
  CollectionScan options;
  if (!scan_options(c, &options)) return;
  const HashView hash(*entry);
  if (!hash.packed()) return scan_table(c, hash.table(), cursor, options);
  // What is packed is small: all of it, whatever the cursor.
  reply_scan_cursor(c, 0);
  resp::DeferredAggregate found(c.reply);
  uint64_t count = 0;
  PackedElement::Scratch digits;
  hash.for_each([&](const PackedElement& field, const PackedElement& value) {
    if (!options.wants(field.text(digits))) return;
    reply_element(c, field);
    reply_element(c, value);
    count += 2;
  });
  found.finish(count);
}

}  // namespace gyre::cmd
