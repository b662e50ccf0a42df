// The leaf of a ScoreTree: one allocation of up to kMaxBytes.
//
//   header | scores: 8 bytes each, in order | places: 2 bytes each, in order | free | entries, in order of
//   arrival
//
// Entries grow down from the end of the allocation and have no gaps. A place is an entry's distance from the
// end, so that moving to an allocation of another size changes none. An entry is a byte of length and the
// member, or kLong and the pointer of a counted buffer (base::Blob, detached), of which the leaf holds one
// reference.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "gyre/base/blob.h"
#include "gyre/ds/block_tree.h"
#include "gyre/ds/score_tree.h"

namespace gyre::ds {

struct ScoreLeaf : BlockHeader {
  static constexpr uint32_t kMaxBytes = 1024;
  static constexpr uint8_t kLong = 0xFF;
  static constexpr uint32_t kLongBytes = 1 + sizeof(void*);
  static constexpr uint32_t kFixedBytes = sizeof(double) + sizeof(uint16_t);

  uint16_t count = 0;
  uint16_t capacity = 0;    // bytes of the allocation
  uint16_t heap = 0;        // bytes of entries
  uint16_t long_count = 0;  // entries that are pointers

  double* scores() { return reinterpret_cast<double*>(this + 1); }
  const double* scores() const { return reinterpret_cast<const double*>(this + 1); }
  uint16_t* places() { return reinterpret_cast<uint16_t*>(scores() + count); }
  const uint16_t* places() const { return reinterpret_cast<const uint16_t*>(scores() + count); }
  char* end() { return reinterpret_cast<char*>(this) + capacity; }
  const char* end() const { return reinterpret_cast<const char*>(this) + capacity; }
  const char* entry(uint32_t i) const { return end() - places()[i]; }

  static uint32_t entry_bytes(const char* entry) {
    auto length = static_cast<uint8_t>(*entry);
    return length == kLong ? kLongBytes : 1U + length;
  }
  static uint32_t entry_bytes(std::string_view member) {
    return member.size() > ScoreTree::kInlineMember ? kLongBytes : 1U + static_cast<uint32_t>(member.size());
  }
  /// The buffer of a long member, or null.
  static void* blob_of(const char* entry) {
    if (static_cast<uint8_t>(*entry) != kLong) return nullptr;
    void* blob;
    std::memcpy(&blob, entry + 1, sizeof(blob));
    return blob;
  }
  std::string_view member(uint32_t i) const {
    const char* e = entry(i);
    auto length = static_cast<uint8_t>(*e);
    return length == kLong ? base::Blob::view_of(blob_of(e)) : std::string_view(e + 1, length);
  }
  uint32_t used() const;
  BlockKey key() const { return key_of(scores()[0], member(0)); }

  /// The order of elements as far as 16 bytes show it.
  static BlockKey key_of(double score, std::string_view member) {
    uint64_t low = 0;
    // An empty one may have no address.
    if (!member.empty()) std::memcpy(&low, member.data(), member.size() < sizeof(low) ? member.size() : sizeof(low));
    return {score_bits(score), __builtin_bswap64(low)};
  }
  /// Unsigned numbers in the order of the scores; the same for -0 and 0.
  static uint64_t score_bits(double score) {
    auto bits = std::bit_cast<uint64_t>(score + 0.0);
    return bits >> 63 != 0 ? ~bits : bits | uint64_t{1} << 63;
  }

  static ScoreLeaf* make(uint32_t capacity);
  /// The allocator's next size for `bytes` of content: a waste of an eighth at most.
  static uint32_t room_for(uint32_t bytes);
  static BlockHeader* clone(const BlockHeader* block);
  static void destroy(BlockHeader* block);

  /// An element at `i`; `blob` (whose reference the leaf takes) instead of the member's bytes if the member
  /// is long. Requires room.
  void insert(uint32_t i, double score, std::string_view member, void* blob);
  /// Copies of elements [begin, end) of another leaf go to the end. Requires room.
  void append(const ScoreLeaf* from, uint32_t begin, uint32_t end);
  void erase(uint32_t i);
  /// Bytes that elements [begin, end) take.
  uint32_t bytes_of(uint32_t begin, uint32_t end) const;
};
static_assert(sizeof(ScoreLeaf) == 16);

inline uint32_t ScoreLeaf::used() const {
  return static_cast<uint32_t>(sizeof(ScoreLeaf)) + count * kFixedBytes + heap;
}
inline const ScoreLeaf* leaf_of(const BlockCursor& cursor) {
  return static_cast<const ScoreLeaf*>(cursor.block());
}

/// A place in the order: elements are before it or not, first all that are, then all that are not.
struct ScoreProbe {
  enum Kind : uint8_t { kElement, kScore, kMember, kNothing, kEverything };
  Kind kind = kNothing;
  bool inclusive = false;  // what equals the probe is before it
  double score = 0;
  std::string_view member;

  BlockKey key() const;
  bool before(const ScoreLeaf* leaf, uint32_t i) const;
  /// How many elements of the leaf are before.
  uint32_t partition(const ScoreLeaf* leaf) const;
};

}  // namespace gyre::ds
