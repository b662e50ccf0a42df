// The ring under the journal: segments of the position space, found by their window number (position /
// kSegmentBytes).
//
// The index is a fixed directory of atomic pointers, window modulo kMaxSegments, so that it never has to be
// resized under its readers. It is a mapping (32 MiB of address space) whose pages come with use and are
// given back as the windows in them are dropped.
//
// Who may touch what, which the journal sees to:
//   - obtain(), bytes_of(), refer(): writers, for windows of what they have reserved and not yet published;
//   several at a time.
//   - find() and what it gives: readers, for windows with committed bytes that a cursor or the dropper's
//   mutex holds.
//   - take_before(), take(): one thread at a time, for windows that nobody reads and all writers are past.
//
// Memory of segments that nobody reads any more is kept for those to come, as much as a backlog of the default size: fresh
// pages cost more than the bytes that go into them (4 us of system time a page on a virtual machine, 66 short commands), and
// the allocator gives such blocks back to the system.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gyre/base/blob.h"
#include "gyre/journal/journal.h"

namespace gyre::journal::internal {

constexpr uint64_t window_of(uint64_t position) { return position / Journal::kSegmentBytes; }
constexpr size_t within(uint64_t position) { return position % Journal::kSegmentBytes; }

/// A part [begin, end) of a segment that is not in its own bytes but in a blob. Written by the one writer
/// that reserved it, `begin` last.
struct Reference {
  std::atomic<uint32_t> begin{Journal::kSegmentBytes};  // none yet
  uint32_t end = 0;
  size_t blob_offset = 0;  // where `begin` is in the blob
  size_t counted = 0;      // this reference's share in the footprint
  base::Blob blob;
};

struct Segment {
  explicit Segment(uint64_t w) : window(w) {}
  ~Segment() { (void)base::Blob::adopt(bytes.load(std::memory_order_relaxed)); }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const uint64_t window;
  std::atomic<void*> bytes{
      nullptr};  // a detached blob of kSegmentBytes, from the first writer who copies into it
  // Referenced parts are at least as long as a segment. So one at most holds the segment's first byte, and
  // one at most begins behind it.
  Reference front;
  Reference back;
};
/// Segments taken out of the ring, oldest first.
using Taken = std::vector<std::unique_ptr<Segment>>;
static_assert(Journal::kReferenceBytes >= Journal::kSegmentBytes);

class SegmentRing {
 public:
  SegmentRing();
  ~SegmentRing();
  SegmentRing(const SegmentRing&) = delete;
  SegmentRing& operator=(const SegmentRing&) = delete;

  Segment& obtain(uint64_t window);
  /// The segment's own bytes.
  char* bytes_of(Segment& segment);
  /// Bytes [begin, end) of the segment are in `blob` from `blob_offset` on. `last`: this is the referenced
  /// part's end.
  void refer(Segment& segment, size_t begin, size_t end, const base::Blob& blob, size_t blob_offset,
             bool last);

  const Segment& find(uint64_t window) const;

  /// No segment below this window.
  uint64_t oldest() const { return oldest_.load(std::memory_order_acquire); }
  /// Takes out up to `most` segments of windows before `window`, and adds them to `taken`.
  void take_before(uint64_t window, size_t most, Taken* taken);
  /// Takes out that of one window, which may come again.
  void take(uint64_t window, Taken* taken);
  /// Frees what was taken, without a lock held. `keep`: some of the memory is wanted again.
  void release(Taken taken, bool keep);
  void drop_spares();
  /// How often memory for a segment came from the allocator; for tests.
  uint64_t allocations() const { return allocations_.load(std::memory_order_relaxed); }

  uint64_t footprint() const { return footprint_.load(std::memory_order_relaxed); }

 private:
  std::atomic<Segment*>& slot(uint64_t window) const { return slots_[window % Journal::kMaxSegments]; }
  void give_back_page(uint64_t window);
  base::Blob take_spare();
  bool keep_spare(base::Blob* blob);

  std::atomic<Segment*>* const slots_;
  const size_t slots_per_page_;
  alignas(64) std::atomic<uint64_t> oldest_{0};
  std::atomic<uint64_t> footprint_{0};
  std::atomic<uint64_t> allocations_{0};
  static constexpr size_t kSpares = 16;
  std::array<std::atomic<void*>, kSpares> spares_{};  // detached blobs of kSegmentBytes that nobody else refers to
};

}  // namespace gyre::journal::internal
