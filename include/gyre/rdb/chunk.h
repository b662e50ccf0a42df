// The form in which an RDB image travels: pieces of bytes in counted buffers, never copied again.
//
// A ChunkBuilder fills buffers of a fixed capacity and puts references to large values between them, so that
// a value of any size costs a count and no copy. One owner at a time; the pieces taken out may go to another
// thread, the builder never writes again to bytes it has given out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/base/blob.h"

namespace gyre::rdb {

/// `size` bytes of a buffer, from `offset`.
struct Chunk {
  base::Blob blob;
  size_t offset = 0;
  size_t size = 0;

  std::string_view view() const { return blob.view().substr(offset, size); }
};

class ChunkBuilder {
 public:
  /// With the buffer's own head it is 64 KiB, which allocators have a class for.
  static constexpr size_t kDefaultCapacity = (size_t{64} << 10) - 64;

  /// Buffers hold `capacity` bytes; a single append that needs more gets one of its own size.
  explicit ChunkBuilder(size_t capacity = kDefaultCapacity) : capacity_(capacity) {}
  /// What was moved from may only be destroyed.
  ChunkBuilder(ChunkBuilder&&) = default;
  ChunkBuilder& operator=(ChunkBuilder&&) = default;

  /// Room for at least `bytes` (contiguous), to be followed by advance() before anything else.
  char* reserve(size_t bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes) [[unlikely]]
      open(bytes);
    return at_;
  }
  /// What was written in the room reserved ends here.
  void advance(char* end) { at_ = end; }

  void append(char byte) {
    char* at = reserve(1);
    *at = byte;
    advance(at + 1);
  }
  void append(std::string_view bytes) {
    char* at = reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    advance(at + bytes.size());
  }
  /// The whole of `blob` by reference. Its bytes must not change as long as somebody else holds it.
  void append_reference(base::Blob blob);

  /// Bytes since the last take().
  size_t bytes() const { return closed_bytes_ + static_cast<size_t>(at_ - begin_); }
  bool empty() const { return bytes() == 0; }
  /// Memory that the pieces hold: whole buffers, and what is referred to.
  size_t footprint() const { return footprint_; }
  size_t capacity() const { return capacity_; }
  /// All pieces in order. The rest of the last buffer is given up with them.
  std::vector<Chunk> take();
  /// Forgets everything.
  void clear();

 private:
  void open(size_t bytes);
  void close();

  size_t capacity_;
  base::Blob blob_;        // being filled; its size() is its whole room
  char* begin_ = nullptr;  // what is in it and not yet a piece
  char* at_ = nullptr;
  char* end_ = nullptr;
  size_t closed_bytes_ = 0;  // in pieces_
  size_t footprint_ = 0;
  std::vector<Chunk> pieces_;
};

}  // namespace gyre::rdb
