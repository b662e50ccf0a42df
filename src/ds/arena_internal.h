// Records of the arena, shared by its bodies.
#pragma once

#include <bit>
#include <cstdint>

#include "gyre/ds/arena.h"

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

namespace gyre::ds {

namespace internal {
constexpr uint16_t kOnList = 1;
constexpr uint16_t kRuns = 0xffff;  // index of a page of runs
constexpr size_t kRunUnits = 4;
}  // namespace internal

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

  bool on_list() const { return (flags & internal::kOnList) != 0; }
};

struct Arena::Region {
  static constexpr size_t kWords = kUnits / 64;
  uint64_t free_units[kWords];
  uint64_t touched[kWords];  // units that may hold memory of the system
  Region* prev;
  Region* next;
  int list;  // index into open_, or -1
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

inline Arena::Region* Arena::region_of(const void* p) {
  return reinterpret_cast<Region*>(reinterpret_cast<uintptr_t>(p) & ~(kRegionBytes - 1));
}

inline Arena::Page* Arena::page_of(const void* block, size_t bytes) {
  Region* region = region_of(block);
  size_t unit = (reinterpret_cast<uintptr_t>(block) & (kRegionBytes - 1)) / kUnitBytes;
  if (bytes > kMaxEntryBytes) unit &= ~(internal::kRunUnits - 1);
  return &region->pages[unit];
}

}  // namespace gyre::ds
