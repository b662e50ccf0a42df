#include "gyre/ds/arena.h"

#include <sys/mman.h>

#include <bit>
#include <cerrno>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define GYRE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GYRE_ASAN 1
#endif
#endif
#ifdef GYRE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // Linux 5.14
#endif

namespace gyre::ds {

namespace {
constexpr uint16_t kOnList = 1;
constexpr uint16_t kRuns = 0xffff;  // index of a page of runs
constexpr size_t kRunUnits = 4;
constexpr size_t kSmallPageBytes = 4096;
}  // namespace

/// Record of a page, kept at the region's head under its first unit.
struct Arena::Page {
  void* free;         // freed blocks, last in first out
  uint64_t granules;  // of a page of runs: bit set for each free one
  uint32_t fresh;     // offset in the region of the first block never handed out since the page was taken
  uint16_t used;      // blocks (granules) handed out
  uint16_t capacity;  // blocks (granules) in all; 0 while the unit is free
  uint16_t index;     // size class, or kRuns
  uint16_t flags;     // kOnList: in partial_[index]; of a page of runs: its list
  Page* prev;
  Page* next;

  bool on_list() const { return (flags & kOnList) != 0; }
};

struct Arena::Region {
  static constexpr size_t kWords = kUnits / 64;
  uint64_t free_units[kWords];
  uint64_t touched[kWords];  // units that may hold memory of the system
  Region* prev;
  Region* next;
  int list;        // index into open_, or -1
  bool populated;  // with huge pages
  Page pages[kUnits];

  char* base() { return reinterpret_cast<char*>(this); }
  size_t head_bytes() const { return round_segment(sizeof(Region)); }
  bool any_free() const { return (free_units[0] | free_units[1]) != 0; }
  /// Low bit of each aligned group of four that is wholly free.
  static uint64_t quads(uint64_t word) {
    return word & (word >> 1) & (word >> 2) & (word >> 3) & 0x1111111111111111U;
  }
  bool any_quad() const { return (quads(free_units[0]) | quads(free_units[1])) != 0; }
};

Arena::~Arena() {
  base::account(unreported_ - static_cast<int64_t>(live_bytes_));
  unmap_all();
}

Arena::Region* Arena::region_of(const void* p) {
  return reinterpret_cast<Region*>(reinterpret_cast<uintptr_t>(p) & ~(kRegionBytes - 1));
}

Arena::Page* Arena::page_of(const void* block, size_t bytes) {
  Region* region = region_of(block);
  size_t unit = (reinterpret_cast<uintptr_t>(block) & (kRegionBytes - 1)) / kUnitBytes;
  if (bytes > kMaxEntryBytes) unit &= ~(kRunUnits - 1);
  return &region->pages[unit];
}

void Arena::count(int64_t bytes) {
  live_bytes_ += static_cast<size_t>(bytes);
  unreported_ += bytes;
  if (unreported_ >= kAccountStepBytes || unreported_ <= -kAccountStepBytes) sync_account();
}

void Arena::sync_account() {
  base::account(unreported_);
  unreported_ = 0;
}

void* Arena::allocate(size_t bytes) {
  if (bytes > kMaxEntryBytes) [[unlikely]] {
    if (bytes > kMaxPagedBytes) return allocate_large(bytes);
    return allocate_run((bytes + kGranuleBytes - 1) / kGranuleBytes);
  }
  size_t index = class_index(bytes);
  size_t size = index_size(index);
  Page* page = partial_[index];
  if (page == nullptr) [[unlikely]]
    page = take_page(index);
  void* block = page->free;
  if (block != nullptr) {
    ASAN_UNPOISON_MEMORY_REGION(block, size);
    page->free = *static_cast<void**>(block);
  } else {
    block = region_of(page)->base() + page->fresh;
    page->fresh += static_cast<uint32_t>(size);
    ASAN_UNPOISON_MEMORY_REGION(block, size);
  }
  if (++page->used == page->capacity) {
    partial_[index] = page->next;
    if (page->next != nullptr) page->next->prev = nullptr;
    page->flags = 0;
  }
  count(static_cast<int64_t>(size));
  return block;
}

void Arena::free(void* block, size_t bytes) {
  if (bytes > kMaxEntryBytes) [[unlikely]] {
    if (bytes > kMaxPagedBytes) return free_large(block, bytes);
    return free_run(block, (bytes + kGranuleBytes - 1) / kGranuleBytes);
  }
  size_t index = class_index(bytes);
  size_t size = index_size(index);
  Page* page = page_of(block, bytes);
  GYRE_CHECK(page->index == index && page->used != 0);
  *static_cast<void**>(block) = page->free;
  page->free = block;
  ASAN_POISON_MEMORY_REGION(block, size);
  count(-static_cast<int64_t>(size));
  if (!page->on_list()) {
    page->prev = nullptr;
    page->next = partial_[index];
    if (page->next != nullptr) page->next->prev = page;
    partial_[index] = page;
    page->flags = kOnList;
  }
  if (--page->used == 0) [[unlikely]] {
    if (page->prev != nullptr)
      page->prev->next = page->next;
    else
      partial_[index] = page->next;
    if (page->next != nullptr) page->next->prev = page->prev;
    return_page(page);
  }
}

// One unit, first from regions whose groups of four are broken already; or such a group.
Arena::Page* Arena::take_units(size_t units) {
  bool quad = units == kRunUnits;
  Region* region = quad ? nullptr : open_[0];
  if (region == nullptr) {
    if (open_[1] == nullptr) GYRE_CHECK(open_region());
    region = open_[1];
  }
  auto choices = [&](size_t word) {
    return quad ? Region::quads(region->free_units[word]) : region->free_units[word];
  };
  size_t word = choices(0) != 0 ? 0 : 1;
  auto bit = static_cast<size_t>(std::countr_zero(choices(word)));
  uint64_t mask = (quad ? uint64_t{15} : uint64_t{1}) << bit;
  unlink_region(region);
  region->free_units[word] &= ~mask;
  region->touched[word] |= mask;
  free_units_ -= units;
  page_bytes_ += units * kUnitBytes;
  link_region(region);
  // A region that was filled on demand may now be collapsed into huge pages by the kernel in the background.
  if (!region->any_free() && !region->populated) {
    region->populated = true;
    (void)madvise(region, kRegionBytes, MADV_HUGEPAGE);
  }
  return &region->pages[word * 64 + bit];
}

Arena::Page* Arena::take_page(size_t index) {
  Page* page = take_units(1);
  Region* region = region_of(page);
  auto unit = static_cast<size_t>(page - region->pages);
  size_t begin = unit == 0 ? region->head_bytes() : unit * kUnitBytes;
  auto capacity = static_cast<uint16_t>(((unit + 1) * kUnitBytes - begin) / index_size(index));
  *page =
      Page{nullptr, 0,      static_cast<uint32_t>(begin), 0, capacity, static_cast<uint16_t>(index), kOnList,
           nullptr, nullptr};
  partial_[index] = page;
  return page;
}

// The page is on no list of its kind any more.
void Arena::return_page(Page* page) {
  Region* region = region_of(page);
  auto unit = static_cast<size_t>(page - region->pages);
  size_t units = page->index == kRuns ? kRunUnits : 1;
  page->capacity = 0;
  page->flags = 0;
  unlink_region(region);
  region->free_units[unit / 64] |= (units == kRunUnits ? uint64_t{15} : uint64_t{1}) << (unit % 64);
  free_units_ += units;
  page_bytes_ -= units * kUnitBytes;
  link_region(region);
}

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

void Arena::link_region(Region* region) {
  region->list = region->any_quad() ? 1 : region->any_free() ? 0 : -1;
  if (region->list < 0) return;
  region->prev = nullptr;
  region->next = open_[region->list];
  if (region->next != nullptr) region->next->prev = region;
  open_[region->list] = region;
}

void Arena::unlink_region(Region* region) {
  if (region->list < 0) return;
  if (region->prev != nullptr)
    region->prev->next = region->next;
  else
    open_[region->list] = region->next;
  if (region->next != nullptr) region->next->prev = region->prev;
}

// Puts a further region into use: a prepared one, or one that is faulted in as it is used.
bool Arena::open_region() {
  Region* region;
  if (!spare_.empty()) {
    region = spare_.back();
    spare_.pop_back();
  } else {
    region = map_region();
    if (region == nullptr) return false;
    // Even where the system gives huge pages to all, a demand fault here must not clear 2 MiB.
    (void)madvise(region, kRegionBytes, MADV_NOHUGEPAGE);
    mapped_bytes_ += kRegionBytes;
  }
  regions_.push_back(region);
  for (uint64_t& word : region->free_units) word = ~uint64_t{0};
  for (uint64_t& word : region->touched) word = region->populated ? ~uint64_t{0} : 0;
  region->list = -1;
  free_units_ += kUnits;
  ASAN_POISON_MEMORY_REGION(region->base() + region->head_bytes(), kRegionBytes - region->head_bytes());
  link_region(region);
  return true;
}

// Recent kernels (6.7) align mappings of this size by themselves; otherwise map twice as much and cut.
Arena::Region* Arena::map_region() {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* p = mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  if (reinterpret_cast<uintptr_t>(p) % kRegionBytes == 0) return static_cast<Region*>(p);
  munmap(p, kRegionBytes);
  p = mmap(nullptr, 2 * kRegionBytes, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  auto begin = reinterpret_cast<uintptr_t>(p);
  uintptr_t aligned = (begin + kRegionBytes - 1) & ~(kRegionBytes - 1);
  if (aligned != begin) munmap(p, aligned - begin);
  uintptr_t tail = begin + 2 * kRegionBytes - (aligned + kRegionBytes);
  if (tail != 0) munmap(reinterpret_cast<void*>(aligned + kRegionBytes), tail);
  return reinterpret_cast<Region*>(aligned);
}

void* Arena::prepare_region() {
  Region* region = map_region();
  if (region == nullptr) return nullptr;
  (void)madvise(region, kRegionBytes, MADV_HUGEPAGE);
  if (madvise(region, kRegionBytes, MADV_POPULATE_WRITE) != 0) {
    if (errno == ENOMEM) {
      munmap(region, kRegionBytes);
      return nullptr;
    }
    volatile char* bytes = region->base();  // before Linux 5.14: touch
    for (size_t i = 0; i < kRegionBytes; i += kSmallPageBytes) bytes[i] = 0;
  }
  region->populated = true;
  return region;
}

void Arena::adopt_region(void* region) {
  if (region == nullptr) return;
  spare_.push_back(static_cast<Region*>(region));
  mapped_bytes_ += kRegionBytes;
}

// A shard that grows fast may use up a region between two turns of the background task: large ones keep two.
bool Arena::wants_prefault() const {
  if (regions_.empty() || free_units_ >= kUnits / 2) return false;
  size_t wanted = regions_.size() >= 32 ? 2 : 1;
  return spare_.size() < wanted;
}

Arena::PageUse Arena::page_use(const void* block, size_t bytes) const {
  if (bytes > kMaxPagedBytes) return {1, 1};
  const Page* page = page_of(block, bytes);
  return {page->used, page->capacity};
}

bool Arena::sparse(const void* block, size_t bytes) const {
  if (bytes > kMaxPagedBytes) return false;
  const Page* page = page_of(block, bytes);
  return (page->index == kRuns || page != partial_[page->index]) && page->used * 2u < page->capacity;
}

// Unit 0 is left alone: it begins with the region's own records.
size_t Arena::trim(size_t max_units) {
  size_t given = 0;
  for (size_t turns = 0; turns < regions_.size() && given < max_units; ++turns) {
    if (trim_at_ >= regions_.size()) trim_at_ = 0;
    Region* region = regions_[trim_at_];
    for (size_t unit = 1; unit < kUnits && given < max_units; ++unit) {
      uint64_t bit = uint64_t{1} << (unit % 64);
      if ((region->free_units[unit / 64] & region->touched[unit / 64] & bit) == 0) continue;
      if (madvise(region->base() + unit * kUnitBytes, kUnitBytes, MADV_DONTNEED) != 0) continue;
      region->touched[unit / 64] &= ~bit;
      ++given;
    }
    if (given < max_units) ++trim_at_;
  }
  return given * kUnitBytes;
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

bool Arena::release() {
  if (live_bytes_ != 0) return false;
  sync_account();
  unmap_all();
  for (Page*& page : partial_) page = nullptr;
  for (Page*& page : run_pages_) page = nullptr;
  run_lists_ = 0;
  open_[0] = open_[1] = nullptr;
  page_bytes_ = mapped_bytes_ = free_units_ = trim_at_ = 0;
  return true;
}

void Arena::unmap_all() {
  auto drop = [](void* p, size_t bytes) {
    ASAN_UNPOISON_MEMORY_REGION(p, bytes);
    munmap(p, bytes);
  };
  for (Region* region : regions_) drop(region, kRegionBytes);
  for (Region* region : spare_) drop(region, kRegionBytes);
  for (const Large& large : large_) drop(large.block, large.bytes);
  regions_.clear();
  spare_.clear();
  large_.clear();
}

}  // namespace gyre::ds
