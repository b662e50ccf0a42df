// Commands that ask one set for given members, or for all.
#include <vector>

#include "collection_scan.h"
#include "set_commands.h"

namespace gyre::cmd {

void reply_all_members(CommandContext& c, const SetView& set) {
  c.reply.set(set.size());
  set.for_each([&c](Member& member) { reply_member(c, member); });
}

void scard(CommandContext& c) {
  const Entry* set = c.db().read(c.key(1));
  if (!check_set(c, set)) return;
  c.reply.integer(set ? static_cast<int64_t>(SetView(*set).size()) : 0);
}

void sismember(CommandContext& c) {
  const Entry* set = c.db().read(c.key(1));
  if (!check_set(c, set)) return;
  Member member(c.arg(2));
  c.reply.integer(set && SetView(*set).contains(member));
}

void smismember(CommandContext& c) {
  const Entry* set = c.db().read(c.key(1));
  if (!check_set(c, set)) return;
  c.reply.array(c.argc() - 2);
  for (size_t i = 2; i < c.argc(); ++i) {
    Member member(c.arg(i));
    c.reply.integer(set && SetView(*set).contains(member));
  }
}

void smembers(CommandContext& c) {
  const Entry* set = c.db().read(c.key(1));
  if (!check_set(c, set)) return;
  if (!set) return c.reply.set(0);
  reply_all_members(c, SetView(*set));
}

namespace {

void scan_table(CommandContext& c, const ds::HashTrie& table, uint64_t cursor,
                const CollectionScan& options) {
  std::vector<std::string_view> found;
  cursor = table.scan(cursor, static_cast<size_t>(options.count), [&](const ds::HashTrie::Element& element) {
    if (options.wants(element.field)) found.push_back(element.field);
  });
  reply_scan_cursor(c, cursor);
  c.reply.array(found.size());
  for (const std::string_view member : found) c.reply.bulk(member);
}

}  // namespace

void sscan(CommandContext& c) {
  uint64_t cursor;
  if (!scan_cursor(c, 2, &cursor)) return;
  const Entry* entry = c.db().read(c.key(1));
  if (!check_set(c, entry)) return;
  if (!entry) {
    reply_scan_cursor(c, 0);
    return c.reply.array(0);
  }
  CollectionScan options;
  if (!scan_options(c, &options)) return;
  const SetView set(*entry);
  if (set.is_table()) return scan_table(c, set.table(), cursor, options);
  // What is packed is small: all of it, whatever the cursor.
  reply_scan_cursor(c, 0);
  resp::DeferredAggregate found(c.reply);
  uint64_t count = 0;
  set.for_each([&](Member& member) {
    if (!options.wants(member.text())) return;
    reply_member(c, member);
    ++count;
  });
  found.finish(count);
}

}  // namespace gyre::cmd
