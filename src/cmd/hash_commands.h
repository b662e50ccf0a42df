// Bodies of the hash commands, for the table in hash_commands.cc, and what they share. Private to this
// module.
#pragma once

#include "hash_value.h"
#include "support.h"

namespace gyre::cmd {

// hash_read.cc
void hexists(CommandContext& c);
void hget(CommandContext& c);
void hgetall(CommandContext& c);
void hkeys(CommandContext& c);
void hlen(CommandContext& c);
void hmget(CommandContext& c);
void hscan(CommandContext& c);
void hstrlen(CommandContext& c);
void hvals(CommandContext& c);
// hash_random.cc
void hrandfield(CommandContext& c);
// hash_change.cc
void hdel(CommandContext& c);
void hmset(CommandContext& c);
void hset(CommandContext& c);
void hsetnx(CommandContext& c);
// hash_count.cc
void hincrby(CommandContext& c);
void hincrbyfloat(CommandContext& c);

/// False and WRONGTYPE replied when the entry is there and no hash.
inline bool check_hash(CommandContext& c, const Entry* entry) {
  if (!entry || entry->type() == store::Type::kHash) [[likely]]
    return true;
  c.wrong_type();
  return false;
}

}  // namespace gyre::cmd
