// Sizes and small helpers shared by the bodies of SegmentTableBase.
#pragma once

#include <cstdint>

#include "gyre/ds/segment.h"

namespace gyre::ds::internal {

/// What directory words of segments without memory point to: never written, ends every search.
inline constinit Bucket kEmptyBucket{};

/// The most buckets of a segment whose hashes spread.
constexpr uint32_t kSplitBuckets = 128;

/// Buckets at which the segment with this prefix splits: one of 80, 96, 112 and 128. Were it the same for
/// all, all segments would go through the same sizes at the same time, and leave holes behind that none of
/// the others fits; so sizes are mixed at any time, and one segment's old place is another's new one.
constexpr uint32_t split_size(uint64_t prefix, unsigned depth) {
  return 80 + 16 * static_cast<uint32_t>(((prefix + depth) * 0x9e3779b97f4a7c15U) >> 62);
}

/// Siblings merge when together they hold at most this many: well below what splits (580 and more), so that
/// neither undoes the other.
constexpr uint32_t kMergeEntries = 320;
/// Largest that a home bucket can be computed for; reached only when hashes do not differ.
constexpr uint32_t kMaxBuckets = 65535;

/// Entries at which a segment of this size grows: 15/16 of its slots. Up to two buckets may fill up wholly,
/// because searches there are bounded by the number of buckets.
constexpr uint32_t limit_for(uint32_t buckets) {
  if (buckets <= 2) return buckets * Bucket::kSlots;
  return static_cast<uint32_t>(uint64_t{buckets} * Bucket::kSlots * 15 / 16);
}

/// Sizes: 1, 2, 4, 8, 16, 20, .. 32, 48, .. 128, so that memory follows the load. Beyond the size that
/// splits: 5/4.
constexpr uint32_t next_size(uint32_t buckets) {
  if (buckets == 0) return 1;
  if (buckets < 16) return buckets * 2;
  if (buckets < 32) return buckets + 4;
  if (buckets < kSplitBuckets) return buckets + 16;
  uint32_t grown = (buckets + buckets / 4 + 15) & ~15u;
  return grown < kMaxBuckets ? grown : kMaxBuckets;
}

/// The smallest size that holds `entries` with a tenth to spare.
constexpr uint32_t size_for(uint32_t entries) {
  if (entries == 0) return 0;
  uint32_t wanted = entries + entries / 10;
  uint32_t buckets = 1;
  while (limit_for(buckets) < wanted && buckets < kMaxBuckets) buckets = next_size(buckets);
  return buckets;
}

/// A segment with fewer entries than this shrinks: three eighths.
constexpr uint32_t low_mark(uint32_t buckets) { return buckets == 1 ? 1 : buckets * 3; }

/// Header and key of a short entry lie in its first line, or in two where it starts in a line's second half.
[[gnu::always_inline]] inline void prefetch_entry_lines(const void* entry) {
  __builtin_prefetch(entry);
  if ((reinterpret_cast<uintptr_t>(entry) & 63) > 8) __builtin_prefetch(static_cast<const char*>(entry) + 55);
}

}  // namespace gyre::ds::internal
