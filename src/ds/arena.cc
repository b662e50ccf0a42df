#include "gyre/ds/arena.h"

#include "arena_internal.h"
#include "gyre/base/check.h"
#include "gyre/base/memory.h"

namespace gyre::ds {

using namespace internal;

Arena::~Arena() {
  base::account(unreported_ - static_cast<int64_t>(live_bytes_));
  unmap_all();
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

}  // namespace gyre::ds
