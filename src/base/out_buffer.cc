#include "gyre/base/out_buffer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "chunk_pool.h"
#include "gyre/base/check.h"
#include "gyre/base/memory.h"

namespace gyre::base {

// Memory: this header, then pieces: header, bytes, padding to alignment, header, ...
struct OutBuffer::Chunk {
  Chunk* next_free;
  uint32_t pieces;  // headers that lie in this chunk
  uint32_t used;    // where the next header may go; exact only while no piece of the chunk is open
  char* bytes() { return reinterpret_cast<char*>(this); }
  char* end() { return bytes() + kChunkBytes; }
};

namespace {

constexpr size_t kOwnBlob = 64 * 1024;  // a single append beyond this is one blob instead of many chunks

constexpr size_t aligned(size_t offset, size_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

}  // namespace

void OutBuffer::swap(OutBuffer& other) noexcept {
  std::swap(cursor_, other.cursor_);
  std::swap(limit_, other.limit_);
  std::swap(start_, other.start_);
  std::swap(head_, other.head_);
  std::swap(tail_, other.tail_);
  std::swap(sealed_bytes_, other.sealed_bytes_);
  std::swap(footprint_, other.footprint_);
  std::swap(referenced_, other.referenced_);
}

// Ends the open piece. Its chunk may take another header behind it.
void OutBuffer::seal() {
  if (!cursor_) return;
  tail_->size = static_cast<size_t>(cursor_ - tail_->data);
  tail_->chunk->used =
      static_cast<uint32_t>(aligned(static_cast<size_t>(cursor_ - tail_->chunk->bytes()), alignof(Piece)));
  sealed_bytes_ += static_cast<size_t>(cursor_ - start_);
  close();
}

void OutBuffer::close() { cursor_ = limit_ = start_ = nullptr; }

void OutBuffer::link(Piece* piece) {
  (tail_ ? tail_->next : head_) = piece;
  tail_ = piece;
}

// A header in the free end of the tail's chunk, or null when there is no room for it. Requires: sealed.
OutBuffer::Piece* OutBuffer::add_header() {
  Chunk* chunk = tail_ ? tail_->chunk : nullptr;
  if (!chunk || chunk->used + sizeof(Piece) > kChunkBytes) return nullptr;
  auto* piece = new (chunk->bytes() + chunk->used) Piece;
  piece->chunk = chunk;
  ++chunk->pieces;
  chunk->used += sizeof(Piece);
  return piece;
}

OutBuffer::Piece* OutBuffer::add_chunk() {
  auto* chunk = new (take_pooled_chunk()) Chunk{nullptr, 1, sizeof(Chunk) + sizeof(Piece)};
  static_assert(sizeof(Chunk) % alignof(Piece) == 0);
  auto* piece = new (chunk->bytes() + sizeof(Chunk)) Piece;
  piece->chunk = chunk;
  footprint_ += kChunkBytes;
  return piece;
}

// Makes `piece`, the tail, with own bytes in a chunk, the place where the next bytes go.
void OutBuffer::open(Piece* piece, size_t piece_size) {
  char* base = reinterpret_cast<char*>(piece + 1);
  start_ = cursor_ = base + (piece->data - base) + piece_size;
  limit_ = base + piece->room;
}

// A new open piece with at least kMaxReserve bytes.
void OutBuffer::grow() {
  drop_empty_tail();
  seal();
  Piece* piece = nullptr;
  if (tail_ && tail_->chunk && tail_->chunk->used + sizeof(Piece) + kMaxReserve <= kChunkBytes)
    piece = add_header();
  if (!piece) piece = add_chunk();
  char* base = reinterpret_cast<char*>(piece + 1);
  piece->data = base;
  piece->room = static_cast<size_t>(piece->chunk->end() - base);
  link(piece);
  open(piece, 0);
}

void OutBuffer::append_slow(std::string_view bytes) {
  if (bytes.size() > kOwnBlob) {
    append_blob(Blob::copy_of(bytes), 0, bytes.size(), false);
    return;
  }
  while (!bytes.empty()) {
    if (cursor_ == limit_) grow();
    const size_t part = std::min(bytes.size(), static_cast<size_t>(limit_ - cursor_));
    std::memcpy(cursor_, bytes.data(), part);
    cursor_ += part;
    bytes.remove_prefix(part);
  }
}

void OutBuffer::append_ref(Blob blob, size_t offset, size_t bytes) {
  if (bytes != 0) append_blob(std::move(blob), offset, bytes, true);
}

void OutBuffer::append_blob(Blob blob, size_t offset, size_t bytes, bool reference) {
  GYRE_CHECK(offset <= blob.size() && bytes <= blob.size() - offset);
  drop_empty_tail();
  seal();
  Piece* piece = add_header();
  if (!piece) piece = new (allocate(sizeof(Piece))) Piece;
  piece->blob = std::move(blob);
  piece->data = std::as_const(piece->blob).data() + offset;
  piece->size = bytes;
  piece->room = reference ? 0 : bytes;
  link(piece);
  sealed_bytes_ += bytes;
  footprint_ += bytes;
  if (reference) referenced_ += bytes;
}

// Frees a piece that is no longer linked. Its bytes are already taken off the counts by the caller.
void OutBuffer::drop(Piece* piece) {
  Chunk* chunk = piece->chunk;
  piece->~Piece();
  if (!chunk) {
    deallocate(piece);
  } else if (--chunk->pieces == 0) {
    footprint_ -= kChunkBytes;
    give_pooled_chunk(chunk);
  }
}

// An open piece without bytes (a reserve() that was not used, at a chunk's start) must not stay in the chain
// when something else follows it or when the sender looks. Rare, so walking to its predecessor is no concern.
void OutBuffer::drop_empty_tail() {
  if (!cursor_ || cursor_ != tail_->data) return;
  Piece* empty = tail_;
  Piece* before = nullptr;
  for (Piece* piece = head_; piece != empty; piece = piece->next) before = piece;
  (before ? before->next : head_) = nullptr;
  tail_ = before;
  sealed_bytes_ += static_cast<size_t>(cursor_ - start_);
  close();
  if (before && before->chunk == empty->chunk) {
    before->chunk->used = static_cast<uint32_t>(reinterpret_cast<char*>(empty) - empty->chunk->bytes());
  }
  drop(empty);
}

OutBuffer::Piece* OutBuffer::front() {
  drop_empty_tail();
  if (cursor_) {
    // Whoever rewinds to this piece must not extend it either: the sender has its address and size.
    tail_->room = static_cast<size_t>(cursor_ - reinterpret_cast<char*>(tail_ + 1));
    seal();
  }
  return head_;
}

void OutBuffer::consume(size_t bytes) {
  if (bytes == size()) {
    clear();
    return;
  }
  GYRE_CHECK(bytes < size());
  if (cursor_) {
    sealed_bytes_ += static_cast<size_t>(cursor_ - start_);
    start_ = cursor_;
  }
  sealed_bytes_ -= bytes;
  // Less than everything goes, so the loop ends before it could free the tail.
  while (bytes > 0) {
    Piece* piece = head_;
    const bool is_open = piece == tail_ && cursor_;
    const bool whole = !is_open && bytes >= piece->size;
    const size_t part = whole ? piece->size : bytes;
    if (piece->blob) {
      footprint_ -= part;
      if (piece->room == 0) referenced_ -= part;
    }
    bytes -= part;
    if (whole) {
      head_ = piece->next;
      drop(piece);
    } else {
      piece->data += part;
      if (!is_open) piece->size -= part;
    }
  }
}

void OutBuffer::clear() {
  close();
  Piece* piece = std::exchange(head_, nullptr);
  tail_ = nullptr;
  while (piece) {
    Piece* next = piece->next;
    drop(piece);
    piece = next;
  }
  sealed_bytes_ = footprint_ = referenced_ = 0;
}

void OutBuffer::splice(OutBuffer&& other) {
  if (&other == this) return;
  other.drop_empty_tail();
  if (!other.head_) return;
  drop_empty_tail();
  seal();
  if (!head_) {
    swap(other);
    return;
  }
  tail_->next = other.head_;
  tail_ = other.tail_;
  cursor_ = other.cursor_;
  limit_ = other.limit_;
  start_ = other.start_;
  sealed_bytes_ += other.sealed_bytes_;
  footprint_ += other.footprint_;
  referenced_ += other.referenced_;
  other.close();
  other.head_ = other.tail_ = nullptr;
  other.sealed_bytes_ = other.footprint_ = other.referenced_ = 0;
}

void OutBuffer::rewind(const Mark& mark) {
  if (!mark.piece) {
    clear();
    return;
  }
  close();
  Piece* piece = std::exchange(mark.piece->next, nullptr);
  tail_ = mark.piece;
  while (piece) {
    Piece* next = piece->next;
    if (piece->blob) {
      footprint_ -= piece->size;
      if (piece->room == 0) referenced_ -= piece->size;
    }
    drop(piece);
    piece = next;
  }
  sealed_bytes_ = mark.total;
  if (!tail_->blob) {
    open(tail_, mark.piece_size);
  } else if (tail_->chunk) {
    tail_->chunk->used = static_cast<uint32_t>(reinterpret_cast<char*>(tail_ + 1) - tail_->chunk->bytes());
  }
}

std::string_view OutBuffer::flatten(std::string& scratch) const {
  scratch.clear();
  if (empty()) return {};
  const auto size_of = [this](const Piece* piece) {
    return piece == tail_ && cursor_ ? static_cast<size_t>(cursor_ - piece->data) : piece->size;
  };
  if (size_of(head_) == size()) return {head_->data, size()};
  scratch.reserve(size());
  for (const Piece* piece = head_; piece; piece = piece->next) scratch.append(piece->data, size_of(piece));
  return scratch;
}

}  // namespace gyre::base
