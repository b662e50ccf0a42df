// Large sorted sets: OBJECT ENCODING "skiplist". A ScoreTree has the elements in their order, a ScoreIndex
// finds the score of a member.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gyre/ds/packed_element.h"
#include "gyre/ds/score_index.h"
#include "gyre/ds/score_tree.h"
#include "gyre/store/object.h"

namespace gyre::store {

/// The score of an element of a packed sorted set: a listpack of members and scores, ascending.
double packed_score(const ds::PackedElement& element);

/// A score as a packed sorted set has it.
class PackedScore {
 public:
  explicit PackedScore(double score);
  /// Valid as long as this object.
  ds::PackedElement element() const {
    return text_.empty() ? ds::PackedElement(integer_) : ds::PackedElement(std::string_view(text_));
  }

 private:
  int64_t integer_ = 0;
  std::string text_;
};

class ZsetObject final : public Object {
 public:
  static constexpr ValueForm kForm = kZsetSkiplist;
  ZsetObject() : Object(kForm) {}
  /// Requires that the index has the members of the tree.
  ZsetObject(ds::ScoreTree tree, ds::ScoreIndex index)
      : Object(kForm), tree_(std::move(tree)), index_(std::move(index)) {}
  /// All elements of a packed sorted set.
  static std::unique_ptr<ZsetObject> from_packed(std::string_view bytes);

  uint64_t size() const override { return tree_.size(); }
  size_t footprint() const override { return sizeof(*this) + tree_.footprint() + index_.footprint(); }
  std::unique_ptr<Object> freeze() const override;
  bool reclaim(size_t blocks) override;

  /// The order: ranks, ranges, cursors.
  const ds::ScoreTree& elements() const { return tree_; }
  /// Nothing when it is not there.
  std::optional<double> score(std::string_view member) const;

  /// Calls visit for some elements, about `count` of them or a few dozen more, from cursor 0, and returns the
  /// cursor to go on from, 0 when all has been seen. An element that is there from the first call to the last
  /// is seen, whatever is written in between. Among many elements of one score each call passes over all of
  /// these.
  uint64_t scan(uint64_t cursor, size_t count, ds::ElementVisitor visit) const;

  // Members given may not be views into this object. No score is NaN.

  /// Requires that the member is not there.
  void insert(std::string_view member, double score);
  /// Requires that the member is there with the score `from`, as score() gave it.
  void update(std::string_view member, double from, double to);
  /// False when it is not there.
  bool erase(std::string_view member);
  /// Removes elements in the order of their ranks, each after it was visited. Returns how many.
  uint64_t erase_ranks(ds::RankRange range, ds::ElementVisitor visitor);
  /// The `count` lowest, from the lowest up, and highest, from the highest down.
  uint64_t pop_min(uint64_t count, ds::ElementVisitor visitor);
  uint64_t pop_max(uint64_t count, ds::ElementVisitor visitor);

 private:
  struct Reclaimers {
    ds::BlockReclaimer tree;
    ds::trie::Reclaimer index;
    bool tree_done = false;
  };
  ds::ScoreTree tree_;
  ds::ScoreIndex index_;
  std::unique_ptr<Reclaimers> reclaimers_;
};

}  // namespace gyre::store
