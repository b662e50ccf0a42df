// Which arguments of a command are keys: for lock sets, COMMAND GETKEYS, ACL and cluster routing.
// Pure functions over a row and the arguments.
#pragma once

#include <cstdint>
#include <string_view>

#include "gyre/exec/command_row.h"

namespace gyre::exec {

struct KeySearch {
  bool include_not_keys = false;  // also arguments that are only routed like keys
  bool partial = false;           // skip specs that cannot be used instead of giving up
};

/// Appends the keys of a command to `out`, in the order of the specs, and says whether that worked. False
/// when the arguments make no sense (a count that is none, or more keys than arguments): the command itself
/// will reply with the error; `out` is as before then. A command whose optional keys are absent gives true
/// and nothing. Precondition: row.accepts(args.size()).
bool append_keys(const CommandRow& row, CommandArgs args, KeyList& out, KeySearch search = {});

/// The same into a list that is cleared first.
inline bool keys_of(const CommandRow& row, CommandArgs args, KeyList& out, KeySearch search = {}) {
  out.clear();
  return append_keys(row, args, out, search);
}

/// The position of the only key of a command that always has exactly one, else 0: the fast way for lock sets.
inline uint32_t single_key(const CommandRow& row) { return row.single_key_index; }

/// Whether a command can have keys at all (COMMAND GETKEYS refuses those that cannot).
bool may_have_keys(const CommandRow& row);

/// find_keys of SET: reads the old value only when GET is given.
void find_set_keys(CommandArgs args, KeyList& out);
/// find_keys of BITFIELD: changes the value only with SET or INCRBY.
void find_bitfield_keys(CommandArgs args, KeyList& out);
/// find_keys of MIGRATE: the key, or with an empty one those behind the first KEYS that is no other option's argument.
void find_migrate_keys(CommandArgs args, KeyList& out);
/// find_keys of SORT: the key, and the last one behind STORE where Redis looks for it.
void find_sort_keys(CommandArgs args, KeyList& out);
/// find_keys of SORT_RO.
void find_sort_ro_keys(CommandArgs args, KeyList& out);
/// find_keys of GEORADIUS and GEORADIUSBYMEMBER: the last key to store at counts, the specs know the first.
void find_georadius_keys(CommandArgs args, KeyList& out);

}  // namespace gyre::exec
