// Bytes on their way to a peer: a chain of pooled 16 KiB chunks and of references to counted blobs.
// The writer appends at the tail; the stream takes the whole chain when it sends. Chunks come from a pool of
// the thread, so a connection without pending output holds no memory here.
//
// A chunk holds several pieces when bytes and references alternate, or when the sender has the first part of
// it: a piece that was handed out by front() is never extended, the next one starts behind it in the same
// chunk. Pieces of one chunk are neighbours in the chain, and the last one to go frees the chunk.
//
// Thread: the owning reactor's only.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "gyre/base/blob.h"

namespace gyre::base {

class OutBuffer {
 private:
  struct Chunk;

 public:
  static constexpr size_t kChunkBytes = 16 * 1024;  // headers included

  /// One piece of the chain: either bytes of its own behind the header, or a slice of a blob.
  struct Piece {
    Piece* next = nullptr;
    const char* data = nullptr;
    size_t size = 0;
    size_t room = 0;  // own bytes available in total; 0 for a reference
    Blob blob;        // set for a reference, and for a large append that was copied into a blob of its own
    Chunk* chunk = nullptr;  // where this header lies; null when it was allocated alone
  };

  OutBuffer() = default;
  OutBuffer(const OutBuffer&) = delete;
  OutBuffer& operator=(const OutBuffer&) = delete;
  OutBuffer(OutBuffer&& other) noexcept { swap(other); }
  OutBuffer& operator=(OutBuffer&& other) noexcept {
    clear();
    swap(other);
    return *this;
  }
  ~OutBuffer() { clear(); }
  void swap(OutBuffer& other) noexcept;

  bool empty() const { return size() == 0; }
  /// Bytes not yet consumed.
  size_t size() const { return sealed_bytes_ + static_cast<size_t>(cursor_ - start_); }
  /// Bytes of memory held (chunks, plus referenced blob bytes).
  size_t footprint() const { return footprint_; }
  /// Bytes held by reference (not copied); counted to the client that pins them.
  size_t referenced() const { return referenced_; }

  /// A place for at least `bytes` (at most kMaxReserve) contiguous bytes; commit what was written.
  static constexpr size_t kMaxReserve = 4096;
  char* reserve(size_t bytes) {
    // Also true when there is no chunk yet: both pointers are null.
    if (static_cast<size_t>(limit_ - cursor_) < bytes) [[unlikely]]
      grow();
    return cursor_;
  }
  void commit(size_t bytes) { cursor_ += bytes; }

  void append(std::string_view bytes) {
    // Strictly more, so that null pointers (no chunk yet, or nothing to append) never reach the copy.
    if (static_cast<size_t>(limit_ - cursor_) > bytes.size() && !bytes.empty()) [[likely]] {
      std::memcpy(cursor_, bytes.data(), bytes.size());
      cursor_ += bytes.size();
    } else {
      append_slow(bytes);
    }
  }
  /// Appends a slice of a blob without copying.
  void append_ref(Blob blob, size_t offset, size_t bytes);

  /// For the sender: pieces from the front. Seals the tail first (the next append starts a new piece).
  Piece* front();
  /// Drops `bytes` sent bytes from the front and frees what is done with.
  void consume(size_t bytes);
  void clear();
  /// Moves everything of `other` behind our own bytes.
  void splice(OutBuffer&& other);

  /// A mark to cut back to when a command that already wrote fails. Valid until the next front().
  struct Mark {
    Piece* piece;
    size_t piece_size;
    size_t total;
  };
  Mark mark() {
    // An empty piece may go away; a mark must not point to it.
    if (cursor_ && cursor_ == tail_->data) [[unlikely]]
      drop_empty_tail();
    const size_t piece_size = cursor_ ? static_cast<size_t>(cursor_ - tail_->data) : tail_ ? tail_->size : 0;
    return {tail_, piece_size, size()};
  }
  void rewind(const Mark& mark);
  /// Everything as one string; for tests and for rare paths.
  std::string_view flatten(std::string& scratch) const;

 private:
  // Invariants: the tail piece is open (may be appended to) exactly when cursor_ is set; then its own size
  // field is stale, and its bytes are [tail_->data, cursor_). Only the open piece may be empty. sealed_bytes_
  // counts all bytes of the chain but [start_, cursor_). tail_->chunk is the chunk whose free end can still
  // be used.
  void grow();
  void append_slow(std::string_view bytes);
  void append_blob(Blob blob, size_t offset, size_t bytes, bool reference);
  void seal();
  void close();
  void link(Piece* piece);
  Piece* add_chunk();
  Piece* add_header();
  void open(Piece* piece, size_t piece_size);
  void drop(Piece* piece);
  void drop_empty_tail();

  char* cursor_ = nullptr;  // next free byte of the tail chunk
  char* limit_ = nullptr;
  char* start_ = nullptr;  // first byte of the tail chunk not yet counted in sealed_bytes_
  Piece* head_ = nullptr;
  Piece* tail_ = nullptr;
  size_t sealed_bytes_ = 0;
  size_t footprint_ = 0;
  size_t referenced_ = 0;
};

}  // namespace gyre::base
