// The parts of the keyspace table (segment_table.h): buckets, segments, and what is told about changes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gyre::ds {

/// One cache line: 8 tags of 16 bits, then 8 pointers of 48 bits. Occupied slots are packed at the front.
/// An empty slot has tag 0 and pointer 0; the tag of an entry is never 0.
/// Entries are aligned to 8, so the low 3 bits of the pointers are free: in a full bucket they are a filter
/// of 24 bits over the tags that found it full and went on. It ends most searches for what is not there at
/// the first full bucket. A bit may outlive its entry (it is then merely useless); a bucket that is not full
/// has none set.
struct alignas(64) Bucket {
  static constexpr unsigned kSlots = 8;
  static constexpr uint8_t kPassBits = 7;
  uint16_t tags[kSlots];
  uint8_t pointers[kSlots * 6];

  /// Reads the two bytes before the pointer too and shifts them out: one load, inside the bucket.
  [[gnu::always_inline]] void* pointer(unsigned slot) const {
    uint64_t word;
    std::memcpy(&word, reinterpret_cast<const uint8_t*>(this) + 14 + 6 * slot, 8);
    return reinterpret_cast<void*>((word >> 16) & ~uint64_t{kPassBits});
  }
  /// Leaves the filter's bits as they are.
  void set_pointer(unsigned slot, const void* entry) {
    auto word = reinterpret_cast<uint64_t>(entry) | (pointers[6 * slot] & kPassBits);
    std::memcpy(pointers + 6 * slot, &word, 6);
  }
  /// The tag found this bucket full and its entry lies further on.
  void note_passed(uint16_t tag) { pointers[6 * (tag & 7)] |= pass_bit(tag); }
  /// False: no entry with this tag lies beyond this (full) bucket.
  [[gnu::always_inline]] bool may_have_passed(uint16_t tag) const {
    return (pointers[6 * (tag & 7)] & pass_bit(tag)) != 0;
  }
  bool any_passed() const {
    uint8_t bits = 0;
    for (unsigned i = 0; i < kSlots; ++i) bits |= pointers[6 * i];
    return (bits & kPassBits) != 0;
  }
  /// Empties the last used slot.
  void clear_last(unsigned slot) {
    if (full()) {
      for (unsigned i = 0; i < kSlots; ++i) pointers[6 * i] &= static_cast<uint8_t>(~kPassBits);
    }
    tags[slot] = 0;
    std::memset(pointers + 6 * slot, 0, 6);
  }
  void set(unsigned slot, uint16_t tag, const void* entry) {
    tags[slot] = tag;
    set_pointer(slot, entry);
  }
  bool full() const { return tags[kSlots - 1] != 0; }
  /// Bit i set: slot i has this tag.
  [[gnu::always_inline]] unsigned match(uint16_t tag) const {
#if defined(__SSE2__)
    __m128i all = _mm_load_si128(reinterpret_cast<const __m128i*>(tags));
    __m128i equal = _mm_cmpeq_epi16(all, _mm_set1_epi16(static_cast<int16_t>(tag)));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < kSlots; ++i) mask |= static_cast<unsigned>(tags[i] == tag) << i;
    return mask;
#endif
  }
  /// Of the 24 combinations of 8 pointers and 3 bits: low bits of the tag, because its high ones are the home
  /// bucket.
  [[gnu::always_inline]] static uint8_t pass_bit(uint16_t tag) {
    return static_cast<uint8_t>(1u << ((((tag >> 3) & 0xff) * 3) >> 8));
  }
  unsigned used() const { return full() ? kSlots : static_cast<unsigned>(std::countr_zero(match(0))); }
};
static_assert(sizeof(Bucket) == 64);
static_assert(std::endian::native == std::endian::little,
              "48-bit pointers are read as the low bytes of a word");

/// What a point-in-time walk knows about a segment, made when it first asks
/// (SegmentTableBase::snapshot_meta). Valid for one cut: a bucket whose version has reached the cut is done;
/// in others the emitted bits tell. Carried over when entries move: an entry that was done at its old place
/// is marked emitted at its new one; a done bucket that receives an entry which is not done becomes a bucket
/// with bits. Entries inserted after the cut, or put in place of others, count as emitted (they are no part
/// of the image).
struct SnapshotMeta {
  uint32_t cut = 0;
  uint32_t buckets = 0;
  uint32_t* versions() { return reinterpret_cast<uint32_t*>(this + 1); }
  uint8_t* emitted() { return reinterpret_cast<uint8_t*>(versions() + buckets); }

  bool done(uint32_t bucket, uint32_t slot) {
    return versions()[bucket] >= cut || ((emitted()[bucket] >> slot) & 1) != 0;
  }
  /// States whether the entry now at this place is done.
  void set_done(uint32_t bucket, uint32_t slot, bool done) {
    auto bit = static_cast<uint8_t>(1u << slot);
    if (versions()[bucket] >= cut) {
      if (done) return;
      versions()[bucket] = 0;
      emitted()[bucket] = 0xff;
    }
    if (done)
      emitted()[bucket] |= bit;
    else
      emitted()[bucket] &= static_cast<uint8_t>(~bit);
  }
  static size_t bytes_for(uint32_t buckets) { return sizeof(SnapshotMeta) + buckets * 5; }
};

/// Side data of a segment; the lookup path does not touch it.
struct Segment {
  Bucket* buckets = nullptr;  // null: none yet (count 0)
  uint32_t bucket_count = 0;  // 0 when buckets is null
  uint32_t count = 0;         // entries
  uint32_t limit = 0;         // entries at which it grows or splits
  uint8_t depth = 0;          // leading hash bits that all its entries share
  uint64_t version = 0;       // set by a walk that is through with the segment to its cut: inserts are not noted any
                              // more; a split copies it, a merge keeps the lower one
  SnapshotMeta* meta = nullptr;
};

/// Told before something happens to an entry at its present place; may read the entry and the table, must not
/// change the table (snapshot metadata apart).
class TableObserver {
 public:
  /// The entry is about to move to another slot or segment; its snapshot metadata moves with it.
  virtual void before_displace(Segment& segment, uint32_t bucket, uint32_t slot) = 0;
  /// The entry is about to be erased or replaced by another pointer.
  virtual void before_remove(Segment& segment, uint32_t bucket, uint32_t slot) = 0;

 protected:
  ~TableObserver() = default;
};

}  // namespace gyre::ds
