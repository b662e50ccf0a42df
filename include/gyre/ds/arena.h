// Slab memory for what one shard holds many of: keyspace entries, table segments, expiry items.
//
// Owner and thread: one shard; every call under that shard's lock (no atomics, no locks here).
//
// Memory comes from the system in regions of 2 MiB, aligned to 2 MiB. A region's head holds the records of
// its 128 units of 16 KiB. A page of blocks up to 2 KiB is one unit and serves one size class at a time.
// Larger blocks (table segments) are runs of 1 KiB granules in pages of four aligned units, all sizes mixed,
// because segments change their sizes all the time and pages of one size each would stay half empty. A page
// that becomes empty returns to its region and may serve anything.
//
// Small first: the regions of a small arena are mapped on demand, so that only the 4 KiB pages that are touched
// cost memory. An arena that uses kPreparedFrom regions takes prepared ones (region_keeper.h), with huge pages:
// the one that is half empty is then little of the whole. No allocation ever waits for 2 MiB to be cleared.
//
// Invariants:
//  - A block of class size s lies at a multiple of s from its page's first block; pages start on 64-byte
//    boundaries, so blocks whose size is a multiple of 64 are aligned to 64.
//  - What was mapped stays mapped until release() or destruction, although its content may be dropped (trim):
//    prefetching code in other threads may read freed blocks, and must not fault.
//  - bytes_live() is exact: the sum of class sizes of all blocks handed out and not freed.
//  - base::account() has been told bytes_live(), to within kAccountStepBytes (so that used_memory falls when
//    keys are evicted, although their pages stay mapped). sync_account() makes it exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "gyre/ds/region_keeper.h"

namespace gyre::ds {

class Arena {
 public:
  static constexpr size_t kRegionBytes = ds::kRegionBytes;
  static constexpr size_t kUnitBytes = size_t{16} << 10;
  /// Intended upper limit for entries; larger values belong elsewhere (base::Blob).
  static constexpr size_t kMaxEntryBytes = 2048;
  /// Largest block cut from pages. Larger ones (degenerate tables only) get a mapping of their own.
  static constexpr size_t kMaxPagedBytes = size_t{16} << 10;
  static constexpr int64_t kAccountStepBytes = 1024;
  /// Regions in use from which on prepared ones are taken: the newest is then under 3% of the arena. The same for
  /// each arena of a process: with 256 shards it begins at 20 GiB.
  static constexpr size_t kPreparedFrom = 40;

  Arena() = default;
  /// Unmaps everything, whether or not blocks are live: dropping a shard visits no entry.
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A block of at least `bytes` (> 0), aligned to 8. Aborts when the system has no memory.
  void* allocate(size_t bytes);
  /// `bytes` as given to allocate (any value of the same class will do).
  void free(void* block, size_t bytes);
  /// As allocate and free, with alignment 64.
  void* allocate_segment(size_t bytes) { return allocate(round_segment(bytes)); }
  void free_segment(void* block, size_t bytes) { free(block, round_segment(bytes)); }

  /// What a block of `bytes` takes: steps of 8 up to 1,024, of 64 up to 2,048, of 1,024 above.
  static constexpr size_t class_size(size_t bytes) {
    if (bytes <= kFineLimit) return bytes == 0 ? 8 : (bytes + 7) & ~size_t{7};
    if (bytes <= kMaxEntryBytes) return (bytes + 63) & ~size_t{63};
    if (bytes <= kMaxPagedBytes) return (bytes + 1023) & ~size_t{1023};
    return (bytes + 4095) & ~size_t{4095};
  }

  size_t bytes_live() const { return live_bytes_; }
  /// Bytes of live pages: bytes_live() plus free blocks between them.
  size_t bytes_in_pages() const { return page_bytes_; }
  /// Address space held.
  size_t bytes_mapped() const { return mapped_bytes_; }
  void sync_account();

  /// How full the page of a live block is; for moving entries out of sparse pages.
  struct PageUse {
    uint32_t used = 0, capacity = 0;
  };
  PageUse page_use(const void* block, size_t bytes) const;
  /// True when moving the block to a fresh allocation would help to empty its page: less than half of the
  /// page is in use, and it is not the page that allocations of this class come from.
  bool sparse(const void* block, size_t bytes) const;

  /// Gives the content of at most `max_units` free units back to the system (they stay mapped). Returns
  /// bytes.
  size_t trim(size_t max_units);
  /// Unmaps everything if no block is live. Requires that no other thread prefetches from this arena (gate
  /// closed).
  bool release();

 private:
  friend class ArenaPeer;  // tests
  static constexpr size_t kFineLimit = 1024;
  static constexpr size_t kUnits = kRegionBytes / kUnitBytes;
  static constexpr size_t kFineClasses = kFineLimit / 8;
  static constexpr size_t kMiddleClasses = (kMaxEntryBytes - kFineLimit) / 64;
  static constexpr size_t kClasses = kFineClasses + kMiddleClasses;
  static constexpr size_t kGranuleBytes = 1024;
  static constexpr size_t kRunMax = kMaxPagedBytes / kGranuleBytes;

  struct Page;
  struct Region;
  struct Large {
    void* block;
    size_t bytes;
    bool free;
  };

  static constexpr size_t round_segment(size_t bytes) { return (bytes + 63) & ~size_t{63}; }
  static constexpr size_t class_index(size_t bytes) {
    if (bytes <= kFineLimit) return bytes == 0 ? 0 : (bytes - 1) / 8;
    return kFineClasses + (bytes - kFineLimit - 1) / 64;
  }
  static constexpr size_t index_size(size_t index) {
    if (index < kFineClasses) return (index + 1) * 8;
    return kFineLimit + (index - kFineClasses + 1) * 64;
  }
  static Region* region_of(const void* p);
  static Page* page_of(const void* block, size_t bytes);

  void count(int64_t bytes);
  Page* take_units(size_t units);
  Page* take_page(size_t index);
  bool open_region();
  void return_page(Page* page);
  void link_region(Region* region);
  void unlink_region(Region* region);
  void* allocate_run(size_t granules);
  void free_run(void* block, size_t granules);
  void list_run_page(Page* page);
  void unlist_run_page(Page* page);
  void* allocate_large(size_t bytes);
  void free_large(void* block, size_t bytes);
  void unmap_all();

  /// Per class: pages with a block to give, as a doubly linked list; allocation takes from the first.
  Page* partial_[kClasses] = {};
  /// Pages of runs, by their longest free run (16 stands for more), and which of these lists have any.
  Page* run_pages_[kRunMax + 1] = {};
  uint32_t run_lists_ = 0;
  /// Regions with free units: [0] none of them in an aligned group of four, [1] at least one such group.
  Region* open_[2] = {};
  std::vector<Region*> regions_;
  size_t trim_at_ = 0;
  std::vector<Large> large_;
  size_t live_bytes_ = 0;
  size_t page_bytes_ = 0;
  size_t mapped_bytes_ = 0;
  size_t free_units_ = 0;
  int64_t unreported_ = 0;
};

}  // namespace gyre::ds
