// The reading side: cursors, and giving back what none of them needs.
#include <algorithm>

#include "gyre/base/check.h"
#include "gyre/journal/journal.h"
#include "segment_ring.h"

namespace gyre::journal {
namespace {

constexpr size_t kTrimSegments = 512;

/// Puts a slice behind those in `out`, or makes it a part of the last when it continues that. False: no room.
bool add_slice(std::span<Slice> out, size_t* count, const base::Blob& blob, size_t offset, size_t size) {
  if (*count > 0) {
    Slice& last = out[*count - 1];
    if (last.blob.data() == blob.data() && last.offset + last.size == offset) {
      last.size += size;
      return true;
    }
  }
  if (*count == out.size()) return false;
  Slice& slice = out[(*count)++];
  slice.blob = blob;
  slice.offset = offset;
  slice.size = size;
  return true;
}

/// Adds bytes [begin, end) of the segment, all of them committed. False: no room for all.
bool add_part(const internal::Segment& segment, size_t begin, size_t end, std::span<Slice> out,
              size_t* count) {
  // References that begin at or behind `end` may be in the making.
  for (const internal::Reference* reference : {&segment.front, &segment.back}) {
    const size_t from = reference->begin.load(std::memory_order_acquire);
    if (from >= end || reference->end <= begin) continue;
    if (from > begin) {
      if (!add_part(segment, begin, from, out, count)) return false;
      begin = from;
    }
    const size_t to = std::min<size_t>(end, reference->end);
    if (!add_slice(out, count, reference->blob, reference->blob_offset + (begin - from), to - begin))
      return false;
    begin = to;
    if (begin == end) return true;
  }
  void* bytes = segment.bytes.load(std::memory_order_acquire);
  GYRE_CHECK(bytes != nullptr);
  return add_slice(out, count, base::Blob::share(bytes), begin, end - begin);
}

}  // namespace

// What the backlog and the start of the history let go, if the stream is committed up to `behind`.
uint64_t Journal::floor_of(uint64_t behind) const {
  const uint64_t backlog = std::min(backlog_bytes_.load(std::memory_order_relaxed), kMaxBacklogBytes);
  return std::max(behind - std::min(behind, backlog), first_.load(std::memory_order_acquire));
}

void Journal::trim() {
  // Without the lock and without looking at every writer: `committed` is not beyond the head.
  const uint64_t head = position_of(head_.load(std::memory_order_acquire));
  if (active() ? internal::window_of(floor_of(head)) <= ring_->oldest() : ring_->footprint() == 0) return;
  internal::Taken taken;
  {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;
    uint64_t floor = floor_of(committed_position());
    if (!active()) floor = committed_position();
    for (const Cursor* cursor : cursors_) {
      floor = std::min(
          floor, cursor->position_.load(std::memory_order_acquire) - base_.load(std::memory_order_relaxed));
    }
    const uint64_t window = internal::window_of(floor);
    ring_->take_before(window, kTrimSegments, &taken);
    const uint64_t oldest = ring_->oldest();
    // The last one only for now: its window goes on where the next history starts.
    if (!active() && oldest == window) ring_->take(window, &taken);
    const uint64_t first = std::max(first_.load(std::memory_order_relaxed), oldest * kSegmentBytes);
    first_.store(first, std::memory_order_release);
  }
  ring_->release(std::move(taken), active());
  if (!active()) ring_->drop_spares();
}

bool Journal::Cursor::open(Journal& journal, uint64_t position) {
  GYRE_CHECK(!is_open());
  std::lock_guard lock(journal.mutex_);
  if (!journal.active()) return false;
  const uint64_t inside = position - journal.base_.load(std::memory_order_relaxed);
  if (inside < journal.first_.load(std::memory_order_relaxed) || inside > journal.committed_position())
    return false;
  position_.store(position, std::memory_order_release);
  journal.cursors_.push_back(this);
  journal_ = &journal;
  return true;
}

void Journal::Cursor::close() {
  if (journal_ == nullptr) return;
  std::lock_guard lock(journal_->mutex_);
  std::erase(journal_->cursors_, this);
  journal_ = nullptr;
}

uint64_t Journal::Cursor::lag() const {
  GYRE_CHECK(is_open());
  return journal_->committed() - position();
}

void Journal::Cursor::advance(uint64_t position) {
  GYRE_CHECK(is_open());
  const uint64_t committed = journal_->committed();
  GYRE_CHECK(position - this->position() <= committed - this->position());
  position_.store(position, std::memory_order_release);
}

size_t Journal::Cursor::peek(uint64_t position, std::span<Slice> out, size_t max_bytes) {
  GYRE_CHECK(is_open());
  const uint64_t base = journal_->base_.load(std::memory_order_relaxed);
  const uint64_t committed = journal_->committed_position();
  uint64_t at = position - base;
  GYRE_CHECK(at >= this->position() - base && at <= committed);
  const uint64_t end = at + std::min<uint64_t>(committed - at, max_bytes);
  size_t count = 0;
  while (at < end) {
    const size_t begin = internal::within(at);
    const size_t size = std::min<uint64_t>(end - at, kSegmentBytes - begin);
    if (!add_part(journal_->ring_->find(internal::window_of(at)), begin, begin + size, out, &count)) break;
    at += size;
  }
  return count;
}

}  // namespace gyre::journal
