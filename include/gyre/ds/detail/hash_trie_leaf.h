// A leaf of HashTrie: the elements whose hashes share a prefix, packed.
//
// One block, of a size that the allocator has (block_bytes()):
//
//   | refs count used capacity | chunk 0 | chunk 1 | ... free ...  | element 1 | element 0 |
//     16 bytes                   16 bytes each                                 end of block ^
//
// A chunk describes eight elements: eight fingerprints (a byte of the hash), then eight sizes. Elements lie
// backwards from the end of the block without gaps, so that the place of one is the sum of the sizes before
// it: one SSE register answers both "which of these eight may it be" and "how far are the next eight". There
// are no offsets, and no more than two bytes an element, plus one for the length of a map's field.
//
// An element, by the form of the trie:
//   set    the member
//   map    length of the field (1 byte), field, value
//   index  bits 63..40 of the hash (3 bytes), 8 bytes of score; the fingerprint is bits 39..32
// What would be longer than kMaxInline bytes is kept in a Blob; its size is kExternal and in the leaf there
// are {pointer, hash}. The blob of a map's element begins with the length of the field in 4 bytes.
//
// Invariant: in the last chunk the bytes of absent elements are 0. A leaf has at least one element.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "gyre/ds/hash_trie.h"

namespace gyre::ds::trie {

constexpr size_t kMaxInline = 254;
constexpr uint8_t kExternal = 255;
constexpr size_t kExternalBytes = 16;
constexpr size_t kChunk = 8;
constexpr size_t kLeafElements = 80;
constexpr size_t kLeafBytes = 512;
constexpr size_t kLeafFew = 16;
constexpr size_t kLeafFewBytes = 2048;
constexpr size_t kIndexBytes = 11;

/// The smallest block of the allocator that holds `bytes`: multiples of 16 up to 128, then four steps a
/// doubling.
constexpr size_t block_bytes(size_t bytes) {
  if (bytes <= 128) return (bytes + 15) & ~size_t{15};
  const int shift = std::bit_width(bytes - 1) - 3;
  return (((bytes - 1) >> shift) + 1) << shift;
}

/// Whether a leaf need not be divided. Small ones are close together in memory although all of them grow at
/// about the same time: their sizes differ more, so that blocks that some leave are taken by others. (Ten
/// million members of 14 bytes, resident bytes each: 21.7 with 512, 24.1 with 768, 25.3 with 2,048.) But a
/// few large elements may need more, as every leaf costs its head and a slot or two in a directory.
constexpr bool leaf_may_hold(size_t count, size_t bytes) {
  return count <= kLeafElements && (bytes <= kLeafBytes || (count <= kLeafFew && bytes <= kLeafFewBytes));
}

/// Eight fingerprints and eight sizes.
struct Chunk {
  uint8_t fingerprints[kChunk];
  uint8_t sizes[kChunk];

  /// A bit for each fingerprint that is equal; those of absent elements may be among them.
  unsigned matches(uint8_t fingerprint) const {
#ifdef __SSE2__
    const __m128i all = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(fingerprints));
    const __m128i equal = _mm_cmpeq_epi8(all, _mm_set1_epi8(static_cast<char>(fingerprint)));
    return static_cast<unsigned>(_mm_movemask_epi8(equal)) & 0xff;
#else
    unsigned found = 0;
    for (size_t i = 0; i < kChunk; ++i) found |= static_cast<unsigned>(fingerprints[i] == fingerprint) << i;
    return found;
#endif
  }
  static size_t stored(uint8_t size) { return size == kExternal ? kExternalBytes : size; }
  /// The bytes that the first `n` elements take in the leaf.
  size_t bytes_before(size_t n) const {
#ifdef __SSE2__
    uint64_t word;
    std::memcpy(&word, sizes, sizeof(word));
    if (n < kChunk) word &= (uint64_t{1} << (8 * n)) - 1;
    __m128i all = _mm_cvtsi64_si128(static_cast<int64_t>(word));
    // 255 + 17 is 16 in a byte.
    const __m128i external = _mm_cmpeq_epi8(all, _mm_set1_epi8(static_cast<char>(kExternal)));
    all = _mm_add_epi8(all, _mm_and_si128(external, _mm_set1_epi8(kExternalBytes + 1)));
    return static_cast<size_t>(_mm_cvtsi128_si64(_mm_sad_epu8(all, _mm_setzero_si128())));
#else
    size_t sum = 0;
    for (size_t i = 0; i < n; ++i) sum += stored(sizes[i]);
    return sum;
#endif
  }
};
static_assert(sizeof(Chunk) == 16);

struct Leaf {
  std::atomic<uint32_t> refs;
  uint32_t count;
  uint32_t used;      // bytes of elements
  uint32_t capacity;  // bytes of the block

  static size_t bytes_for(size_t count, size_t used) {
    return sizeof(Leaf) + (count + kChunk - 1) / kChunk * sizeof(Chunk) + used;
  }
  size_t bytes() const { return bytes_for(count, used); }
  bool shared() const { return refs.load(std::memory_order_acquire) != 1; }

  Chunk* chunks() { return reinterpret_cast<Chunk*>(this + 1); }
  const Chunk* chunks() const { return reinterpret_cast<const Chunk*>(this + 1); }
  uint8_t& fingerprint(size_t i) { return chunks()[i / kChunk].fingerprints[i % kChunk]; }
  uint8_t fingerprint(size_t i) const { return chunks()[i / kChunk].fingerprints[i % kChunk]; }
  uint8_t& size(size_t i) { return chunks()[i / kChunk].sizes[i % kChunk]; }
  uint8_t size(size_t i) const { return chunks()[i / kChunk].sizes[i % kChunk]; }
  size_t stored(size_t i) const { return Chunk::stored(size(i)); }
  char* end() { return reinterpret_cast<char*>(this) + capacity; }
  const char* end() const { return reinterpret_cast<const char*>(this) + capacity; }

  /// Bytes between the end of the block and the beginning of element `i`, it included.
  size_t reach(size_t i) const {
    size_t sum = 0;
    for (size_t c = 0; c < i / kChunk; ++c) sum += chunks()[c].bytes_before(kChunk);
    return sum + chunks()[i / kChunk].bytes_before(i % kChunk + 1);
  }
};
static_assert(sizeof(Leaf) == 16);

/// An element of a leaf, found.
struct Spot {
  static constexpr size_t kNone = ~size_t{0};
  size_t index = kNone;
  const char* at = nullptr;
  explicit operator bool() const { return index != kNone; }
};

/// An element about to be stored: the bytes in the leaf are made when it is written.
struct Item {
  uint64_t hash;
  std::string_view field;  // for the index: the 11 bytes
  std::string_view value;

  size_t inline_bytes(Form form) const { return field.size() + value.size() + (form == Form::kMap); }
  bool external(Form form) const { return inline_bytes(form) > kMaxInline; }
  size_t stored(Form form) const { return external(form) ? kExternalBytes : inline_bytes(form); }
};

/// What is said of element `i`, which begins at `at`.
Element element_at(const Leaf& leaf, Form form, size_t i, const char* at);
uint64_t hash_at(const Leaf& leaf, const Scheme& scheme, size_t i, const char* at);

/// Where `field` is.
Spot find(const Leaf& leaf, const Scheme& scheme, uint64_t hash, std::string_view field);
Spot spot_of(const Leaf& leaf, size_t i);

/// An empty leaf (to be filled by the caller) with room for `bytes`; counted to `footprint`.
Leaf* make_leaf(size_t bytes, size_t& footprint);
/// The block alone; what its elements refer to is left as it is.
void free_block(Leaf* leaf, size_t& footprint);
/// Frees the leaf with all it refers to. Returns the number of its blobs.
size_t free_leaf(Leaf* leaf);
/// A leaf with room for `bytes` and the same elements; blobs are shared.
Leaf* copy_leaf(const Leaf& leaf, size_t bytes, size_t& footprint);
/// The same elements in a block for `bytes`; `leaf` is gone. Requires: not shared.
Leaf* resize_leaf(Leaf* leaf, size_t bytes, size_t& footprint);

/// Requires room.
void append(Leaf& leaf, const Scheme& scheme, const Item& item, size_t& footprint);
/// Appends the bytes of an element of another leaf, reference and all. Requires room.
void append_raw(Leaf& leaf, uint8_t fingerprint, uint8_t size, const char* bytes);
/// Takes an element out; the last one gets its index.
void remove(Leaf& leaf, const Spot& spot, size_t& footprint);
/// Gives an element another value. Requires room.
void replace(Leaf& leaf, Form form, const Spot& spot, const Item& item, size_t& footprint);
/// Another reference to every blob, when a leaf's elements have been copied.
void share_blobs(const Leaf& leaf);

}  // namespace gyre::ds::trie
