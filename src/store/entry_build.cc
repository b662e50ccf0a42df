#include "gyre/store/entry_build.h"

#include "gyre/store/keyspace.h"

namespace gyre::store {

namespace {

Entry* allocate_entry(Database& d, size_t bytes) { return static_cast<Entry*>(d.arena.allocate(bytes)); }

}  // namespace

void account_blob(Database& d, const base::Blob& blob, bool add) {
  if (add) {
    d.blob_bytes.add(blob.footprint());
    ++d.blobs;
  } else {
    d.blob_bytes.subtract(blob.footprint());
    --d.blobs;
  }
}

Entry* build_string(Database& d, std::string_view key, std::string_view value, StringEncoding encoding, bool expiry,
                    uint32_t access) {
  if (key.size() <= kShortMax && value.size() <= kShortMax) [[likely]] {
    Entry* entry = allocate_entry(d, Entry::short_bytes(key.size(), value.size(), expiry));
    entry->init_short(key, value, encoding, expiry, access);
    return entry;
  }
  Entry* entry = allocate_entry(d, Entry::long_bytes(key.size(), value.size(), expiry));
  entry->init_long(key, Type::kString, static_cast<uint8_t>(encoding), /*in_line=*/true, expiry, access, value.size());
  if (!value.empty()) std::memcpy(entry->mutable_value(), value.data(), value.size());
  return entry;
}

Entry* build_blob(Database& d, std::string_view key, base::Blob blob, StringEncoding encoding, bool expiry, uint32_t access) {
  account_blob(d, blob, true);
  Entry* entry = allocate_entry(d, Entry::long_bytes(key.size(), 0, expiry));
  entry->init_long(key, Type::kString, static_cast<uint8_t>(encoding), /*in_line=*/false, expiry, access,
                   reinterpret_cast<uint64_t>(blob.detach()));
  return entry;
}

Entry* clone_entry(Database& d, const Entry& from, std::string_view key, bool expiry, bool share) {
  Entry* entry;
  if (from.value_in_line()) {
    entry = build_string(d, key, from.raw_value(), from.string_encoding(), expiry, from.access());
  } else if (share) {
    entry = build_blob(d, key, from.blob(), from.string_encoding(), expiry, from.access());
  } else {
    entry = allocate_entry(d, Entry::long_bytes(key.size(), 0, expiry));
    entry->init_long(key, from.type(), from.encoding(), /*in_line=*/false, expiry, from.access(), from.payload());
  }
  if (expiry && from.has_expiry()) entry->set_expiry(from.expiry());
  return entry;
}

void free_entry(Database& d, Entry* entry) {
  if (!entry->value_in_line()) {
    base::Blob blob = base::Blob::adopt(reinterpret_cast<void*>(entry->payload()));
    account_blob(d, blob, false);
    free_later(std::move(blob));
  }
  d.arena.free(entry, entry->bytes());
}

void move_blob_account(Database& from, Database& to, const Entry& entry) {
  base::Blob blob = entry.blob();
  account_blob(from, blob, false);
  account_blob(to, blob, true);
}

}  // namespace gyre::store
