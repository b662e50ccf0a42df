// Scanning and sampling.
#include "gyre/ds/segment_table_base.h"
#include "segment_internal.h"

namespace gyre::ds {

namespace {
constexpr unsigned kDepthShift = 16;
constexpr unsigned kPrefixShift = 21;
constexpr unsigned kRandomTries = 512;
}  // namespace

// The cursor is {prefix : 24, its length : 5, tag : 16}: everything whose hash begins with a smaller prefix
// has been passed, and of this prefix everything whose tag is smaller. Both statements are about hashes
// alone, so they stay true when segments grow and split. Where siblings have merged meanwhile, the merged
// segment is begun again.
uint64_t SegmentTableBase::scan_step(uint64_t cursor, void* context, Visit visit) const {
  const Directory* d = directory();
  auto depth = static_cast<unsigned>(cursor >> kDepthShift) & 31;
  if (depth > kMaxDepth) depth = kMaxDepth;
  uint64_t prefix = (cursor >> kPrefixShift) & ((uint64_t{1} << depth) - 1);
  auto tag = static_cast<uint16_t>(cursor);
  size_t index = depth <= d->depth ? prefix << (d->depth - depth) : prefix >> (depth - d->depth);
  Segment* segment = d->segments[index];
  if (segment == nullptr) return 0;

  if (segment->depth < depth) {
    prefix >>= depth - segment->depth;
    tag = 0;
  } else {
    prefix <<= segment->depth - depth;
  }
  uint32_t count = segment->bucket_count;
  uint32_t home = count == 0 ? 0 : home_of(tag, count);
  uint32_t at = home;
  for (uint32_t probes = 0; probes < count; ++probes) {
    const Bucket& bucket = segment->buckets[at];
    for (unsigned slot = 0; slot < Bucket::kSlots && bucket.tags[slot] != 0; ++slot) {
      if (home_of(bucket.tags[slot], count) == home)
        visit(context, {segment, at, slot}, bucket.pointer(slot));
    }
    if (!bucket.full() || !bucket.any_passed()) break;
    if (++at == count) at = 0;
  }
  uint64_t next_tag = 0;
  if (home + 1 < count) {
    next_tag = ((uint64_t{home} + 1) * 65536 + count - 1) / count;
  } else if (++prefix >> segment->depth != 0) {
    return 0;
  }
  return prefix << kPrefixShift | uint64_t{segment->depth} << kDepthShift | next_tag;
}

uint64_t SegmentTableBase::passed_below(uint64_t cursor) {
  auto depth = static_cast<unsigned>(cursor >> kDepthShift) & 31;
  if (depth == 0 || depth > kMaxDepth) return 0;
  return (cursor >> kPrefixShift) << (64 - depth);
}

void SegmentTableBase::visit_all(void* context, Visit visit) const {
  const Directory* d = directory();
  size_t words = size_t{1} << d->depth;
  for (size_t i = 0; i < words;) {
    Segment* segment = d->segments[i];
    if (segment == nullptr) return;
    for (uint32_t b = 0; b < segment->bucket_count; ++b) {
      const Bucket& bucket = segment->buckets[b];
      for (unsigned slot = 0; slot < Bucket::kSlots && bucket.tags[slot] != 0; ++slot) {
        visit(context, {segment, b, slot}, bucket.pointer(slot));
      }
    }
    i += size_t{1} << (d->depth - segment->depth);
  }
}

// Draws a word, a bucket and a slot. A segment with n buckets behind w words is drawn w times as often as one
// with one word, and each of its slots 1/n as often: rejection with n/w, relative to the largest, makes all
// slots equal.
void* SegmentTableBase::random_entry(base::Random& random) const {
  if (size_ == 0) return nullptr;
  const Directory* d = directory();
  size_t words = size_t{1} << d->depth;
  uint32_t largest = d->depth == 0 ? d->segments[0]->bucket_count : max_buckets_;
  for (unsigned tries = 0; tries < kRandomTries; ++tries) {
    uint64_t bits = random.next();
    size_t index = index_of(bits, d->depth);
    const Segment& segment = *d->segments[index];
    uint64_t spread = uint64_t{1} << (d->depth - segment.depth);
    uint64_t pick = random.below(uint64_t{largest} * spread * Bucket::kSlots);
    uint64_t bucket = pick / Bucket::kSlots;
    if (bucket >= segment.bucket_count) continue;
    if (void* entry = segment.buckets[bucket].pointer(pick % Bucket::kSlots)) return entry;
  }
  // Nearly empty, after mass deletion: the next occupied bucket from a random place.
  size_t index = random.below(words);
  for (size_t i = 0; i < words; ++i, index = (index + 1) & (words - 1)) {
    const Segment& segment = *d->segments[index];
    if (segment.count == 0) continue;
    auto b = static_cast<uint32_t>(random.below(segment.bucket_count));
    while (segment.buckets[b].tags[0] == 0) b = b + 1 == segment.bucket_count ? 0 : b + 1;
    const Bucket& bucket = segment.buckets[b];
    return bucket.pointer(static_cast<unsigned>(random.below(bucket.used())));
  }
  return nullptr;
}

}  // namespace gyre::ds
