// The helper thread that frees what commands took out of the keyspace.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

#include "gyre/store/keyspace.h"

namespace gyre::store {

namespace {

/// Freeing a blob of this size takes as long as handing it over.
constexpr size_t kSmallBlob = 64 * 1024;

using Garbage = std::variant<base::Blob, std::unique_ptr<Database>>;

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
      if (auto* dropped = std::get_if<std::unique_ptr<Database>>(&item.garbage)) free_now(std::move(*dropped));
      if (auto* blob = std::get_if<base::Blob>(&item.garbage)) blob->free_now();
      pending_bytes_.fetch_sub(item.bytes, std::memory_order_relaxed);
      pending_.fetch_sub(item.objects, std::memory_order_relaxed);
      freed_.fetch_add(item.objects, std::memory_order_relaxed);
      lock.lock();
      busy_ = false;
      if (queue_.empty()) idle_.notify_all();
    }
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

void free_now(std::unique_ptr<Database> dropped) {
  if (!dropped) return;
  if (dropped->blobs != 0) {
    dropped->table.for_each([](Entry* entry) {
      if (!entry->value_in_line()) base::Blob::adopt(reinterpret_cast<void*>(entry->payload())).free_now();
    });
  }
  dropped->table.abandon();
  dropped->expiries.abandon();
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
