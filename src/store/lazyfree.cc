// The helper thread that frees what commands took out of the keyspace.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

#include "gyre/base/memory.h"
#include "gyre/store/keyspace.h"
#include "gyre/store/object.h"

namespace gyre::store {

namespace {

/// Freeing a blob of this size takes as long as handing it over.
constexpr size_t kSmallBlob = 64 * 1024;
/// The same for an object of so many elements that takes no more than kSmallBlob.
constexpr size_t kSmallObject = 64;
/// Objects are freed by turns, so that a huge one does not keep the memory of all others waiting.
constexpr size_t kBlocksPerTurn = 4096;

using Garbage = std::variant<base::Blob, std::unique_ptr<Database>, std::unique_ptr<Object>>;

bool is_small(const Object& object) {
  return object.size() <= kSmallObject && object.footprint() <= kSmallBlob;
}

/// Large objects: here, or on the helper thread.
void free_database(std::unique_ptr<Database> dropped, bool here) {
  if (!dropped) return;
  if (dropped->blobs != 0) {
    dropped->table.for_each([here](Entry* entry) {
      if (entry->value_in_line()) return;
      if (!entry->is_object()) {
        base::Blob::adopt(reinterpret_cast<void*>(entry->payload())).free_now();
      } else if (std::unique_ptr<Object> object(&entry->object()); !here) {
        free_later(std::move(object));
      }
    });
  }
  dropped->table.abandon();
  dropped->expiries.abandon();
}

class Freer {
 public:
  ~Freer() {
    base::Blob::set_disposer(nullptr);
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  void push(Garbage garbage, uint64_t objects, uint64_t bytes) {
    std::lock_guard lock(mutex_);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    queue_.push_back({std::move(garbage), objects, bytes});
    pending_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    pending_.fetch_add(objects, std::memory_order_relaxed);
    work_.notify_one();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return queue_.empty() && !busy_; });
  }
  uint64_t pending_bytes() const { return pending_bytes_.load(std::memory_order_relaxed); }
  uint64_t pending() const { return pending_.load(std::memory_order_relaxed); }
  uint64_t freed() const { return freed_.load(std::memory_order_relaxed); }

 private:
  struct Item {
    Garbage garbage;
    uint64_t objects, bytes;
  };
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Item item = std::move(queue_.front());
      queue_.pop_front();
      busy_ = true;
      lock.unlock();
      const bool done = free_some(item);
      lock.lock();
      busy_ = false;
      if (!done) queue_.push_back(std::move(item));
      if (queue_.empty()) idle_.notify_all();
    }
  }

  /// True when the item is no more.
  bool free_some(Item& item) {
    if (auto* dropped = std::get_if<std::unique_ptr<Database>>(&item.garbage)) {
      free_database(std::move(*dropped), /*here=*/true);
    } else if (auto* object = std::get_if<std::unique_ptr<Object>>(&item.garbage)) {
      const int64_t before = base::thread_bytes();
      const bool more = (*object)->reclaim(kBlocksPerTurn);
      if (more) {
        const auto freed = static_cast<uint64_t>(std::max<int64_t>(before - base::thread_bytes(), 0));
        forget_bytes(item, std::min(freed, item.bytes));
        return false;
      }
    }
    if (auto* blob = std::get_if<base::Blob>(&item.garbage)) blob->free_now();
    item.garbage = base::Blob();
    forget_bytes(item, item.bytes);
    pending_.fetch_sub(item.objects, std::memory_order_relaxed);
    freed_.fetch_add(item.objects, std::memory_order_relaxed);
    return true;
  }
  void forget_bytes(Item& item, uint64_t bytes) {
    item.bytes -= bytes;
    pending_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  std::mutex mutex_;
  std::condition_variable work_, idle_;
  std::deque<Item> queue_;
  bool busy_ = false, stopping_ = false;
  std::atomic<uint64_t> pending_{0}, pending_bytes_{0}, freed_{0};
  std::thread thread_;
};

Freer& freer() {
  static Freer instance;
  return instance;
}

}  // namespace

void free_now(std::unique_ptr<Database> dropped) { free_database(std::move(dropped), /*here=*/false); }

void free_later(std::unique_ptr<Object> object) {
  if (!object || is_small(*object)) return;
  const size_t bytes = object->footprint();
  freer().push(std::move(object), 1, bytes);
}

void free_later(base::Blob blob) {
  if (blob.capacity() <= kSmallBlob || !blob.unique()) return;
  const size_t bytes = blob.footprint();
  freer().push(std::move(blob), 1, bytes);
}

void free_large_blobs_apart() {
  (void)freer();
  base::Blob::set_disposer([](base::Blob last) noexcept {
    const size_t bytes = last.footprint();
    // No object of the keyspace, so INFO's count of those stays.
    freer().push(std::move(last), 0, bytes);
  });
}

void free_later(std::unique_ptr<Database> dropped) {
  if (!dropped) return;
  const uint64_t objects = dropped->keys.get();
  const size_t bytes = dropped->arena.bytes_live() + dropped->blob_bytes.get();
  freer().push(std::move(dropped), objects, bytes);
}

uint64_t lazyfree_pending() { return freer().pending(); }
uint64_t lazyfree_pending_bytes() { return freer().pending_bytes(); }
uint64_t lazyfreed_objects() { return freer().freed(); }
void drain_lazyfree() { freer().drain(); }

}  // namespace gyre::store
