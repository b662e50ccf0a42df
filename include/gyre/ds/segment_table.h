// The keyspace's hash table: extendible hashing with segments of variable size.
//
// Of the 64-bit hash, the top bits choose a word of the directory, the low 16 bits are the tag; bits 16 to 39
// stay free for others (the shard number). A directory word names a segment: 1 to 128 buckets of one cache
// line. An entry's home bucket within its segment follows from the tag alone, so a segment grows, shrinks and
// merges without touching entries; only a split (at 128 buckets) computes hashes again. A bucket that is full
// overflows into the next of its segment; a search ends at the first bucket that is not full. Erasing moves
// entries back, so there are no tombstones. A lookup touches the directory word (8 bytes per ~700 entries:
// cached), the home bucket and the entry.
//
// Owner and thread: one shard, under its lock; only prefetch_* may run elsewhere, at any time in the table's
// life. Worst single insert: a split (about 900 entries rehashed) or a resize (1,000 slots copied); the
// directory is doubled a few hundred words at a time beside them, so no insert pays for its size.
//
// Entries are 8-byte aligned blocks with addresses below 2^48; the table does not own them.
#pragma once

#include <string_view>

#include "gyre/ds/segment_table_base.h"

namespace gyre::ds {

/// Traits: `using Entry = ...; static bool equals(const Entry*, std::string_view key); static uint64_t
/// hash(const Entry*);`
template <class Traits>
class SegmentTable : public SegmentTableBase {
 public:
  using Entry = typename Traits::Entry;

  /// The arena must outlive the table. A new table allocates nothing.
  explicit SegmentTable(Arena& arena)
      : SegmentTableBase(arena, [](const void* e) { return Traits::hash(static_cast<const Entry*>(e)); }) {}

  Entry* find(uint64_t hash, std::string_view key) const {
    Slot slot = find_slot(hash, key);
    return slot ? get(slot) : nullptr;
  }
  Slot find_slot(uint64_t hash, std::string_view key) const {
    return search(hash, [key](const Entry* e) { return Traits::equals(e, key); });
  }
  /// The first entry with exactly this hash for which pred(Entry*) holds (keys may share a hash).
  template <class Pred>
  Slot find_slot_if(uint64_t hash, Pred&& pred) const {
    return search(hash, [&](Entry* e) { return Traits::hash(e) == hash && pred(e); });
  }
  template <class Pred>
  Entry* find_if(uint64_t hash, Pred&& pred) const {
    Slot slot = find_slot_if(hash, pred);
    return slot ? get(slot) : nullptr;
  }
  /// The slot of an entry known to be in the table: compares pointers, touches no entry.
  Slot slot_of(uint64_t hash, const Entry* entry) const {
    return search(hash, [entry](const Entry* e) { return e == entry; });
  }
  static Entry* get(const Slot& slot) { return static_cast<Entry*>(slot.bucket->pointer(slot.index)); }

  /// Requires that no entry with the same key is present.
  void insert(uint64_t hash, Entry* entry) { insert_entry(hash, entry); }
  /// The erased entry, or null. The caller frees it.
  Entry* erase(uint64_t hash, std::string_view key) {
    Slot slot = find_slot(hash, key);
    return slot ? erase(slot) : nullptr;
  }
  Entry* erase(const Slot& slot) { return static_cast<Entry*>(erase_at(slot)); }
  /// Puts another entry of the same key in place (an entry that moved). Tells the observer.
  void replace(const Slot& slot, Entry* entry) { replace_at(slot, entry); }
  /// As replace, for an entry that was merely moved in memory: nobody is told, because its content stays.
  void relocate(const Slot& slot, Entry* entry) { slot.bucket->set_pointer(slot.index, entry); }

  /// A uniformly chosen entry, null when empty. After mass deletion a long search may fall back to a nearby
  /// entry.
  Entry* random(base::Random& random) const { return static_cast<Entry*>(random_entry(random)); }

  /// Calls fn(Entry*) for the entries of one home bucket and returns the next cursor, 0 at the end; start
  /// with 0. An entry that is present from the first call to the last is passed at least once, whatever
  /// grows, shrinks or is deleted between calls; entries may be passed more than once. Cursors fit in
  /// kCursorBits; any value is safe. fn must not change the table.
  template <class Fn>
  uint64_t scan(uint64_t cursor, Fn&& fn) const {
    return scan_places(cursor, [&](const Place&, Entry* e) { fn(e); });
  }
  /// The same for fn(const Place&, Entry*): a walk that keeps snapshot metadata.
  template <class Fn>
  uint64_t scan_places(uint64_t cursor, Fn&& fn) const {
    return scan_step(cursor, &fn, &call<std::remove_reference_t<Fn>>);
  }
  /// fn(Entry*) for all; must not change the table.
  template <class Fn>
  void for_each(Fn&& fn) const {
    auto each = [&](const Place&, Entry* e) { fn(e); };
    visit_all(&each, &call<decltype(each)>);
  }
  /// Empties the table, passing every entry to fn (which frees it). Not sliced: for small tables; a large one
  /// is dropped with its arena. The observer is not told.
  template <class Fn>
  void clear(Fn&& fn) {
    for_each(fn);
    clear_all();
  }

 private:
  template <class Fn>
  static void call(void* fn, const Place& place, void* entry) {
    (*static_cast<Fn*>(fn))(place, static_cast<Entry*>(entry));
  }
  template <class Pred>
  Slot search(uint64_t hash, Pred&& pred) const {
    uint64_t word = word_of(hash);
    uint16_t tag = tag_of(hash);
    Bucket* buckets = word_buckets(word);
    uint32_t count = word_count(word);
    uint32_t at = home_of(tag, count);
    for (uint32_t probes = 0; probes < count; ++probes) {
      Bucket* bucket = buckets + at;
      for (unsigned mask = bucket->match(tag); mask != 0; mask &= mask - 1) {
        auto index = static_cast<uint32_t>(std::countr_zero(mask));
        if (pred(static_cast<Entry*>(bucket->pointer(index)))) return {bucket, index, hash};
      }
      if (!bucket->full() || !bucket->may_have_passed(tag)) [[likely]]
        break;
      if (++at == count) at = 0;
    }
    return {};
  }
};

}  // namespace gyre::ds
