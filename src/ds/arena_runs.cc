// Blocks above 2 KiB: runs of granules, and mappings of their own.
#include <sys/mman.h>

#include "arena_internal.h"
#include "gyre/base/check.h"

namespace gyre::ds {

using namespace internal;

// Best fit over pages: from one whose longest free run is the shortest that suffices.
void* Arena::allocate_run(size_t granules) {
  uint32_t fitting = run_lists_ >> granules;
  Page* page;
  if (fitting != 0) {
    page = run_pages_[granules + static_cast<size_t>(std::countr_zero(fitting))];
    unlist_run_page(page);
  } else {
    page = take_units(kRunUnits);
    Region* region = region_of(page);
    size_t head = page == region->pages ? (region->head_bytes() + kGranuleBytes - 1) / kGranuleBytes : 0;
    *page = Page{nullptr, ~uint64_t{0} << head, 0, 0, static_cast<uint16_t>(64 - head), kRuns, 0, nullptr,
                 nullptr};
  }
  uint64_t starts = page->granules;
  for (size_t i = 1; i < granules; ++i) starts &= page->granules >> i;
  auto at = static_cast<size_t>(std::countr_zero(starts));
  page->granules &= ~(((uint64_t{1} << granules) - 1) << at);
  page->used += static_cast<uint16_t>(granules);
  list_run_page(page);
  auto unit = static_cast<size_t>(page - region_of(page)->pages);
  char* block = region_of(page)->base() + unit * kUnitBytes + at * kGranuleBytes;
  ASAN_UNPOISON_MEMORY_REGION(block, granules * kGranuleBytes);
  count(static_cast<int64_t>(granules * kGranuleBytes));
  return block;
}

void Arena::free_run(void* block, size_t granules) {
  Page* page = page_of(block, kMaxPagedBytes);
  size_t at = (reinterpret_cast<uintptr_t>(block) & (kRunUnits * kUnitBytes - 1)) / kGranuleBytes;
  uint64_t mask = ((uint64_t{1} << granules) - 1) << at;
  GYRE_CHECK(page->index == kRuns && page->used >= granules && (page->granules & mask) == 0);
  ASAN_POISON_MEMORY_REGION(block, granules * kGranuleBytes);
  count(-static_cast<int64_t>(granules * kGranuleBytes));
  unlist_run_page(page);
  page->granules |= mask;
  page->used -= static_cast<uint16_t>(granules);
  if (page->used == 0)
    return_page(page);
  else
    list_run_page(page);
}

void Arena::list_run_page(Page* page) {
  size_t longest = 0;
  for (uint64_t runs = page->granules; runs != 0 && longest < kRunMax; ++longest) runs &= runs >> 1;
  page->flags = static_cast<uint16_t>(longest);
  page->prev = nullptr;
  page->next = run_pages_[longest];
  if (page->next != nullptr) page->next->prev = page;
  run_pages_[longest] = page;
  if (longest != 0) run_lists_ |= 1u << longest;
}

void Arena::unlist_run_page(Page* page) {
  size_t longest = page->flags;
  if (page->prev != nullptr)
    page->prev->next = page->next;
  else
    run_pages_[longest] = page->next;
  if (page->next != nullptr) page->next->prev = page->prev;
  if (run_pages_[longest] == nullptr) run_lists_ &= ~(1u << longest);
}

// Kept mapped and found again by size: see the invariant about prefetching threads.
void* Arena::allocate_large(size_t bytes) {
  size_t size = class_size(bytes);
  count(static_cast<int64_t>(size));
  page_bytes_ += size;
  for (Large& large : large_) {
    if (!large.free || large.bytes != size) continue;
    large.free = false;
    ASAN_UNPOISON_MEMORY_REGION(large.block, size);
    return large.block;
  }
  void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  GYRE_CHECK(p != MAP_FAILED);
  mapped_bytes_ += size;
  large_.push_back({p, size, false});
  return p;
}

void Arena::free_large(void* block, size_t bytes) {
  size_t size = class_size(bytes);
  for (Large& large : large_) {
    if (large.block != block) continue;
    GYRE_CHECK(!large.free && large.bytes == size);
    large.free = true;
    (void)madvise(block, size, MADV_DONTNEED);
    ASAN_POISON_MEMORY_REGION(block, size);
    count(-static_cast<int64_t>(size));
    page_bytes_ -= size;
    return;
  }
  GYRE_CHECK(!"a block that this arena handed out");
}

}  // namespace gyre::ds
