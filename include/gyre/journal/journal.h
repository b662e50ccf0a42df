// The replication journal: the stream of bytes that replicas follow, in a ring of counted segments. It is the
// backlog for replicas that come back and the only copy that all connected replicas are fed from. (The AOF
// has one of its own.)
//
// Offsets count bytes as Redis does: after n bytes of history the offset is n, and the next byte has offset n
// + 1. A position here is the number of bytes before it.
//
// Threads: append() by one thread per writer number, inside the gate and with every touched shard held (I4),
// or with the gate closed; no lock, no wait, and no system call but the allocator's on its path. committed()
// and Cursor::peek() by any thread. Cursors are opened, moved and closed by their owner's thread; opening,
// closing and trim() share a mutex that no writer takes. start(), stop() and forget_database() require the
// gate to be closed.
//
// How bytes become readable
// -------------------------
// All positions inside are relative to where the ring began, never fall and are never used twice, not even
// over stop() and start(): only `base_`, which makes offsets of them, changes there. They have 56 bits: a
// check stops the process after 72 PB appended.
//
//   writer   1  bound = head's position             store, release
//            2  reserve: head += size               compare-and-swap, release
//            3  copy                                plain stores
//            4  bound = none                        store, release
//   reader   5  head                                load, acquire
//            6  every bound                         loads, acquire
//            7  committed = max(committed, least)   load acquire, compare-and-swap acq_rel
//
// The word that 2 swaps is {56-bit position, 8-bit database of the last SELECT, 255 when unknown}, so that
// the need for SELECT is decided together with the place. What a bound holds is not above what its writer
// then reserves, because the head never falls.
//
// Claim: all bytes before `least` (of 5 and 6) are there for the reader. Take a reservation [a, b) that 5
// covers, b <= head. Its swap is at or before what 5 read; all changes of the head are read-modify-writes, so
// 5 reads from a release sequence that the swap began, and 1 of this record happens before 6. So 6 finds the
// bound of 1, or a later one:
//   - that of 1: then least <= a, and the record is not claimed;
//   - that of 4, or 1 or 4 of a record after it: a release store that 3 comes before, so the bytes are there.
// It breaks when 1 comes after 2, when 6 comes before 5, or when any of these orders is weaker:
// tests/unit/journal/commit_model_test.cc explores all executions of small cases, and of each of these
// faults. A reader that takes `committed` from 7 of another inherits what that one had seen. Nothing ever
// waits: a writer that is slow between 1 and 4 holds `committed` back, and no other writer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "gyre/base/blob.h"

namespace gyre::journal {

namespace internal {
class SegmentRing;
}

/// Bytes to append: copied, or, with a blob, referenced (`bytes` then lie in it, and stay as they are).
struct Piece {
  std::string_view bytes;
  base::Blob blob;
};

/// One contiguous range of the stream. SELECT goes between `prefix` and `pieces` exactly when first_db is not
/// the database that the stream is at; so MULTI is the prefix, as in Redis. kAnyDb: needs none (PING),
/// changes none. Databases from 255 up are not remembered: they get their SELECT each time.
struct Record {
  using Piece = journal::Piece;
  static constexpr int kAnyDb = -1;
  std::string_view prefix;
  int first_db = kAnyDb;
  /// The stream's database behind it (kAnyDb: first_db). SELECTs in between are in the pieces.
  int last_db = kAnyDb;
  std::span<const Piece> pieces;
};

/// Committed bytes that live as long as the blob is held.
struct Slice {
  base::Blob blob;
  size_t offset = 0;
  size_t size = 0;
  std::string_view view() const { return blob.view().substr(offset, size); }
};

class Journal {
 public:
  /// Pieces with a blob from this size up are referenced instead of copied.
  static constexpr size_t kReferenceBytes = 64 * 1024;
  /// What a segment covers. A little less than a power of two, so that with its header it fills the
  /// allocator's class of 64 KiB instead of the next one of 80.
  static constexpr size_t kSegmentBytes = 64 * 1024 - 64;
  /// Bound on what the ring can span (256 GiB): set_backlog_bytes() counts at most half of it, and a writer
  /// who would reach over stops the process. Memory ends long before: what spans costs.
  static constexpr uint64_t kMaxSegments = uint64_t{1} << 22;
  static constexpr uint64_t kMaxBacklogBytes = kMaxSegments / 2 * kSegmentBytes;

  explicit Journal(unsigned writers);
  /// No cursor may be open.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Begins a history at `offset`; whoever asks for what was before is refused. From now on active(). No
  /// cursor may be open.
  void start(uint64_t offset);
  /// Forgets the stream; no cursor may be open; the offset stays. The memory goes with this call, or, when it
  /// is much, with the calls of trim() that follow.
  void stop();
  /// Somebody may read: writers append exactly while this holds.
  bool active() const { return active_.load(std::memory_order_relaxed); }

  /// Requires active(). Returns the offset behind the record.
  uint64_t append(unsigned writer, const Record& record);
  /// The next record with a database gets its SELECT (the cut of a full sync).
  void forget_database();

  /// Behind everything reserved so far.
  uint64_t head() const;
  /// Everything before this can be read. Never falls within a history. Any thread.
  uint64_t committed();
  /// The position of the oldest byte that is kept: where the history starts, or the beginning of the oldest
  /// segment. (A statement for INFO: only Cursor::open() tells whether a position can be had.)
  uint64_t first() const;

  /// Bytes kept for replicas that come back: at least so many, and less than a segment more. Any thread;
  /// takes effect with the next trim().
  void set_backlog_bytes(uint64_t bytes) { backlog_bytes_.store(bytes, std::memory_order_relaxed); }
  /// Gives back segments that neither the backlog nor a cursor needs, at most 512 (32 MiB of copied bytes) a
  /// call. Cheap when there are none; any thread; meant for every turn of every reactor, active or not. One
  /// thread at a time does it, the others return at once.
  void trim();
  /// Memory of the ring: its segments, and the whole of each blob it references (which a value may hold too).
  uint64_t footprint() const;
  /// How often memory for a segment was asked of the allocator; that of trimmed segments comes first.
  uint64_t segment_allocations() const;

  class Cursor;

 private:
  static constexpr uint64_t kNoBound = ~uint64_t{0};
  static constexpr unsigned kDatabaseBits = 8;
  static constexpr uint64_t kUnknownDatabase = (1 << kDatabaseBits) - 1;
  static constexpr uint64_t kMaxPosition = uint64_t{1} << (64 - kDatabaseBits);
  static constexpr uint64_t position_of(uint64_t word) { return word >> kDatabaseBits; }
  static constexpr uint64_t database_of(uint64_t word) { return word & kUnknownDatabase; }
  static constexpr uint64_t make_word(uint64_t position, uint64_t database) {
    return position << kDatabaseBits | database;
  }
  /// What the word says of a database.
  static constexpr uint64_t remembered(int database) {
    return static_cast<uint64_t>(database) < kUnknownDatabase ? static_cast<uint64_t>(database)
                                                              : kUnknownDatabase;
  }
  // A line each: a writer's bound is written twice a record.
  struct alignas(64) Bound {
    std::atomic<uint64_t> value{kNoBound};
  };

  uint64_t reserve(unsigned writer, const Record& record, std::string_view* select,
                   std::span<char> select_room, uint64_t* end);
  uint64_t committed_position();
  void require_quiet() const;
  uint64_t floor_of(uint64_t behind) const;

  const unsigned writers_;
  const std::unique_ptr<Bound[]> bounds_;
  const std::unique_ptr<internal::SegmentRing> ring_;
  std::atomic<bool> active_{false};
  std::atomic<uint64_t> base_{0};  // offset = position + base_, modulo 2^64
  std::atomic<uint64_t> backlog_bytes_{1 << 20};

  alignas(64) std::atomic<uint64_t> head_;
  alignas(64) std::atomic<uint64_t> committed_{0};
  alignas(64) std::mutex mutex_;    // over what follows, and over start() and stop() against readers
  std::atomic<uint64_t> first_{0};  // read without it by first()
  std::vector<Cursor*> cursors_;
};

/// A reader. Everything from its position on is kept for it, however far it lags: its owner decides when that
/// is too much (lag()) and closes it.
class Journal::Cursor {
 public:
  Cursor() = default;
  ~Cursor() { close(); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// False: the position is no longer, or not yet, in the ring, or the journal is not active. Requires
  /// !is_open().
  bool open(Journal& journal, uint64_t position);
  void close();
  bool is_open() const { return journal_ != nullptr; }
  uint64_t position() const { return position_.load(std::memory_order_relaxed); }
  /// Committed bytes ahead.
  uint64_t lag() const;
  /// Up to out.size() slices of up to `max_bytes` of committed bytes from `position` on (at or after the
  /// cursor's own). Returns how many slices; contiguous, in order, none empty. What `out` held before is
  /// replaced as far as it is used.
  size_t peek(uint64_t position, std::span<Slice> out, size_t max_bytes);
  /// What lies before is not needed any more. Requires position() <= position <= committed().
  void advance(uint64_t position);

 private:
  friend class Journal;
  Journal* journal_ = nullptr;
  // Stored with release when the owner is done with what lies before, read with acquire by trim(), which
  // frees that.
  std::atomic<uint64_t> position_{0};
};

}  // namespace gyre::journal
