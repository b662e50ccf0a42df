// The ordered half of a large sorted set: elements of score and member, ordered by score, then by the
// member's bytes (memcmp; a prefix comes first). -0 and 0 are equal as scores; which of them was given is
// kept. No NaN.
//
// A BlockTree of packed leaves of up to 1 KB (src/ds/score_leaf.h has the layout): about 12 bytes an element
// beside the member. Members above kInlineMember bytes stand in counted buffers of their own. An order that
// insertions keep at either end leaves full leaves behind.
//
// Persistence, threads, cursors: as BlockTree. freeze() gives a tree that shares everything in O(1); cursors
// and the views they give are good until the next change of their tree. Ranks count from 0. All operations
// take O(log n); those that give or remove k elements, O(log n + k).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "gyre/ds/block_tree.h"

namespace gyre::ds {

struct ScoreLeaf;
struct ScoreProbe;

struct ScoreRange {
  double min = 0;
  double max = 0;
  bool min_exclusive = false;
  bool max_exclusive = false;

  bool above_min(double score) const { return min_exclusive ? score > min : score >= min; }
  bool below_max(double score) const { return max_exclusive ? score < max : score <= max; }
};

/// One end of a range of members. kLowest and kHighest are below and above every member ("-" and "+").
struct LexBound {
  enum Kind : uint8_t { kLowest, kHighest, kMember };
  Kind kind = kLowest;
  bool exclusive = false;  // only for kMember
  std::string_view member;
};

/// By members; what it gives is defined only if all scores are equal.
struct LexRange {
  LexBound min;
  LexBound max;

  bool above_min(std::string_view member) const;
  bool below_max(std::string_view member) const;
};

/// Ranks from begin up to, and without, end.
struct RankRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t size() const { return end - begin; }
};

/// Called with elements that are about to go; views hold during the call only. It must not touch the tree.
class ElementVisitor {
 public:
  template <typename F>
  ElementVisitor(F& f)  // NOLINT(google-explicit-constructor): a reference to something callable
      : object_(&f), call_([](void* object, double score, std::string_view member) {
          (*static_cast<F*>(object))(score, member);
        }) {}
  void operator()(double score, std::string_view member) const { call_(object_, score, member); }

 private:
  void* object_;
  void (*call_)(void*, double, std::string_view);
};

/// An element, or, invalid, none.
class ScoreCursor {
 public:
  bool valid() const { return leaf_ != nullptr; }
  /// Require valid(), as do next() and previous(); past either end a cursor becomes invalid.
  double score() const;
  std::string_view member() const;
  void next();
  void previous();

 private:
  friend class ScoreTree;
  BlockCursor path_;
  const ScoreLeaf* leaf_ = nullptr;
  uint32_t index_ = 0;
};

class ScoreTree {
 public:
  static constexpr size_t kInlineMember = 128;

  ScoreTree();
  /// A tree of the same elements. O(1).
  ScoreTree freeze() const { return ScoreTree(tree_.freeze()); }
  /// For destruction in steps: what holds the elements, leaving this tree empty.
  BlockReclaimer reclaim() { return BlockReclaimer(std::move(tree_)); }
  void clear() { tree_.clear(); }

  uint64_t size() const { return tree_.weight(); }
  bool empty() const { return tree_.empty(); }
  /// Bytes taken from the allocator, buffers of long members included.
  size_t footprint() const { return tree_.footprint(); }

  /// Requires that the tree has no element with this score and member.
  void insert(double score, std::string_view member);
  /// False when there is no such element.
  bool erase(double score, std::string_view member);
  /// Moves the element to another score. `member` may not be a view into the tree.
  bool update(double score, std::string_view member, double to);

  std::optional<uint64_t> rank(double score, std::string_view member) const;
  /// The rank that this element has or would have.
  uint64_t lower_rank(double score, std::string_view member) const;
  /// Ranks of what a range holds; empty (begin == end) when it holds nothing.
  RankRange ranks(const ScoreRange& range) const;
  RankRange ranks(const LexRange& range) const;

  /// Invalid when there is no such element.
  ScoreCursor first() const { return at(0); }
  ScoreCursor last() const;
  ScoreCursor at(uint64_t rank) const;
  /// The first and the last element of a range.
  ScoreCursor first_in(const ScoreRange& range) const;
  ScoreCursor last_in(const ScoreRange& range) const;
  ScoreCursor first_in(const LexRange& range) const;
  ScoreCursor last_in(const LexRange& range) const;

  /// Removes elements in the order of their ranks, each after it was visited. Returns how many.
  uint64_t erase_ranks(RankRange range, ElementVisitor visitor);
  /// The `count` lowest, from the lowest up, and highest, from the highest down.
  uint64_t pop_min(uint64_t count, ElementVisitor visitor);
  uint64_t pop_max(uint64_t count, ElementVisitor visitor);

  /// Aborts if an invariant does not hold. O(n), for tests.
  void check() const;

 private:
  explicit ScoreTree(BlockTree tree) : tree_(std::move(tree)) {}
  BlockCursor find_leaf(const ScoreProbe& probe, uint32_t* index) const;
  uint64_t rank_of(const ScoreProbe& probe) const;
  bool find(double score, std::string_view member, BlockCursor* leaf, uint32_t* index) const;
  ScoreCursor cursor_at(const ScoreProbe& probe) const;
  ScoreCursor cursor_before(const ScoreProbe& probe) const;
  ScoreProbe start_of(const ScoreRange& range) const;
  ScoreProbe end_of(const ScoreRange& range) const;
  ScoreProbe start_of(const LexRange& range) const;
  ScoreProbe end_of(const LexRange& range) const;
  void add(BlockCursor& cursor, uint32_t index, double score, std::string_view member, void* blob);
  void split(BlockCursor& cursor, uint32_t index, double score, std::string_view member, void* blob);
  void put(BlockCursor& cursor, ScoreLeaf* leaf);
  void erase_at(BlockCursor& cursor, uint32_t index);
  bool erase_from(BlockCursor& cursor, uint32_t begin, uint32_t end);
  bool stays_between_neighbours(const BlockCursor& cursor, uint32_t index, double score,
                                std::string_view member) const;
  void merge_at(uint64_t rank);
  void merge_small(BlockCursor& cursor);

  BlockTree tree_;
};

}  // namespace gyre::ds
