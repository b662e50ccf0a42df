// Commands that put given members into sets or take them out.
#include "set_commands.h"

namespace gyre::cmd {

namespace {

/// Several members: the table is changed where it is. Returns how many are new.
uint64_t add_to_table(CommandContext& c, const Key& key, Entry* entry) {
  const ds::HashTrie& before = SetView(*entry).table();
  size_t i = 2;
  while (i < c.argc() && before.contains(c.arg(i))) ++i;
  if (i == c.argc()) return 0;
  store::ObjectEdit edit = c.db().edit_object(key, entry);
  ds::HashTrie& table = edit.as<store::SetObject>().trie();
  uint64_t added = 0;
  for (; i < c.argc(); ++i) added += table.insert(c.arg(i));
  edit.changed(added);
  return added;
}

uint64_t add_members(CommandContext& c, const Key& key, Entry* entry) {
  if (entry && entry->is_object()) return add_to_table(c, key, entry);
  const SetLimits limits = environment(c).set_limits();
  Member first(c.arg(2));
  const uint64_t expected = c.argc() - 2;
  SetBuilder set =
      entry ? SetBuilder(limits, SetView(*entry)) : SetBuilder::for_members(limits, first, expected);
  set.expect(entry ? expected : 0);
  uint64_t added = set.add(first);
  for (size_t i = 3; i < c.argc(); ++i) {
    Member member(c.arg(i));
    added += set.add(member);
  }
  if (added != 0) set.put(c.db(), key, entry, {entry ? Expiry::kKeep : Expiry::kNone});
  return added;
}

uint64_t remove_from_table(CommandContext& c, const Key& key, Entry* entry) {
  const ds::HashTrie& before = SetView(*entry).table();
  size_t i = 2;
  while (i < c.argc() && !before.contains(c.arg(i))) ++i;
  if (i == c.argc()) return 0;
  uint64_t removed = 0;
  bool emptied;
  {
    store::ObjectEdit edit = c.db().edit_object(key, entry);
    ds::HashTrie& table = edit.as<store::SetObject>().trie();
    for (; i < c.argc(); ++i) removed += table.erase(c.arg(i));
    edit.changed(removed);
    emptied = table.empty();
  }
  if (emptied) c.db().erase(key, entry);
  return removed;
}

uint64_t remove_members(CommandContext& c, const Key& key, Entry* entry) {
  if (entry->is_object()) return remove_from_table(c, key, entry);
  SetBuilder set(environment(c).set_limits(), SetView(*entry));
  uint64_t removed = 0;
  for (size_t i = 2; i < c.argc(); ++i) {
    Member member(c.arg(i));
    removed += set.remove(member);
  }
  if (removed == 0) return 0;
  if (set.size() == 0) {
    c.db().erase(key, entry);
  } else {
    set.put(c.db(), key, entry, {Expiry::kKeep});
  }
  return removed;
}

}  // namespace

void sadd(CommandContext& c) {
  const Key key = c.key(1);
  Entry* set = c.db().write(key);
  if (!check_set(c, set)) return;
  if (c.argc() == 3) [[likely]] {
    Member member(c.arg(2));
    return c.reply.integer(add_member(c, key, set, member));
  }
  const uint64_t added = add_members(c, key, set);
  c.set_changes(added);
  c.reply.integer(static_cast<int64_t>(added));
}

void srem(CommandContext& c) {
  const Key key = c.key(1);
  Entry* set = c.db().write(key);
  if (!check_set(c, set)) return;
  if (!set) return c.reply.integer(0);
  if (c.argc() == 3) [[likely]] {
    Member member(c.arg(2));
    return c.reply.integer(remove_member(c, key, set, member));
  }
  const uint64_t removed = remove_members(c, key, set);
  c.set_changes(removed);
  c.reply.integer(static_cast<int64_t>(removed));
}

void smove(CommandContext& c) {
  const Key from = c.key(1), to = c.key(2);
  Entry* source = c.db().write(from);
  Entry* target = c.db().write(to);
  if (!source) return c.reply.integer(0);
  if (!check_set(c, source) || !check_set(c, target)) return;
  Member member(c.arg(3));
  if (from.name == to.name) return c.reply.integer(SetView(*source).contains(member));
  if (!remove_member(c, from, source, member)) return c.reply.integer(0);
  add_member(c, to, target, member);
  c.reply.integer(1);
}

}  // namespace gyre::cmd
