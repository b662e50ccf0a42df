// A counted byte buffer: the value of a large string, an argument received into its own memory, a part of a
// reply that is sent by reference. Header and bytes are one allocation.
//
// Threads: the count is atomic; the bytes may be changed only while unique() holds and the owner has them to
// itself (a write to a value with references copies it first).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace gyre::base {

class Blob {
 public:
  Blob() = default;
  /// size() bytes of uninitialised content, room for at least `capacity`.
  static Blob create(size_t size, size_t capacity = 0);
  static Blob copy_of(std::string_view bytes);

  Blob(const Blob& other) noexcept : rep_(other.rep_) { if (rep_) rep_->refs.fetch_add(1, std::memory_order_relaxed); }
  Blob(Blob&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Blob& operator=(Blob other) noexcept { std::swap(rep_, other.rep_); return *this; }
  ~Blob() { reset(); }
  void reset() noexcept { if (rep_) release(std::exchange(rep_, nullptr)); }

  explicit operator bool() const { return rep_ != nullptr; }
  char* data() { return reinterpret_cast<char*>(rep_ + 1); }
  const char* data() const { return reinterpret_cast<const char*>(rep_ + 1); }
  size_t size() const { return rep_ ? rep_->size : 0; }
  size_t capacity() const { return rep_ ? rep_->capacity : 0; }
  std::string_view view() const { return rep_ ? std::string_view(data(), rep_->size) : std::string_view(); }
  /// True when nobody else holds a reference (acquire: their reads are done).
  bool unique() const { return rep_ && rep_->refs.load(std::memory_order_acquire) == 1; }
  /// Bytes taken from the allocator.
  size_t footprint() const;

  /// Changes size within capacity. Requires unique().
  void set_size(size_t size) { rep_->size = size; }
  /// Ensures capacity, moving the bytes if needed (large blobs grow by remapping pages, not by copying).
  /// Requires unique() or empty.
  void grow(size_t capacity);

  /// For owners that keep the pointer in packed form (a keyspace entry). detach() gives up the reference
  /// without dropping it; adopt() takes it back.
  void* detach() { return std::exchange(rep_, nullptr); }
  static Blob adopt(void* rep) { Blob b; b.rep_ = static_cast<Rep*>(rep); return b; }
  /// Drops the reference; should it be the last, the memory goes at once, whatever set_disposer() says.
  void free_now() noexcept { if (rep_) release(std::exchange(rep_, nullptr), /*at_once=*/true); }
  /// Whoever drops the last reference to a blob that is a mapping of its own (from 1 MiB: giving back pages takes long)
  /// hands it to this function instead of freeing it. Process-wide; null, as at first: it is freed at once. Any thread;
  /// calls of the former function may still be under way when this returns.
  using Disposer = void (*)(Blob last) noexcept;
  static void set_disposer(Disposer disposer) { disposer_.store(disposer, std::memory_order_release); }

  /// A further reference to a detached blob.
  static Blob share(void* rep) { Blob b = adopt(rep); Blob c = b; (void)b.detach(); return c; }
  /// Views a detached blob without touching its count.
  static std::string_view view_of(const void* rep) {
    auto* r = static_cast<const Rep*>(rep);
    return {reinterpret_cast<const char*>(r + 1), r->size};
  }

 private:
  struct Rep {
    std::atomic<uint32_t> refs;
    uint32_t flags;  // bit 0: the bytes are a mapping of their own
    size_t size;
    size_t capacity;
    size_t mapped;   // length of the mapping, 0 when from the allocator
  };
  static void release(Rep* rep, bool at_once = false) noexcept;
  static std::atomic<Disposer> disposer_;
  Rep* rep_ = nullptr;
};

}  // namespace gyre::base
