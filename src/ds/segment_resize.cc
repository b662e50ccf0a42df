// Growth, shrinking, splitting and merging of segments. Nothing here changes the old buckets before the new
// ones are complete, so an observer sees the table as it was, and a prefetching thread reads old or new
// memory.
#include "gyre/base/check.h"
#include "gyre/ds/segment_table_base.h"
#include "segment_internal.h"

namespace gyre::ds {

using internal::limit_for;
using internal::next_size;
using internal::size_for;

struct SegmentTableBase::Target {
  Bucket* buckets;
  uint32_t count;  // buckets
  uint32_t entries;
  SnapshotMeta* meta;

  void put(uint16_t tag, const void* entry, bool done) {
    uint32_t at = home_of(tag, count);
    while (buckets[at].full()) {
      buckets[at].note_passed(tag);
      if (++at == count) at = 0;
    }
    unsigned slot = buckets[at].used();
    buckets[at].set(slot, tag, entry);
    ++entries;
    if (meta != nullptr) [[unlikely]]
      meta->set_done(at, slot, done);
  }
};

void* SegmentTableBase::take(size_t bytes) {
  memory_bytes_ += Arena::class_size((bytes + 63) & ~size_t{63});
  return arena_.allocate_segment(bytes);
}

void SegmentTableBase::give(void* block, size_t bytes) {
  memory_bytes_ -= Arena::class_size((bytes + 63) & ~size_t{63});
  arena_.free_segment(block, bytes);
}

Segment* SegmentTableBase::new_segment(unsigned depth) {
  auto* segment = new (take(sizeof(Segment))) Segment;
  segment->depth = static_cast<uint8_t>(depth);
  ++segment_count_;
  if (growth_ != nullptr) ++growth_->depth_counts[depth];
  return segment;
}

void SegmentTableBase::free_segment(Segment* segment) {
  free_buckets(*segment);
  --segment_count_;
  if (growth_ != nullptr) --growth_->depth_counts[segment->depth];
  give(segment, sizeof(Segment));
}

void SegmentTableBase::free_buckets(Segment& segment) {
  drop_snapshot_meta(segment);
  if (segment.buckets != nullptr) give(segment.buckets, segment.bucket_count * sizeof(Bucket));
}

SegmentTableBase::Target SegmentTableBase::new_target(uint32_t buckets, bool with_meta, bool done) {
  Target target{nullptr, buckets, 0, nullptr};
  if (buckets == 0) return target;
  if (buckets > max_buckets_) max_buckets_ = buckets;
  target.buckets = static_cast<Bucket*>(take(buckets * sizeof(Bucket)));
  std::memset(static_cast<void*>(target.buckets), 0, buckets * sizeof(Bucket));
  if (!with_meta) return target;
  size_t bytes = SnapshotMeta::bytes_for(buckets);
  target.meta = static_cast<SnapshotMeta*>(take(bytes));
  std::memset(static_cast<void*>(target.meta), 0, bytes);
  target.meta->cut = cut_;
  target.meta->buckets = buckets;
  for (uint32_t i = 0; done && i < buckets; ++i) target.meta->versions()[i] = cut_;
  return target;
}

void SegmentTableBase::adopt_target(Segment& segment, const Target& target) {
  segment.buckets = target.buckets;
  segment.bucket_count = target.count;
  segment.count = target.entries;
  segment.limit = limit_for(target.count);
  segment.meta = target.meta;
}

bool SegmentTableBase::all_done(const Segment& segment) const {
  if (!has_meta(segment)) return false;
  for (uint32_t i = 0; i < segment.bucket_count; ++i) {
    if (segment.meta->versions()[i] < cut_) return false;
  }
  return true;
}

// Copies every entry to one of two targets; `sides` (may be null: all to the first) has a bit per slot.
void SegmentTableBase::move_all(Segment& segment, const uint8_t* sides, Target& low, Target& high) {
  bool meta = has_meta(segment);
  for (uint32_t b = 0; b < segment.bucket_count; ++b) {
    const Bucket& bucket = segment.buckets[b];
    unsigned side = sides != nullptr ? sides[b] : 0;
    for (unsigned slot = 0; slot < Bucket::kSlots && bucket.tags[slot] != 0; ++slot, side >>= 1) {
      if (observer_ != nullptr) [[unlikely]]
        observer_->before_displace(segment, b, slot);
      bool done = meta && segment.meta->done(b, slot);
      ((side & 1) != 0 ? high : low).put(bucket.tags[slot], bucket.pointer(slot), done);
    }
  }
}

void SegmentTableBase::resize(Segment& segment, size_t index, uint32_t buckets) {
  Target target = new_target(buckets, has_meta(segment), all_done(segment));
  move_all(segment, nullptr, target, target);
  Segment old = segment;
  adopt_target(segment, target);
  publish(&segment, index);
  free_buckets(old);
}

// The bit after the segment's prefix decides. This is the one place that reads entries: their lines are
// fetched a few buckets ahead.
uint32_t SegmentTableBase::choose_sides(const Segment& segment, uint8_t* sides) const {
  constexpr uint32_t kAhead = 4;
  auto prefetch = [&](uint32_t b) {
    if (b >= segment.bucket_count) return;
    const Bucket& bucket = segment.buckets[b];
    for (unsigned slot = 0; slot < Bucket::kSlots && bucket.tags[slot] != 0; ++slot) {
      internal::prefetch_entry_lines(bucket.pointer(slot));
    }
  };
  for (uint32_t b = 0; b < kAhead; ++b) prefetch(b);
  uint32_t high = 0;
  for (uint32_t b = 0; b < segment.bucket_count; ++b) {
    prefetch(b + kAhead);
    const Bucket& bucket = segment.buckets[b];
    unsigned side = 0;
    for (unsigned slot = 0; slot < Bucket::kSlots && bucket.tags[slot] != 0; ++slot) {
      auto bit = static_cast<unsigned>(hash_(bucket.pointer(slot)) >> (63 - segment.depth)) & 1;
      side |= bit << slot;
      high += bit;
    }
    sides[b] = static_cast<uint8_t>(side);
  }
  return high;
}

void SegmentTableBase::split(Segment& segment, size_t index) {
  auto* sides = static_cast<uint8_t*>(arena_.allocate(segment.bucket_count));
  uint32_t high_count = choose_sides(segment, sides);
  bool meta = has_meta(segment);
  bool done = all_done(segment);
  Target low = new_target(size_for(segment.count - high_count), meta, done);
  Target high = new_target(size_for(high_count), meta, done);
  move_all(segment, sides, low, high);
  arena_.free(sides, segment.bucket_count);

  Segment old = segment;
  Segment* other = new_segment(segment.depth + 1u);
  other->version = segment.version;
  adopt_target(*other, high);
  --growth_->depth_counts[segment.depth];
  ++segment.depth;
  ++growth_->depth_counts[segment.depth];
  adopt_target(segment, low);
  size_t span = size_t{1} << (directory()->depth - old.depth);
  size_t begin = index & ~(span - 1);
  publish(&segment, begin);
  publish(other, begin + span / 2);
  free_buckets(old);
}

// Does one thing at a time, so that one insert pays for one resize or one split, except where hashes are
// degenerate.
void SegmentTableBase::make_room(uint64_t hash) {
  if (segment_of(hash) == nullptr) publish(new_segment(0), 0);
  for (;;) {
    Segment* segment = segment_of(hash);
    if (segment->count < segment->limit) return;
    uint32_t split_at = internal::split_size(index_of(hash, segment->depth), segment->depth);
    if (segment->bucket_count >= split_at && ready_to_split(*segment)) {
      split(*segment, index_of(hash, directory()->depth));
      continue;
    }
    GYRE_CHECK(segment->bucket_count < internal::kMaxBuckets);
    if (segment->bucket_count + 32 >= split_at)
      (void)ready_to_split(*segment);  // a larger directory takes its time
    resize(*segment, index_of(hash, directory()->depth), next_size(segment->bucket_count));
  }
}

bool SegmentTableBase::merge(size_t index) {
  const Directory* d = directory();
  Segment* segment = d->segments[index];
  if (segment->depth == 0) return false;
  size_t span = size_t{1} << (d->depth - segment->depth);
  Segment* other = d->segments[index ^ span];
  if (other->depth != segment->depth || segment->count + other->count > internal::kMergeEntries) return false;
  bool meta = has_meta(*segment) || has_meta(*other);
  // A segment without entries has nothing left to emit.
  bool done = (segment->count == 0 || all_done(*segment)) && (other->count == 0 || all_done(*other));
  Target target = new_target(size_for(segment->count + other->count), meta, meta && done);
  move_all(*segment, nullptr, target, target);
  move_all(*other, nullptr, target, target);
  Segment old = *segment;
  --growth_->depth_counts[segment->depth];
  --segment->depth;
  ++growth_->depth_counts[segment->depth];
  if (other->version < segment->version) segment->version = other->version;
  adopt_target(*segment, target);
  publish(segment, index);
  free_buckets(old);
  free_segment(other);
  return true;
}

void SegmentTableBase::shrink(uint64_t hash) {
  while (merge(index_of(hash, directory()->depth))) {
  }
  size_t index = index_of(hash, directory()->depth);
  Segment& segment = *directory()->segments[index];
  if (segment.bucket_count != 0 && segment.count < internal::low_mark(segment.bucket_count)) {
    resize(segment, index, size_for(segment.count));
  }
  maybe_halve();
}

}  // namespace gyre::ds
