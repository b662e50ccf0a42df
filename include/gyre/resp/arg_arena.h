// The arguments of a batch of commands: one contiguous array of views that is reused from batch to batch, so
// that parsing a pipeline allocates nothing in steady state.
//
// An argument views (a) the input the command was parsed from, (b) side storage of this arena, when an inline
// command had quotes or escapes, or (c) a blob that the connection received by itself (a large bulk).
// Views of the first kind live as long as the caller leaves the input bytes where they are; the others
// until clear(). A command is the index range [first, first + count): indices stay valid while the arena
// grows, pointers and spans into the array do not, so take spans once the batch is parsed.
//
// Thread: one at a time, that of the connection that parses. One arena per reactor is enough where a batch is
// parsed and executed without suspending; otherwise one per connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/base/blob.h"

namespace gyre::resp {

using Arg = std::string_view;

class ArgArena {
 public:
  ArgArena() = default;
  ArgArena(const ArgArena&) = delete;
  ArgArena& operator=(const ArgArena&) = delete;
  ~ArgArena();

  uint32_t size() const { return size_; }
  Arg operator[](uint32_t index) const { return args_[index]; }
  std::span<const Arg> command(uint32_t first, uint32_t count) const { return {args_ + first, count}; }
  /// For rewriting commands in place (the array only; the bytes belong to others).
  std::span<Arg> mutable_command(uint32_t first, uint32_t count) { return {args_ + first, count}; }

  /// Forgets arguments, side storage and blobs at the end of a batch, and gives back memory beyond what an
  /// ordinary pipeline needs (kKeepArgs).
  void clear() {
    size_ = 0;
    if (capacity_ > kKeepArgs || extras_) [[unlikely]]
      clear_slow();
  }

  /// The blob behind argument `index` of the arena (first_arg + i), so that SET can adopt it instead of
  /// copying; empty when the argument was not received as a blob. The arena keeps its own reference until
  /// clear(): Blob::unique() holds only afterwards.
  base::Blob blob_of(uint32_t index) const {
    if (!extras_) [[likely]]
      return {};
    return find_blob(index);
  }

  /// Bytes of memory held: the array, side storage, and blobs.
  size_t footprint() const;

  // --- for parsers, and for callers that make commands of their own ---

  /// Adds one argument.
  void push(Arg arg) {
    if (size_ == capacity_) [[unlikely]]
      grow(1);
    args_[size_++] = arg;
  }
  /// Adds one argument that views `blob`, and keeps the blob.
  void push_blob(base::Blob blob);
  /// Room for `count` more arguments, to be filled in and then committed.
  Arg* reserve(uint32_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      grow(count);
    return args_ + size_;
  }
  void commit(uint32_t count) { size_ += count; }
  /// Drops the arguments from `size` on (not their side storage).
  void truncate(uint32_t size);
  /// `bytes` of uninitialised memory at an address that is stable until clear().
  char* store(size_t bytes);

  static constexpr uint32_t kKeepArgs = 16 * 1024;
  static constexpr size_t kChunkBytes = 4096;

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  struct Extras {
    std::vector<Chunk> chunks;
    size_t used = 0;                                     // bytes used of the last chunk
    std::vector<std::pair<uint32_t, base::Blob>> blobs;  // ascending by argument index
  };
  void grow(uint32_t count);
  void clear_slow();
  base::Blob find_blob(uint32_t index) const;
  Extras& extras();

  Arg* args_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
  std::unique_ptr<Extras> extras_;  // only while the batch has side storage or blobs
};

}  // namespace gyre::resp
