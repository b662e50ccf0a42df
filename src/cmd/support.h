// What several families of commands share. Private to this module.
#pragma once

#include <algorithm>
#include <string_view>

#include "gyre/base/numbers.h"
#include "gyre/cmd/environment.h"
#include "gyre/ds/packed_element.h"
#include "gyre/exec/context.h"
#include "gyre/exec/dispatcher.h"

namespace gyre::cmd {

using exec::CommandContext;
using store::Db;
using store::Entry;
using store::Expiry;
using store::Key;

inline const Environment& environment(CommandContext& c) { return c.dispatcher.environment<Environment>(); }

/// A number's text, for as long as the object lives.
class NumberText {
 public:
  explicit NumberText(int64_t value) : size_(base::format_int64(value, digits_)) {}
  operator std::string_view() const {
    return {digits_, size_};
  }  // NOLINT(google-explicit-constructor): it is one

 private:
  char digits_[base::kInt64TextMax];
  size_t size_;
};

/// From here up a value is sent by reference: below, copying it costs less than holding on to it.
inline constexpr size_t kReferenceBytes = 16 * 1024;

/// Replies an element of a packed value as a bulk.
inline void reply_element(CommandContext& c, const ds::PackedElement& element) {
  element.is_integer() ? c.reply.bulk_int64(element.integer()) : c.reply.bulk(element.bytes());
}

/// Replies a string value as a bulk.
inline void reply_string(CommandContext& c, const Entry& entry) {
  char scratch[base::kInt64TextMax];
  const std::string_view text = entry.text(scratch);
  if (text.size() >= kReferenceBytes) [[unlikely]]
    return c.reply.bulk_ref(entry.blob(), 0, text.size());
  c.reply.bulk(text);
}

inline void reply_string_or_null(CommandContext& c, const Entry* entry) {
  entry ? reply_string(c, *entry) : c.reply.null();
}

/// False and WRONGTYPE replied when the entry is there and no string.
inline bool check_string(CommandContext& c, const Entry* entry) {
  if (!entry || entry->type() == store::Type::kString) [[likely]]
    return true;
  c.wrong_type();
  return false;
}

/// As Db::read, but without noting the access: counts a hit or a miss only (EXISTS, TTL, TYPE, OBJECT).
inline Entry* read_untouched(Db& db, const Key& key) {
  Entry* entry = db.peek(key);
  store::ShardCounters& counters = db.shard_of(key).counters();
  (entry ? counters.hits : counters.misses).add();
  return entry;
}

/// Argument `i` as an integer of 32 bits. False and the error replied when it is none; `message` replaces the
/// usual ones.
bool get_int32(CommandContext& c, size_t i, int32_t* value, const char* message = nullptr);
/// Argument `i` as the number of a database. False and the error replied when it is none.
bool database_argument(CommandContext& c, size_t i, unsigned* index);

/// Sets a string to argument `i`, adopting its buffer when it was received into one.
inline Entry* set_to_argument(CommandContext& c, const Key& key, Entry* found, size_t i, Expiry expiry = {}) {
  const std::string_view value = c.arg(i);
  if (value.size() > store::kInlineMax) [[unlikely]] {
    if (base::Blob blob = c.arg_blob(i)) return c.db().set(key, found, std::move(blob), expiry);
  }
  return c.db().set(key, found, value, expiry);
}

/// Calls body(key, argument index) for the keys at arguments first, first + step, ... Each group of keys is
/// hashed and its memory fetched before the first of the group is looked up, so that cache misses overlap.
template <class Body>
void for_each_key(CommandContext& c, size_t first, size_t step, Body&& body) {
  constexpr size_t kGroup = 16;
  Key keys[kGroup];
  Db& db = c.db();
  for (size_t at = first; at < c.argc();) {
    size_t count = 0;
    for (size_t i = at; i < c.argc() && count < kGroup; i += step, ++count) {
      keys[count] = c.key(i);
      db.keyspace().prefetch_bucket(db.index(), keys[count].hash);
    }
    if (count > 1) {
      for (size_t i = 0; i < count; ++i) db.keyspace().prefetch_entry(db.index(), keys[i].hash);
    }
    for (size_t i = 0; i < count; ++i, at += step) body(keys[i], at);
  }
}

}  // namespace gyre::cmd
