// Changes of string values.
#include <algorithm>

#include "gyre/base/numbers.h"
#include "gyre/store/change_observer.h"
#include "gyre/store/db.h"
#include "gyre/store/entry_build.h"

namespace gyre::store {

namespace {

/// As Redis's strings grow: doubled up to this, then in steps of it.
constexpr size_t kMaxAhead = 1024 * 1024;

size_t grown_capacity(size_t size) { return size < kMaxAhead ? size * 2 : size + kMaxAhead; }

StringEncoding encoding_of(size_t size) { return size <= kEmbstrMax ? StringEncoding::kEmbstr : StringEncoding::kRaw; }

/// Whether `value` fits where the entry's value is: same form, same class, same room for an expiry.
bool fits_in_place(const Entry& entry, size_t key, size_t value, bool expiry) {
  if (entry.has_expiry() != expiry || !entry.value_in_line() || entry.type() != Type::kString) return false;
  const bool short_form = key <= kShortMax && value <= kShortMax;
  if (short_form == entry.is_long()) return false;
  const size_t bytes = short_form ? Entry::short_bytes(key, value, expiry) : Entry::long_bytes(key, value, expiry);
  return ds::Arena::class_size(bytes) == ds::Arena::class_size(entry.bytes());
}

void overwrite(Entry& entry, std::string_view value, StringEncoding encoding) {
  if (entry.is_long()) {
    entry.set_payload(value.size());
  } else {
    entry.set_short_value_length(value.size());
  }
  entry.set_string_encoding(encoding);
  if (!value.empty()) std::memmove(entry.mutable_value(), value.data(), value.size());
}

}  // namespace

Entry* Db::set(const Key& key, Entry* found, std::string_view value, Expiry expiry) {
  if (value.size() <= base::kInt64TextMax) {
    if (std::optional<int64_t> number = base::parse_int64(value)) return set_int(key, found, *number, expiry);
  }
  return set_text(key, found, value, expiry);
}

Entry* Db::set_text(const Key& key, Entry* found, std::string_view value, Expiry expiry) {
  if (value.size() > kInlineMax) {
    base::Blob blob = base::Blob::copy_of(value);
    return put(key, found, {}, StringEncoding::kRaw, &blob, expiry);
  }
  return put(key, found, value, encoding_of(value.size()), nullptr, expiry);
}

Entry* Db::set(const Key& key, Entry* found, base::Blob value, Expiry expiry) {
  if (value.size() <= kInlineMax) return set(key, found, value.view(), expiry);
  return put(key, found, {}, StringEncoding::kRaw, &value, expiry);
}

Entry* Db::set_int(const Key& key, Entry* found, int64_t value, Expiry expiry) {
  char bytes[8];
  std::memcpy(bytes, &value, 8);
  return put(key, found, {bytes, 8}, StringEncoding::kInt, nullptr, expiry);
}

Entry* Db::put(const Key& key, Entry* found, std::string_view value, StringEncoding encoding, base::Blob* blob,
               Expiry expiry) {
  Shard& shard = shard_of(key);
  const int64_t before = found ? found->expiry() : -1;
  const int64_t after = expiry.ms == Expiry::kKeep ? before : expiry.ms;
  touched(key);
  if (!found) {
    Database& d = shard.make_database(index_);
    Entry* entry = blob ? build_blob(d, key.name, std::move(*blob), string_form(encoding), after >= 0, fresh_access())
                        : build_string(d, key.name, value, encoding, after >= 0, fresh_access());
    if (after >= 0) {
      entry->set_expiry(after);
      note_expiry(d, key.hash, -1, after);
    }
    d.table.insert(key.hash, entry);
    d.keys.add();
    return entry;
  }
  Database& d = *shard.find_database(index_);
  about_to_change(shard, *found);
  if (before >= 0 || after >= 0) note_expiry(d, key.hash, before, after);
  if (!blob && fits_in_place(*found, key.name.size(), value.size(), after >= 0)) [[likely]] {
    overwrite(*found, value, encoding);
    if (after >= 0) found->set_expiry(after);
    return found;
  }
  const uint32_t access = found->access();
  Entry* fresh = blob ? build_blob(d, key.name, std::move(*blob), string_form(encoding), after >= 0, access)
                      : build_string(d, key.name, value, encoding, after >= 0, access);
  if (after >= 0) fresh->set_expiry(after);
  d.table.replace(d.table.slot_of(key.hash, found), fresh);
  free_entry(d, found);
  return fresh;
}

char* Db::edit_string(const Key& key, Entry* found, size_t size, Entry** entry) {
  Shard& shard = shard_of(key);
  char digits[base::kInt64TextMax];
  const std::string_view old = found ? found->text(digits) : std::string_view();
  const size_t kept = std::min(old.size(), size);

  // A blob of one's own that stays a blob is changed where it is.
  if (found && !found->value_in_line() && size > kInlineMax) {
    Database& d = *shard.find_database(index_);
    about_to_change(shard, *found);
    touched(key);
    base::Blob blob = base::Blob::adopt(reinterpret_cast<void*>(found->payload()));
    account_outside(d, blob.footprint(), false);
    if (!blob.unique()) {  // somebody is sending it
      base::Blob own = base::Blob::create(size, size > old.size() ? grown_capacity(size) : size);
      std::memcpy(own.data(), old.data(), kept);
      blob = std::move(own);
    } else if (blob.capacity() < size) {
      blob.grow(grown_capacity(size));
      blob.set_size(size);
    } else {
      blob.set_size(size);
    }
    if (size > kept) std::memset(blob.data() + kept, 0, size - kept);
    account_outside(d, blob.footprint(), true);
    char* data = blob.data();
    found->set_payload(reinterpret_cast<uint64_t>(blob.detach()));
    found->set_string_encoding(StringEncoding::kRaw);
    *entry = found;
    return data;
  }
  if (size > kInlineMax) {
    base::Blob blob = base::Blob::create(size, found ? grown_capacity(size) : size);
    if (kept) std::memcpy(blob.data(), old.data(), kept);
    if (size > kept) std::memset(blob.data() + kept, 0, size - kept);
    char* data = blob.data();
    *entry = put(key, found, {}, StringEncoding::kRaw, &blob, {Expiry::kKeep});
    return data;
  }
  char scratch[kInlineMax];
  if (kept) std::memcpy(scratch, old.data(), kept);
  if (size > kept) std::memset(scratch + kept, 0, size - kept);
  *entry = put(key, found, {scratch, size}, StringEncoding::kRaw, nullptr, {Expiry::kKeep});
  return (*entry)->mutable_value();
}

}  // namespace gyre::store
