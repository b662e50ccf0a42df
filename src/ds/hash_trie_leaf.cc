#include "gyre/ds/detail/hash_trie_leaf.h"

#include <new>

#include "gyre/base/blob.h"
#include "gyre/base/memory.h"

namespace gyre::ds::trie {
namespace {

using base::Blob;

/// What a leaf holds of an element that has its own block.
struct External {
  void* blob;
  uint64_t hash;
};
static_assert(sizeof(External) == kExternalBytes);

External external_at(const char* at) {
  External external;
  std::memcpy(&external, at, sizeof(external));
  return external;
}

void put(char*& to, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  to += bytes.size();
}

Element split_blob(std::string_view bytes, Form form) {
  if (form != Form::kMap) return {bytes, {}};
  uint32_t field_bytes;
  std::memcpy(&field_bytes, bytes.data(), sizeof(field_bytes));
  bytes.remove_prefix(sizeof(field_bytes));
  return {bytes.substr(0, field_bytes), bytes.substr(field_bytes)};
}

size_t blob_bytes(Form form, const Item& item) {
  return (form == Form::kMap ? sizeof(uint32_t) : 0) + item.field.size() + item.value.size();
}

void fill_blob(Blob& blob, Form form, const Item& item) {
  char* to = blob.data();
  if (form == Form::kMap) {
    const auto field_bytes = static_cast<uint32_t>(item.field.size());
    std::memcpy(to, &field_bytes, sizeof(field_bytes));
    to += sizeof(field_bytes);
  }
  put(to, item.field);
  put(to, item.value);
}

void write_element(char* at, Form form, const Item& item, size_t& footprint) {
  if (item.external(form)) {
    Blob blob = Blob::create(blob_bytes(form, item));
    fill_blob(blob, form, item);
    footprint += blob.footprint();
    const External external{blob.detach(), item.hash};
    std::memcpy(at, &external, sizeof(external));
    return;
  }
  if (form == Form::kMap) *at++ = static_cast<char>(item.field.size());
  put(at, item.field);
  put(at, item.value);
}

/// The new content in the same blob, if nobody else has it and it would be neither too small nor much too
/// large.
bool rewrite_blob(const char* at, Form form, const Item& item) {
  Blob blob = Blob::adopt(external_at(at).blob);
  const size_t bytes = blob_bytes(form, item);
  const bool fits = blob.unique() && bytes <= blob.capacity() && bytes >= blob.capacity() / 4 * 3;
  if (fits) {
    blob.set_size(bytes);
    fill_blob(blob, form, item);
  }
  (void)blob.detach();
  return fits;
}

void drop_blob(const char* at, size_t& footprint) {
  const Blob blob = Blob::adopt(external_at(at).blob);
  footprint -= blob.footprint();
}

template <class Visit>
void each_blob(const Leaf& leaf, Visit visit) {
  const char* at = leaf.end();
  for (size_t i = 0; i < leaf.count; ++i) {
    at -= leaf.stored(i);
    if (leaf.size(i) == kExternal) visit(external_at(at).blob);
  }
}

bool has_blobs(const Leaf& leaf) {
  for (size_t c = 0; c * kChunk < leaf.count; ++c) {
    if (std::memchr(leaf.chunks()[c].sizes, kExternal, kChunk) != nullptr) return true;
  }
  return false;
}

void copy_content(Leaf& to, const Leaf& from) {
  to.count = from.count;
  to.used = from.used;
  const size_t chunks = (from.count + kChunk - 1) / kChunk;
  std::memcpy(to.chunks(), from.chunks(), chunks * sizeof(Chunk));
  std::memcpy(to.end() - from.used, from.end() - from.used, from.used);
}

bool is_element(const Leaf& leaf, Form form, size_t i, const char* at, uint64_t hash,
                std::string_view field) {
  const size_t size = leaf.size(i);
  if (size == kExternal) [[unlikely]] {
    const External external = external_at(at);
    return external.hash == hash && split_blob(Blob::view_of(external.blob), form).field == field;
  }
  if (form == Form::kMap)
    return static_cast<uint8_t>(*at) == field.size() && std::memcmp(at + 1, field.data(), field.size()) == 0;
  return size == field.size() && std::memcmp(at, field.data(), size) == 0;
}

}  // namespace

Element element_at(const Leaf& leaf, Form form, size_t i, const char* at) {
  const size_t size = leaf.size(i);
  if (size == kExternal) [[unlikely]]
    return split_blob(Blob::view_of(external_at(at).blob), form);
  if (form != Form::kMap) return {{at, size}, {}};
  const size_t field_bytes = static_cast<uint8_t>(*at);
  return {{at + 1, field_bytes}, {at + 1 + field_bytes, size - 1 - field_bytes}};
}

uint64_t hash_at(const Leaf& leaf, const Scheme& scheme, size_t i, const char* at) {
  if (scheme.form == Form::kIndex) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(at);
    return uint64_t{bytes[0]} << 56 | uint64_t{bytes[1]} << 48 | uint64_t{bytes[2]} << 40 |
           uint64_t{leaf.fingerprint(i)} << 32;
  }
  if (leaf.size(i) == kExternal) return external_at(at).hash;
  return scheme.hash(element_at(leaf, scheme.form, i, at).field);
}

Spot find(const Leaf& leaf, const Scheme& scheme, uint64_t hash, std::string_view field) {
  const uint8_t fingerprint = scheme.fingerprint(hash);
  const char* end = leaf.end();
  const Chunk* chunk = leaf.chunks();
  for (size_t first = 0; first < leaf.count; first += kChunk, ++chunk) {
    for (unsigned found = chunk->matches(fingerprint); found != 0; found &= found - 1) {
      const auto within = static_cast<size_t>(std::countr_zero(found));
      const size_t i = first + within;
      if (i >= leaf.count) break;
      const char* at = end - chunk->bytes_before(within + 1);
      if (is_element(leaf, scheme.form, i, at, hash, field)) [[likely]]
        return {i, at};
    }
    end -= chunk->bytes_before(kChunk);
  }
  return {};
}

Spot spot_of(const Leaf& leaf, size_t i) { return {i, leaf.end() - leaf.reach(i)}; }

Leaf* make_leaf(size_t bytes, size_t& footprint) {
  const size_t capacity = block_bytes(bytes);
  footprint += capacity;
  return new (base::allocate(capacity)) Leaf{{1}, 0, 0, static_cast<uint32_t>(capacity)};
}

void free_block(Leaf* leaf, size_t& footprint) {
  footprint -= leaf->capacity;
  base::deallocate(leaf);
}

size_t free_leaf(Leaf* leaf) {
  size_t blobs = 0;
  if (has_blobs(*leaf)) {
    each_blob(*leaf, [&](void* rep) {
      ++blobs;
      Blob::adopt(rep).reset();
    });
  }
  base::deallocate(leaf);
  return blobs;
}

Leaf* copy_leaf(const Leaf& leaf, size_t bytes, size_t& footprint) {
  Leaf* copy = make_leaf(bytes, footprint);
  copy_content(*copy, leaf);
  share_blobs(leaf);
  return copy;
}

Leaf* resize_leaf(Leaf* leaf, size_t bytes, size_t& footprint) {
  Leaf* resized = make_leaf(bytes, footprint);
  copy_content(*resized, *leaf);
  free_block(leaf, footprint);
  return resized;
}

void append(Leaf& leaf, const Scheme& scheme, const Item& item, size_t& footprint) {
  const size_t i = leaf.count;
  if (i % kChunk == 0) std::memset(&leaf.chunks()[i / kChunk], 0, sizeof(Chunk));
  const size_t stored = item.stored(scheme.form);
  leaf.used += static_cast<uint32_t>(stored);
  leaf.count += 1;
  leaf.fingerprint(i) = scheme.fingerprint(item.hash);
  leaf.size(i) = item.external(scheme.form) ? kExternal : static_cast<uint8_t>(stored);
  write_element(leaf.end() - leaf.used, scheme.form, item, footprint);
}

void append_raw(Leaf& leaf, uint8_t fingerprint, uint8_t size, const char* bytes) {
  const size_t i = leaf.count;
  if (i % kChunk == 0) std::memset(&leaf.chunks()[i / kChunk], 0, sizeof(Chunk));
  const size_t stored = Chunk::stored(size);
  leaf.used += static_cast<uint32_t>(stored);
  leaf.count += 1;
  leaf.fingerprint(i) = fingerprint;
  leaf.size(i) = size;
  std::memcpy(leaf.end() - leaf.used, bytes, stored);
}

void remove(Leaf& leaf, const Spot& spot, size_t& footprint) {
  char* at = leaf.end() - (leaf.end() - spot.at);
  char* low = leaf.end() - leaf.used;
  const size_t last = leaf.count - 1;
  const size_t gap = leaf.stored(spot.index);
  if (leaf.size(spot.index) == kExternal) drop_blob(at, footprint);
  if (spot.index != last) {
    // The last element's bytes lie lowest. Those between it and the gap make up for the difference in size.
    const size_t moving = leaf.stored(last);
    char kept[kMaxInline];
    std::memcpy(kept, low, moving);
    if (gap != moving) std::memmove(low + gap, low + moving, static_cast<size_t>(at - low) - moving);
    std::memcpy(at + gap - moving, kept, moving);
    leaf.fingerprint(spot.index) = leaf.fingerprint(last);
    leaf.size(spot.index) = leaf.size(last);
  }
  leaf.fingerprint(last) = 0;
  leaf.size(last) = 0;
  leaf.count -= 1;
  leaf.used -= static_cast<uint32_t>(gap);
}

void replace(Leaf& leaf, Form form, const Spot& spot, const Item& item, size_t& footprint) {
  char* at = leaf.end() - (leaf.end() - spot.at);
  const bool external = item.external(form);
  const size_t before = leaf.stored(spot.index);
  const size_t after = item.stored(form);
  if (leaf.size(spot.index) == kExternal) {
    if (external && rewrite_blob(at, form, item)) return;
    drop_blob(at, footprint);
  }
  if (before != after) {
    char* low = leaf.end() - leaf.used;
    std::memmove(low + before - after, low, static_cast<size_t>(at - low));
    at = at + before - after;
    leaf.used = static_cast<uint32_t>(leaf.used + after - before);
  }
  leaf.size(spot.index) = external ? kExternal : static_cast<uint8_t>(after);
  write_element(at, form, item, footprint);
}

void share_blobs(const Leaf& leaf) {
  if (!has_blobs(leaf)) return;
  each_blob(leaf, [](void* rep) { (void)Blob::share(rep).detach(); });
}

}  // namespace gyre::ds::trie
