#include "gyre/store/entry_build.h"

#include "gyre/store/keyspace.h"

namespace gyre::store {

namespace {

using Place = Entry::Place;

Entry* allocate_entry(Database& d, size_t bytes) { return static_cast<Entry*>(d.arena.allocate(bytes)); }

Entry* build_outside(Database& d, std::string_view key, ValueForm form, Place place, bool expiry, uint32_t access,
                     uint64_t payload) {
  Entry* entry = allocate_entry(d, Entry::long_bytes(key.size(), 0, expiry));
  entry->init_long(key, form, place, expiry, access, payload);
  return entry;
}

}  // namespace

void account_outside(Database& d, size_t bytes, bool add) {
  if (add) {
    d.blob_bytes.add(bytes);
    ++d.blobs;
  } else {
    d.blob_bytes.subtract(bytes);
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
  return build_packed(d, key, string_form(encoding), value, expiry, access);
}

Entry* build_packed(Database& d, std::string_view key, ValueForm form, std::string_view value, bool expiry,
                    uint32_t access) {
  Entry* entry = allocate_entry(d, Entry::long_bytes(key.size(), value.size(), expiry));
  entry->init_long(key, form, Place::kInLine, expiry, access, value.size());
  if (value.data()) std::memcpy(entry->mutable_value(), value.data(), value.size());
  return entry;
}

Entry* build_blob(Database& d, std::string_view key, base::Blob blob, ValueForm form, bool expiry, uint32_t access) {
  account_outside(d, blob.footprint(), true);
  return build_outside(d, key, form, Place::kBlob, expiry, access, reinterpret_cast<uint64_t>(blob.detach()));
}

Entry* build_object(Database& d, std::string_view key, std::unique_ptr<Object> object, bool expiry, uint32_t access) {
  account_outside(d, object->footprint(), true);
  const ValueForm form = object->form();
  return build_outside(d, key, form, Place::kObject, expiry, access, reinterpret_cast<uint64_t>(object.release()));
}

Entry* clone_entry(Database& d, const Entry& from, std::string_view key, bool expiry, bool share) {
  const uint32_t access = from.access();
  Entry* entry;
  if (from.value_in_line()) {
    entry = from.type() == Type::kString
                ? build_string(d, key, from.raw_value(), from.string_encoding(), expiry, access)
                : build_packed(d, key, from.form(), from.raw_value(), expiry, access);
  } else if (!share) {
    entry = build_outside(d, key, from.form(), from.place(), expiry, access, from.payload());
  } else if (from.is_object()) {
    entry = build_object(d, key, from.object().freeze(), expiry, access);
  } else {
    entry = build_blob(d, key, from.blob(), from.form(), expiry, access);
  }
  if (expiry && from.has_expiry()) entry->set_expiry(from.expiry());
  return entry;
}

void free_entry(Database& d, Entry* entry) {
  if (!entry->value_in_line()) {
    account_outside(d, outside_bytes(*entry), false);
    if (entry->is_object()) {
      free_later(std::unique_ptr<Object>(&entry->object()));
    } else {
      free_later(base::Blob::adopt(reinterpret_cast<void*>(entry->payload())));
    }
  }
  d.arena.free(entry, entry->bytes());
}

size_t outside_bytes(const Entry& entry) {
  if (entry.value_in_line()) return 0;
  return entry.is_object() ? entry.object().footprint() : entry.blob().footprint();
}

void move_outside_account(Database& from, Database& to, const Entry& entry) {
  const size_t bytes = outside_bytes(entry);
  account_outside(from, bytes, false);
  account_outside(to, bytes, true);
}

}  // namespace gyre::store
