// Bodies of the set commands, for the table in set_commands.cc, and what they share. Private to this module.
#pragma once

#include <string_view>

#include "set_builder.h"
#include "set_view.h"
#include "support.h"

namespace gyre::cmd {

// set_read.cc
void scard(CommandContext& c);
void sismember(CommandContext& c);
void smembers(CommandContext& c);
void smismember(CommandContext& c);
void sscan(CommandContext& c);
// set_change.cc
void sadd(CommandContext& c);
void smove(CommandContext& c);
void srem(CommandContext& c);
// set_random.cc
void spop(CommandContext& c);
void srandmember(CommandContext& c);
// set_algebra.cc
void sdiff(CommandContext& c);
void sdiffstore(CommandContext& c);
void sinter(CommandContext& c);
void sintercard(CommandContext& c);
void sinterstore(CommandContext& c);
void sunion(CommandContext& c);
void sunionstore(CommandContext& c);

/// False and WRONGTYPE replied when the entry is there and no set.
inline bool check_set(CommandContext& c, const Entry* entry) {
  if (!entry || entry->type() == store::Type::kSet) [[likely]]
    return true;
  c.wrong_type();
  return false;
}

inline void reply_member(CommandContext& c, Member& member) { c.reply.bulk(member.text()); }
/// All members, as a set of RESP3 or as an array.
void reply_all_members(CommandContext& c, const SetView& set);

// set_store.cc: changes of one member. A key without members is deleted, and `set` is then no longer there.

/// Adds to a set that is there or not (null). False when it is there already. The limits of encodings are
/// checked as for one member.
bool add_member(CommandContext& c, const Key& key, Entry* set, Member& member);
/// False when it is not there.
bool remove_member(CommandContext& c, const Key& key, Entry* set, Member& member);
/// The value of argument 1 becomes what was made, and replies its size; without members the key is deleted.
/// One change.
void store_result(CommandContext& c, SetBuilder& result);

}  // namespace gyre::cmd
