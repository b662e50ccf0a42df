// Sizes and small helpers shared by the bodies of SegmentTableBase.
#pragma once

#include <cstdint>

#include "gyre/ds/segment.h"

namespace gyre::ds::internal {

/// What directory words of segments without memory point to: never written, ends every search.
inline constinit Bucket kEmptyBucket{};

/// A segment splits when this many buckets are full to the limit.
constexpr uint32_t kSplitBuckets = 128;
/// Siblings merge when together they hold at most this many: well below a split's 928 and above a half of it,
/// so that neither undoes the other.
constexpr uint32_t kMergeEntries = 400;
/// Largest that a home bucket can be computed for; reached only when hashes do not differ.
constexpr uint32_t kMaxBuckets = 65535;

/// Entries at which a segment of this size grows: 29/32 of its slots. Up to two buckets may fill up wholly,
/// because searches there are bounded by the number of buckets.
constexpr uint32_t limit_for(uint32_t buckets) {
  if (buckets <= 2) return buckets * Bucket::kSlots;
  return static_cast<uint32_t>(uint64_t{buckets} * Bucket::kSlots * 29 / 32);
}

/// Sizes: powers of two up to 64, then steps of 16 (5/4 beyond the size that splits).
constexpr uint32_t next_size(uint32_t buckets) {
  if (buckets == 0) return 1;
  if (buckets < 64) return buckets * 2;
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
  if ((reinterpret_cast<uintptr_t>(entry) & 63) > 32)
    __builtin_prefetch(static_cast<const char*>(entry) + 32);
}

}  // namespace gyre::ds::internal
