// Bodies of the list commands, for the table in list_commands.cc, and what they share. Private to this
// module.
#pragma once

#include "list_value.h"

namespace gyre::cmd {

// list_blocking.cc
void blmove(CommandContext& c);
void blmpop(CommandContext& c);
void blpop(CommandContext& c);
void brpop(CommandContext& c);
void brpoplpush(CommandContext& c);
// list_read.cc
void lindex(CommandContext& c);
void llen(CommandContext& c);
void lpos(CommandContext& c);
void lrange(CommandContext& c);
// list_push.cc
void linsert(CommandContext& c);
void lpush(CommandContext& c);
void lpushx(CommandContext& c);
void lset(CommandContext& c);
void rpush(CommandContext& c);
void rpushx(CommandContext& c);
// list_pop.cc
void lmpop(CommandContext& c);
void lpop(CommandContext& c);
void lrem(CommandContext& c);
void ltrim(CommandContext& c);
void rpop(CommandContext& c);
// list_move.cc
void lmove(CommandContext& c);
void rpoplpush(CommandContext& c);

/// Argument `i` as LEFT or RIGHT. False and the error replied when it is neither.
bool list_end(CommandContext& c, size_t i, ListEnd* end);

/// Replies an array of `count` elements from `index` on, towards an end.
void reply_elements(CommandContext& c, const Entry& list, uint64_t index, uint64_t count, ListEnd towards);

struct IndexRange {
  uint64_t begin, end;  // the end is no part of it; begin == end: empty
};
/// Indexes as LRANGE has them (from the end when negative, the last one included) in a list of `size`.
IndexRange index_range(int64_t first, int64_t last, uint64_t size);

/// Replies an array of up to `count` elements of one end and removes them. Returns how many they were.
uint64_t pop_elements(CommandContext& c, const Key& key, Entry* list, ListEnd end, uint64_t count);
/// Replies one element and removes it.
void pop_element(CommandContext& c, const Key& key, Entry* list, ListEnd end);
/// Moves one element from the list of argument 1 to that of argument 2 and replies it; null when the first is
/// not there. True when it was moved.
bool move_element(CommandContext& c, ListEnd from, ListEnd to);

/// LMPOP's words from `at` on: numkeys key [key ...] LEFT|RIGHT [COUNT count].
struct PopArguments {
  size_t first_key, keys;
  ListEnd end;
  uint64_t count;
};
/// False and the error replied when they are wrong.
bool pop_arguments(CommandContext& c, size_t at, PopArguments* arguments);
/// Pops from the first key that is there, and says so; replies the key and its elements. False when none is
/// there; true also when it is of another type, which is replied.
bool pop_from_first(CommandContext& c, const PopArguments& arguments);

}  // namespace gyre::cmd
