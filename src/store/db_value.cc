// Values other than strings: setting them, and changes of packed ones and of objects.
#include <algorithm>

#include "gyre/base/memory.h"
#include "gyre/store/db.h"
#include "gyre/store/entry_build.h"

namespace gyre::store {

namespace {

/// A blob with more room than this many times its bytes is made smaller.
constexpr size_t kMaxSlack = 2;

/// A blob with room for `size` bytes and the first bytes of `bytes`. Not more room than was asked for beyond what the
/// allocator has anyway: its classes are steps of an eighth and more, and there are many packed values.
base::Blob resized(std::string_view bytes, size_t size) {
  base::Blob blob = base::Blob::create(size);
  std::memcpy(blob.data(), bytes.data(), std::min(bytes.size(), size));
  return blob;
}

/// The blob of an entry, taken out of it, with `size` bytes.
base::Blob resized(base::Blob blob, size_t size) {
  if (!blob.unique() || blob.capacity() > kMaxSlack * size) return resized(blob.view(), size);
  if (blob.capacity() < size) blob.grow(size);
  blob.set_size(size);
  return blob;
}

}  // namespace

template <class Build>
Entry* Db::put_built(const Key& key, Entry* found, Expiry expiry, Build&& build) {
  Shard& shard = shard_of(key);
  Database& d = shard.make_database(index_);
  const int64_t before = found ? found->expiry() : -1;
  const int64_t after = expiry.ms == Expiry::kKeep ? before : expiry.ms;
  touched(key);
  if (found) about_to_change(shard, *found);
  note_expiry(d, key.hash, before, after);
  Entry* fresh = build(d, after >= 0, found ? found->access() : fresh_access());
  if (after >= 0) fresh->set_expiry(after);
  if (found) {
    d.table.replace(d.table.slot_of(key.hash, found), fresh);
    free_entry(d, found);
  } else {
    d.table.insert(key.hash, fresh);
    d.keys.add();
  }
  return fresh;
}

Entry* Db::put_packed(const Key& key, Entry* found, ValueForm form, std::string_view bytes, Expiry expiry) {
  return put_built(key, found, expiry, [&](Database& d, bool has_expiry, uint32_t access) {
    if (bytes.size() <= kInlineMax) return build_packed(d, key.name, form, bytes, has_expiry, access);
    return build_blob(d, key.name, base::Blob::copy_of(bytes), form, has_expiry, access);
  });
}

Entry* Db::put_object(const Key& key, Entry* found, std::unique_ptr<Object> object, Expiry expiry) {
  return put_built(key, found, expiry, [&](Database& d, bool has_expiry, uint32_t access) {
    return build_object(d, key.name, std::move(object), has_expiry, access);
  });
}

char* Db::edit_packed(const Key& key, Entry* found, size_t size, Entry** entry) {
  Shard& shard = shard_of(key);
  about_to_change(shard, *found);
  touched(key);
  *entry = resize_packed(*shard.find_database(index_), key, found, size);
  return (*entry)->mutable_value();
}

/// After the observer was told. The bytes that fit are kept, and nobody else has them afterwards.
Entry* Db::resize_packed(Database& d, const Key& key, Entry* entry, size_t size) {
  const bool in_line = entry->value_in_line();
  if (in_line && size <= kInlineMax) {
    const size_t bytes = entry->bytes(), new_bytes = bytes - entry->payload() + size;
    if (ds::Arena::class_size(new_bytes) == ds::Arena::class_size(bytes)) {
      entry->set_payload(size);
      return entry;
    }
  }
  if (!in_line && size > kInlineMax) {
    account_outside(d, outside_bytes(*entry), false);
    base::Blob blob = resized(base::Blob::adopt(reinterpret_cast<void*>(entry->payload())), size);
    account_outside(d, blob.footprint(), true);
    entry->set_payload(reinterpret_cast<uint64_t>(blob.detach()));
    return entry;
  }
  const bool expiry = entry->has_expiry();
  const std::string_view old = entry->raw_value();
  Entry* fresh;
  if (size <= kInlineMax) {
    fresh = build_packed(d, key.name, entry->form(), {nullptr, size}, expiry, entry->access());
    std::memcpy(fresh->mutable_value(), old.data(), std::min(old.size(), size));
  } else {
    fresh = build_blob(d, key.name, resized(old, size), entry->form(), expiry, entry->access());
  }
  if (expiry) fresh->set_expiry(entry->expiry());
  d.table.replace(d.table.slot_of(key.hash, entry), fresh);
  free_entry(d, entry);
  return fresh;
}

ObjectEdit Db::edit_object(const Key& key, Entry* found) {
  Shard& shard = shard_of(key);
  about_to_change(shard, *found);
  return ObjectEdit(*this, key, *shard.find_database(index_), found->object());
}

ObjectEdit::ObjectEdit(Db& db, const Key& key, Database& database, Object& object)
    : db_(db),
      key_(key),
      database_(database),
      object_(object),
      footprint_(object.footprint()),
      image_cost_(object.image_cost()),
      allocated_(base::thread_bytes()) {}

ObjectEdit::~ObjectEdit() {
  const size_t footprint = object_.footprint();
  database_.blob_bytes.add(footprint - footprint_);  // modulo 2^64, so also less
  if (image_cost_) [[unlikely]] {
    // What this thread has taken beyond what the object has grown by: nodes that the image goes on using were copied.
    const int64_t taken = base::thread_bytes() - allocated_ - static_cast<int64_t>(footprint - footprint_);
    if (taken > 0) image_cost_->add(static_cast<uint64_t>(taken));
  }
  if (changes_ == 0) return;
  db_.touched(key_);
  db_.changes_ += changes_ - 1;
}

}  // namespace gyre::store
