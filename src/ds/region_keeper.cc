#include "gyre/ds/region_keeper.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <type_traits>

namespace gyre::ds {

namespace {

constexpr size_t kSmallPageBytes = 4096;
constexpr size_t kStackBytes = size_t{256} << 10;

// Recent kernels (6.7) align mappings of this size by themselves; otherwise map twice as much and cut.
void* map_aligned() {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* p = mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  if (reinterpret_cast<uintptr_t>(p) % kRegionBytes == 0) return p;
  munmap(p, kRegionBytes);
  p = mmap(nullptr, 2 * kRegionBytes, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  auto begin = reinterpret_cast<uintptr_t>(p);
  uintptr_t aligned = (begin + kRegionBytes - 1) & ~(kRegionBytes - 1);
  if (aligned != begin) munmap(p, aligned - begin);
  uintptr_t tail = begin + 2 * kRegionBytes - (aligned + kRegionBytes);
  if (tail != 0) munmap(reinterpret_cast<void*>(aligned + kRegionBytes), tail);
  return reinterpret_cast<void*>(aligned);
}

// On its only core a helper would be taken in for a whole tick of the scheduler (1 to 10 ms) in the middle of a
// command; the page faults that it saves take 11 us each.
bool one_core_only() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return sched_getaffinity(0, sizeof(cores), &cores) == 0 && CPU_COUNT(&cores) == 1;
}

// By touching, not by MADV_POPULATE_WRITE: that keeps the lock of the process's memory map while it clears 2
// MiB, so that an mmap() on a command's path would wait for this thread; a page fault locks its own mapping
// only.
void* prepare_region() {
  void* region = map_aligned();
  if (region == nullptr) return nullptr;
  (void)madvise(region, kRegionBytes, MADV_HUGEPAGE);
  auto* bytes = static_cast<volatile char*>(region);
  for (size_t i = 0; i < kRegionBytes; i += kSmallPageBytes) bytes[i] = 0;
  return region;
}

class Keeper {
 public:
  // Slots instead of a queue with a mutex: a taker never waits for a helper that lost its core.
  void* take() {
    void* region = nullptr;
    for (std::atomic<void*>& slot : slots_) {
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      region = slot.exchange(nullptr, std::memory_order_acquire);
      if (region != nullptr) break;
    }
    if (!running_.load(std::memory_order_acquire)) [[unlikely]]
      start();
    if (!alone_.load(std::memory_order_relaxed)) wake();
    return region;
  }

  size_t ready() const {
    size_t n = 0;
    for (const std::atomic<void*>& slot : slots_)
      n += slot.load(std::memory_order_relaxed) != nullptr ? 1 : 0;
    return n;
  }

  void stop() {
    std::lock_guard lock(mutex_);
    if (!running_.load(std::memory_order_relaxed)) return;
    stopping_.store(true, std::memory_order_relaxed);
    wake();
    pthread_join(thread_, nullptr);
    running_.store(false, std::memory_order_release);
    for (std::atomic<void*>& slot : slots_) {
      if (void* region = slot.exchange(nullptr, std::memory_order_acquire)) unmap_region(region);
    }
  }

 private:
  // Without a thread (the system refused one) arenas go on with mapped regions.
  void start() {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || running_.load(std::memory_order_relaxed)) return;
    alone_.store(one_core_only(), std::memory_order_relaxed);
    if (alone_.load(std::memory_order_relaxed)) return;
    static const int registered = std::atexit(stop_region_keeper);
    (void)registered;
    stopping_.store(false, std::memory_order_relaxed);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    auto body = [](void* self) -> void* {
      static_cast<Keeper*>(self)->run();
      return nullptr;
    };
    running_.store(pthread_create(&thread_, &attributes, body, this) == 0, std::memory_order_release);
    pthread_attr_destroy(&attributes);
  }

  void wake() {
    turn_.fetch_add(1, std::memory_order_release);
    turn_.notify_one();
  }

  void run() {
    pthread_setname_np(pthread_self(), "regions");
    // Waking it does not take the core from the thread that is in the middle of a command. No lower priority
    // than that: while it maps memory it holds a lock that others need.
    const sched_param normal{};
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &normal);
    for (;;) {
      const int turn = turn_.load(std::memory_order_acquire);
      for (std::atomic<void*>& slot : slots_) {
        if (stopping_.load(std::memory_order_relaxed)) return;
        if (slot.load(std::memory_order_relaxed) != nullptr) continue;
        if (void* region = prepare_region()) slot.store(region, std::memory_order_release);
      }
      turn_.wait(turn, std::memory_order_acquire);
    }
  }

  std::atomic<void*> slots_[kPreparedRegions] = {};  // only the helper fills one
  std::atomic<int> turn_{0};                         // changes when there may be something to do
  std::atomic<bool> running_{false};
  std::atomic<bool> alone_{false};  // no core for a helper: looked at again with every region
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // starting and stopping
  pthread_t thread_{};
};

// Arenas of static objects may still ask for regions while the process ends.
constinit Keeper keeper;
static_assert(std::is_trivially_destructible_v<Keeper>);

}  // namespace

void* map_region() {
  void* region = map_aligned();
  if (region != nullptr) (void)madvise(region, kRegionBytes, MADV_NOHUGEPAGE);
  return region;
}

void unmap_region(void* region) { munmap(region, kRegionBytes); }
void* take_prepared_region() { return keeper.take(); }
size_t prepared_regions() { return keeper.ready(); }
void stop_region_keeper() { keeper.stop(); }

}  // namespace gyre::ds
