// Changes of one member, in place where the encoding stays, and results that become values.
#include "gyre/ds/intset.h"
#include "gyre/ds/listpack_edit.h"
#include "set_commands.h"

namespace gyre::cmd {

namespace {

/// Adds in place, where the set stays what it is; false when it does not. The member is not there.
bool add_in_place(CommandContext& c, const Key& key, Entry* entry, Member& member, const SetLimits& limits) {
  const SetView set(*entry);
  if (set.is_table()) {
    store::ObjectEdit edit = c.db().edit_object(key, entry);
    ds::HashTrie& table = edit.as<store::SetObject>().trie();
    table.insert(member.text(), {}, member.hash(table));
    edit.changed();
    return true;
  }
  if (set.is_intset()) {
    if (!member.integer() || set.size() >= max_intset_entries(limits)) return false;
    c.db().change_packed(key, entry, ds::IntsetEdit::add(set.intset(), *member.integer()));
    return true;
  }
  const ds::ListpackView members = set.listpack();
  if (members.count() >= limits.listpack_entries || member.text().size() > limits.listpack_value ||
      !ds::listpack_safe_to_add(members.size(), member.text().size()))
    return false;
  const ds::PackedElement element = member.element();
  c.db().change_packed(key, entry, ds::ListpackEdit::append(members, {&element, 1}));
  return true;
}

}  // namespace

bool add_member(CommandContext& c, const Key& key, Entry* set, Member& member) {
  const SetLimits limits = environment(c).set_limits();
  if (!set) {
    SetBuilder fresh = SetBuilder::for_members(limits, member, 1);
    fresh.add(member);
    fresh.put(c.db(), key, nullptr);
    return true;
  }
  if (SetView(*set).contains(member)) return false;
  if (add_in_place(c, key, set, member, limits)) return true;
  SetBuilder converted(limits, SetView(*set));
  converted.add(member);
  converted.put(c.db(), key, set, {Expiry::kKeep});
  return true;
}

bool remove_member(CommandContext& c, const Key& key, Entry* entry, Member& member) {
  const SetView set(*entry);
  if (!set.contains(member)) return false;
  if (set.size() == 1) {
    c.db().erase(key, entry);
  } else if (set.is_table()) {
    store::ObjectEdit edit = c.db().edit_object(key, entry);
    ds::HashTrie& table = edit.as<store::SetObject>().trie();
    table.erase(member.text(), member.hash(table));
    edit.changed();
  } else if (set.is_intset()) {
    c.db().change_packed(key, entry, ds::IntsetEdit::remove(set.intset(), *member.integer()));
  } else {
    const ds::ListpackView members = set.listpack();
    c.db().change_packed(key, entry,
                         ds::ListpackEdit::erase(members, members.find(members.first(), member.text())));
  }
  return true;
}

void store_result(CommandContext& c, SetBuilder& result) {
  const Key key = c.key(1);
  Entry* there = c.db().write(key);
  const uint64_t size = result.size();
  if (size != 0) {
    result.put(c.db(), key, there);
  } else if (there) {
    c.db().erase(key, there);
  }
  c.reply.integer(static_cast<int64_t>(size));
}

}  // namespace gyre::cmd
