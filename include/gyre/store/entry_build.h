// Making and freeing entries in a database's arena, with the accounts of values that live outside it. For store only.
#pragma once

#include <memory>

#include "gyre/store/object.h"
#include "gyre/store/shard.h"

namespace gyre::store {

/// A string entry; `value` in line (8 binary bytes for kInt), expiry room as asked and unset.
Entry* build_string(Database& d, std::string_view key, std::string_view value, StringEncoding encoding, bool expiry,
                    uint32_t access);
/// An entry of a packed form; `value` of at most kInlineMax bytes, in line. With null for its data it is left for the
/// caller to write.
Entry* build_packed(Database& d, std::string_view key, ValueForm form, std::string_view value, bool expiry, uint32_t access);
/// An entry that owns `blob`: a string or a packed value.
Entry* build_blob(Database& d, std::string_view key, base::Blob blob, ValueForm form, bool expiry, uint32_t access);
Entry* build_object(Database& d, std::string_view key, std::unique_ptr<Object> object, bool expiry, uint32_t access);
constexpr ValueForm string_form(StringEncoding encoding) { return {Type::kString, static_cast<uint8_t>(encoding)}; }

/// A copy under another key, with or without room for an expiry (which is carried over when both have it). A value outside the
/// entry: share == true takes a further reference (copied on write), false takes the old entry's reference over; the
/// old entry must then be freed with arena.free, without its value.
Entry* clone_entry(Database& d, const Entry& from, std::string_view key, bool expiry, bool share);
/// Frees an entry that is out of its table, and its value (large ones on the helper thread).
void free_entry(Database& d, Entry* entry);

/// Moves the account of a value outside the arena from one database to another.
void move_outside_account(Database& from, Database& to, const Entry& entry);
void account_outside(Database& d, size_t bytes, bool add);

}  // namespace gyre::store
