#include "gyre/ds/segment_table.h"

#include "gyre/base/check.h"
#include "segment_internal.h"

// These run without the shard's lock beside its owner and may read what is being changed or was freed: their
// loads are excluded from the sanitizers.
#define GYRE_SPECULATIVE __attribute__((no_sanitize("thread", "address")))

namespace gyre::ds {

SegmentTableBase::SegmentTableBase(Arena& arena, HashFn hash) : arena_(arena), hash_(hash) {
  first_.words = &first_word_;
  first_.segments = &first_segment_;
  first_word_.store(make_word(&internal::kEmptyBucket, 1), std::memory_order_relaxed);
  directory_.store(&first_, std::memory_order_release);
}

SegmentTableBase::~SegmentTableBase() {
  clear_all();
  drop_memory();
}

GYRE_SPECULATIVE void SegmentTableBase::prefetch_bucket(uint64_t hash) const {
  const Directory* d = directory_.load(std::memory_order_acquire);
  uint64_t word = d->words[(hash >> 1) >> (63 - d->depth)].load(std::memory_order_relaxed);
  uint64_t tag = (hash & 0xffff) == 0 ? 1 : hash & 0xffff;
  uint64_t home = (tag * (word >> 48)) >> 16;
  __builtin_prefetch(
      reinterpret_cast<const void*>((word & ((uint64_t{1} << 48) - 1)) + home * sizeof(Bucket)));
}

GYRE_SPECULATIVE void SegmentTableBase::prefetch_entry(uint64_t hash) const {
  const Directory* d = directory_.load(std::memory_order_acquire);
  uint64_t word = d->words[(hash >> 1) >> (63 - d->depth)].load(std::memory_order_relaxed);
  uint64_t tag = (hash & 0xffff) == 0 ? 1 : hash & 0xffff;
  uint64_t home = (tag * (word >> 48)) >> 16;
  auto* bucket = reinterpret_cast<const Bucket*>((word & ((uint64_t{1} << 48) - 1)) + home * sizeof(Bucket));
  for (unsigned mask = bucket->match(static_cast<uint16_t>(tag)); mask != 0; mask &= mask - 1) {
    internal::prefetch_entry_lines(bucket->pointer(static_cast<unsigned>(__builtin_ctz(mask))));
  }
  // The entry may have gone on to the next bucket.
  if (bucket->tags[Bucket::kSlots - 1] != 0 && bucket->may_have_passed(static_cast<uint16_t>(tag))) {
    __builtin_prefetch(bucket + 1);
  }
}

Segment* SegmentTableBase::segment_of(uint64_t hash) const {
  const Directory* d = directory();
  return d->segments[index_of(hash, d->depth)];
}

SegmentTableBase::Place SegmentTableBase::place(const Slot& slot) const {
  Segment* segment = segment_of(slot.hash);
  return {segment, static_cast<uint32_t>(slot.bucket - segment->buckets), slot.index};
}

void SegmentTableBase::insert_entry(uint64_t hash, void* entry) {
  Segment* segment = segment_of(hash);
  if (segment == nullptr || segment->count >= segment->limit) [[unlikely]] {
    make_room(hash);
    segment = segment_of(hash);
  }
  uint16_t tag = tag_of(hash);
  uint32_t at = home_of(tag, segment->bucket_count);
  while (segment->buckets[at].full()) {
    segment->buckets[at].note_passed(tag);
    if (++at == segment->bucket_count) at = 0;
  }
  Bucket& bucket = segment->buckets[at];
  unsigned slot = bucket.used();
  bucket.set(slot, tag, entry);
  ++segment->count;
  ++size_;
  if (watched_) [[unlikely]]
    note_insert(*segment, at, slot);
}

// What comes after the cut is no part of the image. Where the walk is through nobody asks any more.
void SegmentTableBase::note_insert(Segment& segment, uint32_t bucket, uint32_t slot) {
  if (cut_ != 0 && segment.version < cut_) snapshot_meta(segment).set_done(bucket, slot, true);
}

void* SegmentTableBase::erase_at(const Slot& slot) {
  Place at = place(slot);
  Segment& segment = *at.segment;
  void* entry = slot.bucket->pointer(slot.index);
  if (observer_ != nullptr) [[unlikely]]
    observer_->before_remove(segment, at.bucket, at.slot);
  close_hole(segment, at.bucket, at.slot);
  --segment.count;
  --size_;
  if (segment.count < internal::low_mark(segment.bucket_count)) [[unlikely]]
    shrink(slot.hash);
  return entry;
}

void SegmentTableBase::replace_at(const Slot& slot, void* entry) {
  if (watched_) [[unlikely]] {
    Place at = place(slot);
    if (observer_ != nullptr) observer_->before_remove(*at.segment, at.bucket, at.slot);
    note_insert(*at.segment, at.bucket, at.slot);
  }
  slot.bucket->set_pointer(slot.index, entry);
}

void SegmentTableBase::move_slot(Segment& segment, Place from, Place to) {
  Bucket& source = segment.buckets[from.bucket];
  if (watched_) [[unlikely]] {
    if (observer_ != nullptr) observer_->before_displace(segment, from.bucket, from.slot);
    if (has_meta(segment)) {
      segment.meta->set_done(to.bucket, to.slot, segment.meta->done(from.bucket, from.slot));
    }
  }
  segment.buckets[to.bucket].set(to.slot, source.tags[from.slot], source.pointer(from.slot));
}

// Fills the hole with a later entry that would not be found past a bucket with room, as often as that leaves
// another such hole; then packs the last bucket. An entry may fill a hole in bucket b if b lies on its way
// from home to where it is, which is every bucket but those after b.
void SegmentTableBase::close_hole(Segment& segment, uint32_t bucket, uint32_t slot) {
  const uint32_t count = segment.bucket_count;
  bool passed = segment.buckets[bucket].full() && segment.buckets[bucket].any_passed();
  uint32_t next = bucket;
  for (uint32_t steps = 1; passed && steps < count; ++steps) {
    if (++next == count) next = 0;
    Bucket& candidate = segment.buckets[next];
    uint32_t distance = next >= bucket ? next - bucket : next + count - bucket;
    unsigned used = candidate.used();
    for (unsigned i = used; i-- > 0;) {
      uint32_t home = home_of(candidate.tags[i], count);
      uint32_t travelled = next >= home ? next - home : next + count - home;
      if (travelled < distance) continue;
      move_slot(segment, {&segment, next, i}, {&segment, bucket, slot});
      bucket = next;
      slot = i;
      break;
    }
    passed = used == Bucket::kSlots && candidate.any_passed();
  }
  Bucket& last_bucket = segment.buckets[bucket];
  unsigned last = last_bucket.used() - 1;
  if (slot != last) move_slot(segment, {&segment, bucket, last}, {&segment, bucket, slot});
  last_bucket.clear_last(last);
}

SnapshotMeta& SegmentTableBase::snapshot_meta(Segment& segment) {
  GYRE_CHECK(cut_ != 0 && segment.bucket_count != 0);
  SnapshotMeta*& meta = segment.meta;
  size_t bytes = SnapshotMeta::bytes_for(segment.bucket_count);
  if (meta == nullptr)
    meta = static_cast<SnapshotMeta*>(take(bytes));
  else if (meta->cut == cut_)
    return *meta;
  std::memset(static_cast<void*>(meta), 0, bytes);
  meta->cut = cut_;
  meta->buckets = segment.bucket_count;
  return *meta;
}

bool SegmentTableBase::emitted(const Segment& segment, uint32_t bucket, uint32_t slot) const {
  return has_meta(segment) && segment.meta->done(bucket, slot);
}

void SegmentTableBase::mark_emitted(Segment& segment, uint32_t bucket, uint32_t slot) {
  snapshot_meta(segment).set_done(bucket, slot, true);
}

void SegmentTableBase::mark_bucket(Segment& segment, uint32_t bucket) {
  snapshot_meta(segment).versions()[bucket] = cut_;
}

void SegmentTableBase::drop_snapshot_meta(Segment& segment) {
  if (segment.meta == nullptr) return;
  give(segment.meta, SnapshotMeta::bytes_for(segment.bucket_count));
  segment.meta = nullptr;
}

}  // namespace gyre::ds
