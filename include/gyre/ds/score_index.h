// From a member to its score, for a sorted set whose ordered tree has the members: for each one the 32 hash
// bits and the score, 12 bytes and about 3 more. Members are not kept: a lookup gives the scores of all that
// share the hash (few: one in some hundred of a large set has company), to be verified in the tree.
//
// A HashTrie (which see, also for freezing and threads) whose hashes have 32 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "gyre/ds/hash_trie.h"

namespace gyre::ds {

class ScoreIndex {
 public:
  ScoreIndex();
  ScoreIndex(ScoreIndex&& other) noexcept;
  ScoreIndex& operator=(ScoreIndex&& other) noexcept;
  ~ScoreIndex();
  ScoreIndex freeze() const;

  size_t size() const { return state_.size; }
  size_t footprint() const { return state_.footprint; }
  void prefetch(uint32_t hash) const;

  /// Adds a member. It may have the hash, and the score too, of another.
  void insert(uint32_t hash, double score);
  /// Takes out a member with this hash and score (equal in all bits); false if there is none.
  bool erase(uint32_t hash, double score);
  /// Gives a member with this hash and score another score; false if there is none.
  bool update(uint32_t hash, double score, double new_score);

  /// Calls `visit(double score)` for each member with this hash until it returns true, and says whether it
  /// did.
  template <class Visit>
  bool find_candidates(uint32_t hash, Visit&& visit) const {
    return find(
        hash,
        [](void* target, double score) {
          return static_cast<bool>((*static_cast<std::remove_reference_t<Visit>*>(target))(score));
        },
        const_cast<void*>(static_cast<const void*>(&visit)));
  }

  /// Calls `visit(uint32_t hash, double score)` for some members, about `count` of them or a few dozen more,
  /// from cursor 0, and returns the cursor to go on from, 0 when all has been seen. Cursors have 32 bits; all
  /// members with one hash come together, in the order of hashes. A member that is there from the first call
  /// to the last is seen, whatever is written in between, also when its score changes. `visit` must not
  /// write.
  template <class Visit>
  uint64_t scan(uint64_t cursor, size_t count, Visit&& visit) const {
    return scan_leaves(
        cursor, count,
        [](void* target, uint32_t hash, double score) {
          (*static_cast<std::remove_reference_t<Visit>*>(target))(hash, score);
        },
        const_cast<void*>(static_cast<const void*>(&visit)));
  }

  trie::Reclaimer detach();

 private:
  friend class HashTriePeer;  // tests
  bool find(uint32_t hash, bool (*visit)(void*, double), void* target) const;

  uint64_t scan_leaves(uint64_t cursor, size_t count, void (*visit)(void*, uint32_t, double),
                       void* target) const;

  trie::State state_{};
};

}  // namespace gyre::ds
