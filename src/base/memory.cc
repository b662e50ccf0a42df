#include "gyre/base/memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>

#include "gyre/base/check.h"

#ifdef GYRE_MIMALLOC
#include <mimalloc.h>
#endif

namespace gyre::base {
namespace {

// ---- the allocator underneath -----------------------------------------------------------------------------

#ifdef GYRE_MIMALLOC
void* raw_allocate(size_t bytes) { return mi_malloc(bytes); }
// mimalloc 2.0.9 (Debian 12) takes some powers of two, such as 512 bytes at 256, from ordinary pages whose
// blocks are aligned to 128 only. A size that is no multiple of the alignment makes it align for itself.
void* raw_allocate_aligned(size_t bytes, size_t alignment) {
  void* block = mi_malloc_aligned(bytes, alignment);
  if (reinterpret_cast<uintptr_t>(block) % alignment == 0) [[likely]]
    return block;
  mi_free(block);
  block = mi_malloc_aligned(bytes + 1, alignment);
  GYRE_CHECK(reinterpret_cast<uintptr_t>(block) % alignment == 0);
  return block;
}
void* raw_reallocate(void* block, size_t bytes) { return mi_realloc(block, bytes); }
void raw_free(void* block) { mi_free(block); }
size_t raw_usable_size(const void* block) { return mi_usable_size(block); }
void raw_release() { mi_collect(true); }
#else
void* raw_allocate(size_t bytes) { return std::malloc(bytes); }
void* raw_allocate_aligned(size_t bytes, size_t alignment) {
  void* block = nullptr;
  return posix_memalign(&block, std::max(alignment, sizeof(void*)), bytes) == 0 ? block : nullptr;
}
void* raw_reallocate(void* block, size_t bytes) { return std::realloc(block, bytes); }
void raw_free(void* block) { std::free(block); }
size_t raw_usable_size(const void* block) { return malloc_usable_size(const_cast<void*>(block)); }
void raw_release() { malloc_trim(0); }
#endif

// ---- counting ---------------------------------------------------------------------------------------------
//
// One counter a thread. Only its thread writes it, so an update is a relaxed load, an addition and a relaxed
// store: no locked instruction, no shared cache line. A reader walks the list of all counters. When a thread
// ends, its counter stays in the list with its total and is handed to a later thread, which goes on from that
// total: nothing has to be folded into anything, and the list is as long as the most threads there ever were.
//
// All of this runs inside operator new, before main and while threads end: it allocates nothing through new,
// and its statics need neither construction nor destruction.

struct alignas(64) Counter {
  std::atomic<int64_t> bytes{0};
  Counter* next = nullptr;  // the list of all counters; fixed once linked
  bool in_use = true;       // under g_registry_lock
};

constinit std::mutex g_registry_lock;
constinit std::atomic<Counter*> g_counters{nullptr};
// What threads free after their counter was handed back (other libraries' exit hooks).
constinit std::atomic<int64_t> g_late_bytes{0};

pthread_key_t g_exit_key;
bool g_exit_key_made = false;  // under g_registry_lock

enum class ThreadState : unsigned char { kNew, kCounting, kEnded };

thread_local constinit Counter* t_counter = nullptr;
thread_local constinit ThreadState t_state = ThreadState::kNew;

// A pthread key and not a thread_local object: its hook runs after the destructors of all thread_local
// objects, whose frees are still to be counted, and t_counter needs no guard on each access.
void hand_back_counter(void* counter) {
  t_counter = nullptr;
  t_state = ThreadState::kEnded;
  std::lock_guard lock(g_registry_lock);
  static_cast<Counter*>(counter)->in_use = false;
}

Counter* acquire_counter() {
  Counter* counter;
  {
    std::lock_guard lock(g_registry_lock);
    if (!g_exit_key_made) {
      g_exit_key_made = pthread_key_create(&g_exit_key, hand_back_counter) == 0;
      if (!g_exit_key_made) return nullptr;
    }
    counter = g_counters.load(std::memory_order_relaxed);
    while (counter && counter->in_use) counter = counter->next;
    if (counter) {
      counter->in_use = true;
    } else {
      void* place = raw_allocate_aligned(sizeof(Counter), alignof(Counter));
      if (!place) return nullptr;
      counter = new (place) Counter;
      counter->next = g_counters.load(std::memory_order_relaxed);
      g_counters.store(counter, std::memory_order_release);
    }
  }
  pthread_setspecific(g_exit_key, counter);
  return counter;
}

[[gnu::noinline]] void count_slow(int64_t bytes) {
  if (t_state == ThreadState::kNew) {
    t_state = ThreadState::kCounting;
    t_counter = acquire_counter();
  }
  if (Counter* counter = t_counter) {
    counter->bytes.store(counter->bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  } else {
    g_late_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
}

inline void count(int64_t bytes) {
  if (Counter* counter = t_counter) [[likely]] {
    counter->bytes.store(counter->bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  } else {
    count_slow(bytes);
  }
}

inline void* counted(void* block) {
  if (block) [[likely]]
    count(static_cast<int64_t>(raw_usable_size(block)));
  return block;
}

inline void counted_free(void* block) {
  if (!block) return;
  count(-static_cast<int64_t>(raw_usable_size(block)));
  raw_free(block);
}

}  // namespace

void* allocate(size_t bytes) {
  void* block = counted(raw_allocate(bytes));
  GYRE_CHECK(block != nullptr);
  return block;
}

void* reallocate(void* block, size_t bytes) {
  const auto before = block ? static_cast<int64_t>(raw_usable_size(block)) : 0;
  // C leaves realloc to no bytes open; here it is a block like another.
  void* moved = raw_reallocate(block, std::max<size_t>(bytes, 1));
  GYRE_CHECK(moved != nullptr);
  count(static_cast<int64_t>(raw_usable_size(moved)) - before);
  return moved;
}

void deallocate(void* block) noexcept { counted_free(block); }

size_t usable_size(const void* block) { return block ? raw_usable_size(block) : 0; }

void release_free_memory() noexcept { raw_release(); }

void account(int64_t bytes) noexcept { count(bytes); }

int64_t thread_bytes() noexcept {
  const Counter* counter = t_counter;
  return counter ? counter->bytes.load(std::memory_order_relaxed) : 0;
}

int64_t allocated_bytes() {
  int64_t sum = g_late_bytes.load(std::memory_order_relaxed);
  for (Counter* counter = g_counters.load(std::memory_order_acquire); counter; counter = counter->next) {
    sum += counter->bytes.load(std::memory_order_relaxed);
  }
  return sum;
}

size_t resident_bytes() {
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[128];
  const ssize_t got = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (got <= 0) return 0;
  text[got] = '\0';
  char* at = text;
  std::strtoull(at, &at, 10);  // the whole address space comes first
  return std::strtoull(at, nullptr, 10) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace gyre::base

// ---- global new and delete --------------------------------------------------------------------------------
//
// ThreadSanitizer's runtime brings strong definitions of its own that cannot be replaced: there, new is not
// counted, only allocate() and account() are.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GYRE_KEEP_SYSTEM_NEW 1
#endif
#endif

#ifndef GYRE_KEEP_SYSTEM_NEW

namespace gyre::base {
namespace {

// What operator new owes: a block, or what the new-handler makes of the lack of one.
[[gnu::noinline]] void* new_slow(size_t bytes, size_t alignment) {
  while (std::new_handler handler = std::get_new_handler()) {
    handler();
    if (void* block = alignment ? raw_allocate_aligned(bytes, alignment) : raw_allocate(bytes))
      return counted(block);
  }
  throw std::bad_alloc();
}

inline void* new_block(size_t bytes) {
  if (void* block = counted(raw_allocate(bytes))) [[likely]]
    return block;
  return new_slow(bytes, 0);
}

inline void* new_aligned(size_t bytes, size_t alignment) {
  if (void* block = counted(raw_allocate_aligned(bytes, alignment))) [[likely]]
    return block;
  return new_slow(bytes, alignment);
}

}  // namespace
}  // namespace gyre::base

using gyre::base::counted;
using gyre::base::counted_free;
using gyre::base::new_aligned;
using gyre::base::new_block;
using gyre::base::raw_allocate;
using gyre::base::raw_allocate_aligned;

void* operator new(size_t bytes) { return new_block(bytes); }
void* operator new[](size_t bytes) { return new_block(bytes); }
void* operator new(size_t bytes, std::align_val_t a) { return new_aligned(bytes, static_cast<size_t>(a)); }
void* operator new[](size_t bytes, std::align_val_t a) { return new_aligned(bytes, static_cast<size_t>(a)); }

void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return counted(raw_allocate(bytes)); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return counted(raw_allocate(bytes)); }
void* operator new(size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return counted(raw_allocate_aligned(bytes, static_cast<size_t>(a)));
}
void* operator new[](size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return counted(raw_allocate_aligned(bytes, static_cast<size_t>(a)));
}

void operator delete(void* block) noexcept { counted_free(block); }
void operator delete[](void* block) noexcept { counted_free(block); }
void operator delete(void* block, size_t) noexcept { counted_free(block); }
void operator delete[](void* block, size_t) noexcept { counted_free(block); }
void operator delete(void* block, std::align_val_t) noexcept { counted_free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { counted_free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { counted_free(block); }
void operator delete[](void* block, size_t, std::align_val_t) noexcept { counted_free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { counted_free(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { counted_free(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept { counted_free(block); }
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept { counted_free(block); }

#endif  // GYRE_KEEP_SYSTEM_NEW
