#include "segment_ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"

namespace gyre::journal::internal {
namespace {

constexpr size_t kDirectoryBytes = Journal::kMaxSegments * sizeof(std::atomic<Segment*>);

std::atomic<Segment*>* map_directory() {
  void* place = mmap(nullptr, kDirectoryBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  GYRE_CHECK(place != MAP_FAILED);
  // Zero pages are arrays of null pointers.
  return static_cast<std::atomic<Segment*>*>(place);
}

}  // namespace

SegmentRing::SegmentRing()
    : slots_(map_directory()),
      slots_per_page_(static_cast<size_t>(sysconf(_SC_PAGESIZE)) / sizeof(std::atomic<Segment*>)) {}

SegmentRing::~SegmentRing() {
  drop_spares();
  munmap(slots_, kDirectoryBytes);
}

Segment& SegmentRing::obtain(uint64_t window) {
  // `oldest_` moves on after the slots before it were emptied: with this value, what the slot held a ring ago
  // is seen gone.
  GYRE_CHECK(window - oldest_.load(std::memory_order_acquire) < Journal::kMaxSegments);
  std::atomic<Segment*>& place = slot(window);
  Segment* present = place.load(std::memory_order_acquire);
  if (present == nullptr) {
    auto fresh = std::make_unique<Segment>(window);
    if (place.compare_exchange_strong(present, fresh.get(), std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
      present = fresh.release();
      footprint_.fetch_add(base::usable_size(present), std::memory_order_relaxed);
    }
  }
  GYRE_CHECK(present->window == window);
  return *present;
}

char* SegmentRing::bytes_of(Segment& segment) {
  void* present = segment.bytes.load(std::memory_order_acquire);
  if (present == nullptr) {
    base::Blob fresh = take_spare();
    if (!fresh) {
      fresh = base::Blob::create(Journal::kSegmentBytes);
      allocations_.fetch_add(1, std::memory_order_relaxed);
    }
    size_t size = fresh.footprint();
    void* mine = fresh.detach();
    if (segment.bytes.compare_exchange_strong(present, mine, std::memory_order_acq_rel,
                                              std::memory_order_acquire)) {
      footprint_.fetch_add(size, std::memory_order_relaxed);
      present = mine;
    } else {
      fresh = base::Blob::adopt(mine);
      (void)keep_spare(&fresh);
    }
  }
  return const_cast<char*>(base::Blob::view_of(present).data());
}

base::Blob SegmentRing::take_spare() {
  for (std::atomic<void*>& spare : spares_)
    if (spare.load(std::memory_order_relaxed) != nullptr)
      if (void* blob = spare.exchange(nullptr, std::memory_order_acquire)) return base::Blob::adopt(blob);
  return {};
}

bool SegmentRing::keep_spare(base::Blob* blob) {
  for (std::atomic<void*>& spare : spares_) {
    if (spare.load(std::memory_order_relaxed) != nullptr) continue;
    void* mine = blob->detach();
    void* nothing = nullptr;
    if (spare.compare_exchange_strong(nothing, mine, std::memory_order_release, std::memory_order_relaxed)) return true;
    *blob = base::Blob::adopt(mine);
  }
  return false;
}

void SegmentRing::drop_spares() {
  while (take_spare()) {
  }
}

void SegmentRing::refer(Segment& segment, size_t begin, size_t end, const base::Blob& blob,
                        size_t blob_offset, bool last) {
  Reference& reference = begin == 0 ? segment.front : segment.back;
  GYRE_CHECK(reference.begin.load(std::memory_order_relaxed) == Journal::kSegmentBytes);
  reference.end = static_cast<uint32_t>(end);
  reference.blob = blob;
  reference.blob_offset = blob_offset;
  // The blob stays until the last of its segments goes, and segments go in order.
  reference.counted = last ? blob.footprint() : 0;
  footprint_.fetch_add(reference.counted, std::memory_order_relaxed);
  reference.begin.store(static_cast<uint32_t>(begin), std::memory_order_release);
}

const Segment& SegmentRing::find(uint64_t window) const {
  const Segment* present = slot(window).load(std::memory_order_acquire);
  GYRE_CHECK(present != nullptr && present->window == window);
  return *present;
}

void SegmentRing::take_before(uint64_t window, size_t most, Taken* taken) {
  uint64_t next = oldest_.load(std::memory_order_relaxed);
  for (; next < window && most > 0; ++next, --most) {
    take(next, taken);
    if ((next + 1) % slots_per_page_ == 0) give_back_page(next);
  }
  oldest_.store(next, std::memory_order_release);
}

void SegmentRing::take(uint64_t window, Taken* taken) {
  if (Segment* segment = slot(window).exchange(nullptr, std::memory_order_acq_rel))
    taken->emplace_back(segment);
}

// The page whose last slot is that of `window`; all its slots are empty, and stay so until oldest_ is past
// it.
void SegmentRing::give_back_page(uint64_t window) {
  std::atomic<Segment*>* page = &slot(window + 1 - slots_per_page_);
  (void)madvise(static_cast<void*>(page), slots_per_page_ * sizeof(*page), MADV_DONTNEED);
}

void SegmentRing::release(Taken taken, bool keep) {
  uint64_t freed = 0;
  for (std::unique_ptr<Segment>& segment : taken) {
    freed += base::usable_size(segment.get()) + segment->front.counted + segment->back.counted;
    if (void* bytes = segment->bytes.exchange(nullptr, std::memory_order_relaxed)) {
      base::Blob blob = base::Blob::adopt(bytes);
      freed += blob.footprint();
      // A slice that is still being sent keeps it: then it goes with that.
      if (keep && blob.unique()) (void)keep_spare(&blob);
    }
    segment.reset();
  }
  footprint_.fetch_sub(freed, std::memory_order_relaxed);
}

}  // namespace gyre::journal::internal
