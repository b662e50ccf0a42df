// Units and regions: what the arena gets from the system.
#include <sys/mman.h>

#include "arena_internal.h"
#include "gyre/base/check.h"

namespace gyre::ds {

using namespace internal;

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
  Region* region = nullptr;
  if (regions_.size() >= kPreparedFrom) region = static_cast<Region*>(take_prepared_region());
  const bool prepared = region != nullptr;
  if (!prepared) region = static_cast<Region*>(map_region());
  if (region == nullptr) return false;
  mapped_bytes_ += kRegionBytes;
  regions_.push_back(region);
  for (uint64_t& word : region->free_units) word = ~uint64_t{0};
  for (uint64_t& word : region->touched) word = prepared ? ~uint64_t{0} : 0;
  region->list = -1;
  free_units_ += kUnits;
  ASAN_POISON_MEMORY_REGION(region->base() + region->head_bytes(), kRegionBytes - region->head_bytes());
  link_region(region);
  return true;
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
  for (Region* region : regions_) {
    ASAN_UNPOISON_MEMORY_REGION(region, kRegionBytes);
    unmap_region(region);
  }
  for (const Large& large : large_) {
    ASAN_UNPOISON_MEMORY_REGION(large.block, large.bytes);
    munmap(large.block, large.bytes);
  }
  regions_.clear();
  large_.clear();
}

}  // namespace gyre::ds
