// The replication journal: the stream of bytes that replicas follow, in a ring of counted segments. It is the backlog
// for replicas that come back and the only copy that all connected replicas are fed from.
//
// Offsets count bytes as Redis does: after n bytes of history the offset is n, and the next byte has offset n + 1.
// A position here is the number of bytes before it.
//
// Threads: append() by one thread per writer number, inside the gate and with every touched shard held (I4), or with
// the gate closed; no lock, no system call, and no wait on its path. committed() and Cursor::peek() by any thread. Cursors
// are opened, moved and closed by their owner's thread; opening, closing and trim() share a mutex that no writer takes.
// start(), stop() and forget_database() require the gate to be closed.
//
// Writers reserve by one compare-and-swap on a word of {56-bit offset relative to the start, 8-bit database of the last
// SELECT (255: unknown)}, copy, and publish. Each writer has a cache line with a lower bound of what it has not
// published; a reader takes the head first and then all bounds: committed = max(previous, min(head, bounds)).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "gyre/base/blob.h"

namespace gyre::journal {

/// Bytes to append: copied, or, with a blob, referenced (`bytes` then lie in it).
struct Piece {
  std::string_view bytes;
  base::Blob blob;
};

/// One contiguous range of the stream. SELECT goes between `prefix` and `pieces` exactly when first_db is not the
/// database that the stream is at; so MULTI is the prefix, as in Redis. kAnyDb: needs none (PING), changes none.
struct Record {
  static constexpr int kAnyDb = -1;
  std::string_view prefix;
  int first_db = kAnyDb;
  int last_db = kAnyDb;  // the stream's database behind it; SELECTs in between are in the pieces
  std::span<const Piece> pieces;
};

/// Committed bytes that live as long as the blob is held.
struct Slice {
  base::Blob blob;
  size_t offset = 0;
  size_t size = 0;
};

class Journal {
 public:
  /// Pieces with a blob from this size up are referenced instead of copied.
  static constexpr size_t kReferenceBytes = 64 * 1024;
  static constexpr size_t kSegmentBytes = 64 * 1024;

  explicit Journal(unsigned writers);
  /// No cursor may be open.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Begins a history at `offset`; whoever asks for what was before is refused. From now on active().
  void start(uint64_t offset);
  /// Forgets the stream and frees the ring (no cursor may be open); the offset stays.
  void stop();
  /// Somebody may read: writers append exactly while this holds.
  bool active() const { return active_.load(std::memory_order_relaxed); }

  /// Requires active(). Returns the offset behind the record.
  uint64_t append(unsigned writer, const Record& record);
  /// The next record with a database gets its SELECT (the cut of a full sync).
  void forget_database();

  /// Behind everything reserved so far.
  uint64_t head() const;
  /// Everything before this can be read. Never falls. Any thread.
  uint64_t committed();
  /// The position of the oldest byte that is kept.
  uint64_t first() const;

  /// Bytes kept for replicas that come back. Any thread; takes effect with the next trim().
  void set_backlog_bytes(uint64_t bytes) { backlog_bytes_.store(bytes, std::memory_order_relaxed); }
  /// Gives back segments that neither the backlog nor a cursor needs. Cheap when there are none; any thread.
  void trim();
  /// Memory of the ring: its segments, and what it references.
  uint64_t footprint() const;

  class Cursor;

 private:
  // to be filled in by the implementation
  std::atomic<bool> active_{false};
  std::atomic<uint64_t> backlog_bytes_{1 << 20};
};

/// A reader. What lies behind its position is kept for it, however far it lags: its owner decides when that is too much
/// (lag()) and closes it.
class Journal::Cursor {
 public:
  Cursor() = default;
  ~Cursor() { close(); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// False: the position is no longer, or not yet, in the ring.
  bool open(Journal& journal, uint64_t position);
  void close();
  bool is_open() const { return journal_ != nullptr; }
  uint64_t position() const { return position_; }
  /// Committed bytes ahead.
  uint64_t lag() const;
  /// Up to out.size() slices and about `max_bytes` of committed bytes from `position` on (at or after the cursor's own).
  /// Returns how many slices; contiguous, in order, none empty.
  size_t peek(uint64_t position, std::span<Slice> out, size_t max_bytes);
  /// What lies before is not needed any more.
  void advance(uint64_t position);

 private:
  Journal* journal_ = nullptr;
  uint64_t position_ = 0;
};

}  // namespace gyre::journal
