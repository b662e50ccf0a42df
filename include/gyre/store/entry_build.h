// Making and freeing entries in a database's arena, with the accounts of values that live outside it. For store only.
#pragma once

#include "gyre/store/shard.h"

namespace gyre::store {

/// A string entry; `value` in line (8 binary bytes for kInt), expiry room as asked and unset.
Entry* build_string(Database& d, std::string_view key, std::string_view value, StringEncoding encoding, bool expiry,
                    uint32_t access);
/// A string entry that owns `blob`.
Entry* build_blob(Database& d, std::string_view key, base::Blob blob, StringEncoding encoding, bool expiry, uint32_t access);
/// A copy under another key, with or without room for an expiry (which is carried over when both have it). A value outside the
/// entry: share == true takes a further reference (copied on write), false takes the old entry's reference over; the
/// old entry must then be freed with arena.free, without its value.
Entry* clone_entry(Database& d, const Entry& from, std::string_view key, bool expiry, bool share);
/// Frees an entry that is out of its table, and its value (large ones on the helper thread).
void free_entry(Database& d, Entry* entry);
/// Moves the account of a value outside the arena from one database to another.
void move_blob_account(Database& from, Database& to, const Entry& entry);
void account_blob(Database& d, const base::Blob& blob, bool add);

}  // namespace gyre::store
