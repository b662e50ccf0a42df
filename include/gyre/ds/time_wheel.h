// Index of one shard's keys by expiry time.
//
// Items are 64-bit key hashes: hints, not pointers. When an item falls due the owner looks the hash up and
// checks the entry's real expiry. Rule, kept by the owner through add() and update(): every entry with an
// expiry has at least one item in the bucket that covers it. Items that no longer correspond to an entry's
// expiry are stale: they are dropped when met, and compact() removes them (and duplicates) when there are too
// many.
//
// Levels of 256 buckets: 128 ms each, then 32.8 s, 2.33 h and 24.9 days; beyond 17 years one overflow list.
// An item's bucket is a function of its expiry and the wheel's position: the level is the highest base-256
// digit (of the expiry in quanta) that differs from the position. When the position enters a bucket of a
// higher level, that bucket's items are distributed again by asking ExpirySource.
//
// Owner and thread: one shard, under its lock. All work is done in slices given by the caller. About 8.2
// bytes per item, from the shard's arena.
//
// Clock: position follows the caller's wall clock. Forward jumps skip empty stretches. After a backward jump
// the position follows back; items are then met early rather than late, and are put back where they belong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gyre/ds/arena.h"

namespace gyre::ds {

/// Implemented by the shard.
class ExpirySource {
 public:
  /// The expiry of the entry with this hash in milliseconds since the epoch, < 0 when there is none (no
  /// entry, or without expiry). If several keys share the hash: the earliest.
  virtual int64_t expiry_of(uint64_t hash) = 0;

 protected:
  ~ExpirySource() = default;
};

class TimeWheel {
 public:
  static constexpr int64_t kQuantumMs = 128;
  static constexpr size_t kStaleAllowance = 1024;

  TimeWheel(Arena& arena, int64_t now_ms);
  ~TimeWheel();
  TimeWheel(const TimeWheel&) = delete;
  TimeWheel& operator=(const TimeWheel&) = delete;

  /// A key got an expiry. One already past is found by the next collect_due after at most a quantum.
  void add(uint64_t hash, int64_t expire_ms);
  /// A key's expiry changed; adds an item unless old and new share a bucket. old_expire_ms < 0: had none.
  void update(uint64_t hash, int64_t old_expire_ms, int64_t new_expire_ms);

  /// Appends hashes whose quantum is over to `out`, handling at most about `max_items` items (due ones and
  /// moved ones). Returns true when everything up to now_ms has been handled. A key is appended at most
  /// kQuantumMs after its expiry if calls keep up. The items are gone from the wheel: the owner deletes each
  /// entry that has expired, and ignores the others.
  bool collect_due(int64_t now_ms, size_t max_items, ExpirySource& source, std::vector<uint64_t>& out);

  /// Appends up to `max` items, current or stale, from about where `random` says: for eviction's samples.
  void sample(uint64_t random, size_t max, std::vector<uint64_t>& out) const;

  size_t items() const { return items_; }
  size_t memory_bytes() const { return memory_bytes_; }
  /// True when stale items outnumber the `live` entries with an expiry by more than kStaleAllowance.
  bool wants_compaction(size_t live) const { return items_ > 2 * live + kStaleAllowance; }
  /// Looks at about `budget` items, dropping stale and duplicate ones; goes round all buckets over many
  /// calls. Returns items dropped.
  size_t compact(size_t budget, ExpirySource& source);

  /// Drops all items. O(chunks).
  void clear();
  /// Forgets all memory without giving it back; for when the arena is dropped whole.
  void abandon();

 private:
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kBuckets = 256;
  static constexpr unsigned kOverflow = kLevels;
  struct Chunk;
  /// Circular list of chunks by its last one; items come and go there.
  struct List {
    Chunk* last = nullptr;
  };
  struct Spot {
    unsigned level;
    unsigned bucket;
    bool operator==(const Spot&) const = default;
  };
  /// A bucket taken out to be distributed, and the quanta [low, high] that it covers.
  struct Pending {
    List list;
    uint64_t low, high;
  };
  /// Items of the bucket being compacted whose hashes agree above `shift` bits.
  struct Part {
    List list;
    size_t count;
    unsigned shift;
  };

  bool trusted() const { return tick_ > trust_from_; }
  Spot spot_of(uint64_t tick) const;
  List& list_at(Spot spot);
  void put(uint64_t tick, uint64_t hash);
  void mark_emptied(Spot spot);

  void push(List& list, uint64_t hash);
  uint64_t pop(List& list);
  Chunk* grow(List& list);
  static void splice(List& to, List& from);
  void free_chunk(Chunk* chunk);
  void drop(List& list);

  size_t collect_list(size_t budget, ExpirySource& source, std::vector<uint64_t>& out);
  size_t distribute(size_t budget, ExpirySource& source);
  uint64_t next_event(uint64_t limit) const;
  void step();
  void take_out(unsigned level);
  void rewind(uint64_t tick);

  bool small(const List& list) const;
  bool open_compaction();
  void abort_compaction();
  void close_compaction();
  size_t divide(size_t budget, size_t& dropped);
  size_t settle(ExpirySource& source, size_t& dropped);

  Arena& arena_;
  uint64_t tick_;            // the quantum to be handled next
  uint64_t trust_from_ = 0;  // before it (after a backward jump) items may lie in buckets that come too early
  List* levels_[kLevels] = {};
  uint64_t occupied_[kLevels][kBuckets / 64] = {};
  List overflow_;
  List due_;
  Pending pending_[kLevels + 1] = {};
  unsigned pending_count_ = 0;
  size_t items_ = 0;
  size_t memory_bytes_ = 0;

  Spot compact_at_{0, 0};
  bool compacting_ = false;  // the bucket compact_at_ has been taken out
  std::vector<Part> parts_;  // what is left of it
  Part dividing_{};          // the part being divided by 8 bits of the hash
  std::vector<uint64_t> sorting_;
  std::vector<Part> targets_;  // into these; empty when none is being divided
};

}  // namespace gyre::ds
