// Units and regions: what the arena gets from the system.
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "arena_internal.h"
#include "gyre/base/check.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // Linux 5.14
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // Linux 6.1
#endif

namespace gyre::ds {

using namespace internal;

namespace {
constexpr size_t kSmallPageBytes = 4096;

/// Arenas of the process that hold regions.
std::atomic<size_t> open_arenas{0};
}  // namespace

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
  // A region that was filled on demand may now become huge pages.
  if (!region->any_free() && !region->populated) {
    region->populated = true;
    full_.push_back(region);
  }
  return &region->pages[word * 64 + bit];
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
  if (regions_.empty()) open_arenas.fetch_add(1, std::memory_order_relaxed);
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

void* Arena::next_collapse() {
  if (full_.empty()) return nullptr;
  Region* region = full_.back();
  full_.pop_back();
  return region;
}

void Arena::collapse_region(void* region) {
  if (region == nullptr) return;
  (void)madvise(region, kRegionBytes, MADV_HUGEPAGE);
  (void)madvise(region, kRegionBytes, MADV_COLLAPSE);
}

// A shard that grows fast may use up a region between two turns of the background task: very large ones keep
// two.
bool Arena::wants_prefault() const {
  size_t arenas = open_arenas.load(std::memory_order_relaxed);
  if (regions_.size() < std::min(kPrefaultRegions, arenas) || regions_.empty() || free_units_ >= kUnits / 2)
    return false;
  size_t wanted = regions_.size() >= 4 * kPrefaultRegions ? 2 : 1;
  return spare_.size() < wanted;
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

void Arena::unmap_all() {
  auto drop = [](void* p, size_t bytes) {
    ASAN_UNPOISON_MEMORY_REGION(p, bytes);
    munmap(p, bytes);
  };
  for (Region* region : regions_) drop(region, kRegionBytes);
  for (Region* region : spare_) drop(region, kRegionBytes);
  for (const Large& large : large_) drop(large.block, large.bytes);
  if (!regions_.empty()) open_arenas.fetch_sub(1, std::memory_order_relaxed);
  regions_.clear();
  full_.clear();
  spare_.clear();
  large_.clear();
}

}  // namespace gyre::ds
