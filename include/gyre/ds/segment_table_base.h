// The part of SegmentTable that does not depend on the type of its entries. See segment_table.h.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "gyre/base/random.h"
#include "gyre/ds/arena.h"
#include "gyre/ds/segment.h"

namespace gyre::ds {

class SegmentTableBase {
 public:
  /// Where an entry sits. Valid until the next insert or erase.
  struct Slot {
    Bucket* bucket = nullptr;
    uint32_t index = 0;
    uint64_t hash = 0;
    explicit operator bool() const { return bucket != nullptr; }
  };
  struct Place {
    Segment* segment;
    uint32_t bucket;
    uint32_t slot;
  };

  /// Depth of the directory is at most this: the top 24 bits of the hash; the tag takes the low 16. A segment
  /// that cannot split any more (hashes that do not differ) grows instead.
  static constexpr unsigned kMaxDepth = 24;
  static constexpr unsigned kCursorBits = 16 + 5 + kMaxDepth;

  SegmentTableBase(const SegmentTableBase&) = delete;
  SegmentTableBase& operator=(const SegmentTableBase&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t segments() const { return segment_count_; }
  unsigned depth() const { return directory()->depth; }
  /// Exact bytes of buckets, side data and directories (replaced ones included), by class sizes of the arena.
  size_t memory_bytes() const { return memory_bytes_; }

  /// Stage 1 of a prefetch: reads the directory word, prefetches the home bucket. Both stages may run in any
  /// thread while the owner changes the table: they may see old memory, which stays mapped, and only
  /// prefetch.
  void prefetch_bucket(uint64_t hash) const;
  /// Stage 2: matches tags in the home bucket and prefetches the entries found.
  void prefetch_entry(uint64_t hash) const;

  /// Null for none. Costs one predictable branch per change when null.
  void set_observer(TableObserver* observer) {
    observer_ = observer;
    watched_ = observer_ != nullptr || cut_ != 0;
  }

  /// From now on inserted entries are marked as emitted for this cut (> 0, rising). O(1).
  void begin_snapshot(uint32_t cut) {
    cut_ = cut;
    watched_ = true;
  }
  void end_snapshot() {
    cut_ = 0;
    watched_ = observer_ != nullptr;
  }
  uint32_t snapshot_cut() const { return cut_; }
  /// The segment's metadata for the present cut, made or reset when it is missing or older.
  SnapshotMeta& snapshot_meta(Segment& segment);
  /// All for the present cut (begin_snapshot before). Positions as an observer or place() gets them.
  bool emitted(const Segment& segment, uint32_t bucket, uint32_t slot) const;
  void mark_emitted(Segment& segment, uint32_t bucket, uint32_t slot);
  void mark_bucket(Segment& segment, uint32_t bucket);
  void drop_snapshot_meta(Segment& segment);

  /// Of a cursor that scan() returned (not the final 0): all entries with a hash below this have been passed. It is where a
  /// segment begins, or began before it merged with its sibling.
  static uint64_t passed_below(uint64_t cursor);
  /// The first hash of the segment that `hash` belongs to, and the last.
  static uint64_t first_hash(const Segment& segment, uint64_t hash) {
    return segment.depth == 0 ? 0 : hash & ~(~uint64_t{0} >> segment.depth);
  }
  static uint64_t last_hash(const Segment& segment, uint64_t hash) { return hash | (~uint64_t{0} >> segment.depth); }

  /// Null only in a table that never held an entry.
  Segment* segment_of(uint64_t hash) const;
  Place place(const Slot& slot) const;

  /// Forgets all memory without giving it back to the arena; for when the arena is dropped whole. The table
  /// is empty afterwards.
  void abandon();

 protected:
  using HashFn = uint64_t (*)(const void* entry);
  using Visit = void (*)(void* context, const Place& place, void* entry);

  /// A power of two of words, and the side data they belong to. A word is {bucket count : 16, buckets : 48}.
  struct Directory {
    unsigned depth = 0;
    std::atomic<uint64_t>* words = nullptr;
    Segment** segments = nullptr;
    size_t bytes = 0;  // of the mapping or block behind this object, 0 for the first one
  };

  SegmentTableBase(Arena& arena, HashFn hash);
  ~SegmentTableBase();

  static uint16_t tag_of(uint64_t hash) {
    auto tag = static_cast<uint16_t>(hash);
    return tag == 0 ? uint16_t{1} : tag;
  }
  static uint32_t home_of(uint16_t tag, uint32_t buckets) { return (uint32_t{tag} * buckets) >> 16; }
  static uint64_t make_word(const Bucket* buckets, uint32_t count) {
    return reinterpret_cast<uint64_t>(buckets) | uint64_t{count} << 48;
  }
  static Bucket* word_buckets(uint64_t word) {
    return reinterpret_cast<Bucket*>(word & ((uint64_t{1} << 48) - 1));
  }
  static uint32_t word_count(uint64_t word) { return static_cast<uint32_t>(word >> 48); }
  static size_t index_of(uint64_t hash, unsigned depth) { return (hash >> 1) >> (63 - depth); }
  const Directory* directory() const { return directory_.load(std::memory_order_relaxed); }
  uint64_t word_of(uint64_t hash) const {
    const Directory* d = directory();
    return d->words[index_of(hash, d->depth)].load(std::memory_order_relaxed);
  }

  void insert_entry(uint64_t hash, void* entry);
  void* erase_at(const Slot& slot);
  void replace_at(const Slot& slot, void* entry);
  void* random_entry(base::Random& random) const;
  uint64_t scan_step(uint64_t cursor, void* context, Visit visit) const;
  void visit_all(void* context, Visit visit) const;
  void clear_all();

 private:
  /// Directories, by depth, and how many segments have each depth; made at the first split.
  struct Growth {
    Directory* directories[kMaxDepth + 1];
    uint32_t depth_counts[kMaxDepth + 1];
    Directory* next;  // being built, not yet visible to prefetching threads
    size_t copied;    // words of the present directory that are in `next`
  };
  struct Target;  // a bucket array being filled

  // segment_table.cc
  void note_insert(Segment& segment, uint32_t bucket, uint32_t slot);
  void close_hole(Segment& segment, uint32_t bucket, uint32_t slot);
  void move_slot(Segment& segment, Place from, Place to);
  void drop_memory();

  // segment_resize.cc
  void* take(size_t bytes);
  void give(void* block, size_t bytes);
  Segment* new_segment(unsigned depth);
  void free_segment(Segment* segment);
  Target new_target(uint32_t buckets, bool with_meta, bool all_done);
  void adopt_target(Segment& segment, const Target& target);
  void free_buckets(Segment& segment);
  bool has_meta(const Segment& segment) const {
    return segment.meta != nullptr && cut_ != 0 && segment.meta->cut == cut_;
  }
  bool all_done(const Segment& segment) const;
  void move_all(Segment& segment, const uint8_t* sides, Target& low, Target& high);
  void make_room(uint64_t hash);
  void shrink(uint64_t hash);
  void resize(Segment& segment, size_t index, uint32_t buckets);
  void split(Segment& segment, size_t index);
  uint32_t choose_sides(const Segment& segment, uint8_t* sides) const;
  bool merge(size_t index);

  // segment_directory.cc
  Directory* directory_for(unsigned depth);
  void publish(Segment* segment, size_t index);
  bool ready_to_split(const Segment& segment);
  void start_directory(unsigned depth);
  void advance_directory(size_t words);
  void maybe_halve();
  void copy_words(const Directory& from, Directory& to, size_t begin, size_t end);

  Arena& arena_;
  HashFn hash_;
  std::atomic<const Directory*> directory_;
  size_t size_ = 0;
  TableObserver* observer_ = nullptr;
  uint32_t cut_ = 0;
  bool watched_ = false;  // an observer or a snapshot: the slow variant of changes

  Directory first_;  // of depth 0, inside the table
  std::atomic<uint64_t> first_word_;
  Segment* first_segment_ = nullptr;
  Growth* growth_ = nullptr;
  size_t segment_count_ = 0;
  uint32_t max_buckets_ = 1;
  size_t memory_bytes_ = 0;
};

}  // namespace gyre::ds
