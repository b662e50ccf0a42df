// Memory of coroutine frames: per-thread free lists by 64-byte classes. Bounded, because a frame may be made
// on one thread and freed on another, which would otherwise collect all frames of the first.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>

#include "gyre/base/log.h"
#include "gyre/coro/task.h"

namespace gyre::coro {
namespace detail {
namespace {

constexpr size_t kClassBytes = 64;
constexpr size_t kLargestPooled = 4096;
constexpr size_t kClasses = kLargestPooled / kClassBytes;
constexpr size_t kKeptBytes = 2 << 20;  // per thread
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GYRE_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef GYRE_ADDRESS_SANITIZER
constexpr bool kPooled = false;  // the sanitizer should see frames used after they were freed
#else
constexpr bool kPooled = true;
#endif

struct FreeFrame {
  FreeFrame* next;
};

class FramePool;

// The pools of living threads, and what ended threads left in balance.
struct Registry {
  std::mutex mutex;
  FramePool* first = nullptr;
  int64_t ended = 0;
};
Registry& registry() {
  static Registry* instance = new Registry;  // never destroyed: threads may end after main
  return *instance;
}

class FramePool {
 public:
  FramePool() {
    Registry& r = registry();
    std::lock_guard lock(r.mutex);
    next_ = r.first;
    r.first = this;
  }
  ~FramePool();

  void* allocate(size_t bytes) {
    count(1);
    const size_t index = (bytes - 1) / kClassBytes;
    if (index >= kClasses) return ::operator new(bytes);
    if (FreeFrame* frame = lists_[index]) {
      lists_[index] = frame->next;
      kept_ -= (index + 1) * kClassBytes;
      return frame;
    }
    return ::operator new((index + 1) * kClassBytes);
  }
  void free(void* block, size_t bytes) noexcept {
    count(-1);
    const size_t index = (bytes - 1) / kClassBytes;
    if (kPooled && index < kClasses && kept_ < kKeptBytes) {
      auto* frame = static_cast<FreeFrame*>(block);
      frame->next = lists_[index];
      lists_[index] = frame;
      kept_ += (index + 1) * kClassBytes;
      return;
    }
    ::operator delete(block);
  }
  int64_t live() const { return live_.load(std::memory_order_relaxed); }
  FramePool* next() const { return next_; }

 private:
  // Only this thread writes; others read for live_frames(). No read-modify-write needed.
  void count(int64_t change) {
    live_.store(live_.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }

  FreeFrame* lists_[kClasses] = {};
  size_t kept_ = 0;
  std::atomic<int64_t> live_{0};
  FramePool* next_ = nullptr;
};

// Frames of statics may die after this thread's pool.
thread_local constinit bool pool_gone = false;

FramePool::~FramePool() {
  for (FreeFrame* list : lists_) {
    while (list) {
      FreeFrame* next = list->next;
      ::operator delete(list);
      list = next;
    }
  }
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  r.ended += live();
  for (FramePool** place = &r.first; *place; place = &(*place)->next_) {
    if (*place != this) continue;
    *place = next_;
    break;
  }
  pool_gone = true;
}

FramePool& pool() {
  thread_local FramePool instance;
  return instance;
}

void count_without_pool(int64_t change) {
  std::lock_guard lock(registry().mutex);
  registry().ended += change;
}

}  // namespace

void* allocate_frame(size_t bytes) {
  if (!pool_gone) return pool().allocate(bytes);
  count_without_pool(1);
  const size_t index = (bytes - 1) / kClassBytes;
  return ::operator new(index < kClasses ? (index + 1) * kClassBytes : bytes);
}

void free_frame(void* frame, size_t bytes) noexcept {
  if (!pool_gone) return pool().free(frame, bytes);
  count_without_pool(-1);
  ::operator delete(frame);
}

void unhandled_exception_in_task() noexcept {
  try {
    throw;
  } catch (const std::exception& e) {
    base::log(base::LogLevel::kWarning, "Exception left a coroutine: %s", e.what());
  } catch (...) {
    base::log(base::LogLevel::kWarning, "Exception left a coroutine");
  }
  std::abort();
}

}  // namespace detail

size_t live_frames() {
  detail::Registry& r = detail::registry();
  std::lock_guard lock(r.mutex);
  int64_t total = r.ended;
  for (detail::FramePool* pool = r.first; pool; pool = pool->next()) total += pool->live();
  return static_cast<size_t>(total > 0 ? total : 0);
}

}  // namespace gyre::coro
