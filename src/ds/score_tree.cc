// ScoreTree: search, cursors and ranges. Changes are in score_tree_change.cc.
#include "gyre/ds/score_tree.h"

#include <algorithm>

#include "gyre/base/check.h"
#include "score_leaf.h"

namespace gyre::ds {
namespace {

constexpr BlockOps kLeafOps{ScoreLeaf::clone, ScoreLeaf::destroy, true};

bool first_is_before(const void* probe, const BlockHeader* block) {
  return static_cast<const ScoreProbe*>(probe)->before(static_cast<const ScoreLeaf*>(block), 0);
}

}  // namespace

ScoreTree::ScoreTree() : tree_(&kLeafOps) {}

bool LexRange::above_min(std::string_view member) const {
  if (min.kind != LexBound::kMember) return min.kind == LexBound::kLowest;
  int order = member.compare(min.member);
  return min.exclusive ? order > 0 : order >= 0;
}

bool LexRange::below_max(std::string_view member) const {
  if (max.kind != LexBound::kMember) return max.kind == LexBound::kHighest;
  int order = member.compare(max.member);
  return max.exclusive ? order < 0 : order <= 0;
}

// ---- cursor -----------------------------------------------------------------------------------------------

double ScoreCursor::score() const { return leaf_->scores()[index_]; }
std::string_view ScoreCursor::member() const { return leaf_->member(index_); }

void ScoreCursor::next() {
  if (++index_ < leaf_->count) return;
  index_ = 0;
  leaf_ = path_.next() ? leaf_of(path_) : nullptr;
}

void ScoreCursor::previous() {
  if (index_-- > 0) return;
  leaf_ = path_.previous() ? leaf_of(path_) : nullptr;
  if (leaf_ != nullptr) index_ = leaf_->count - 1U;
}

// ---- probes -----------------------------------------------------------------------------------------------

ScoreProbe ScoreTree::start_of(const ScoreRange& range) const {
  return {ScoreProbe::kScore, range.min_exclusive, range.min, {}};
}

ScoreProbe ScoreTree::end_of(const ScoreRange& range) const {
  return {ScoreProbe::kScore, !range.max_exclusive, range.max, {}};
}

namespace {

ScoreProbe probe_of(const LexBound& bound, bool inclusive, const BlockTree& tree) {
  if (bound.kind != LexBound::kMember)
    return {bound.kind == LexBound::kLowest ? ScoreProbe::kNothing : ScoreProbe::kEverything, false, 0, {}};
  // All scores are equal; the first tells which.
  double score = tree.empty() ? 0 : leaf_of(tree.first())->scores()[0];
  return {ScoreProbe::kMember, inclusive, score, bound.member};
}

}  // namespace

ScoreProbe ScoreTree::start_of(const LexRange& range) const {
  return probe_of(range.min, range.min.exclusive, tree_);
}

ScoreProbe ScoreTree::end_of(const LexRange& range) const {
  return probe_of(range.max, !range.max.exclusive, tree_);
}

// ---- search -----------------------------------------------------------------------------------------------

/// The leaf where the elements before the probe end, and how many of its elements are before; that may be all
/// of them. In an empty tree an invalid cursor.
BlockCursor ScoreTree::find_leaf(const ScoreProbe& probe, uint32_t* index) const {
  BlockCursor cursor = tree_.last_before(probe.key(), first_is_before, &probe);
  *index = 0;
  if (!cursor.valid()) return tree_.first();
  *index = probe.partition(leaf_of(cursor));
  return cursor;
}

uint64_t ScoreTree::rank_of(const ScoreProbe& probe) const {
  uint32_t index;
  BlockCursor cursor = find_leaf(probe, &index);
  return cursor.valid() ? tree_.rank(cursor) + index : 0;
}

bool ScoreTree::find(double score, std::string_view member, BlockCursor* leaf, uint32_t* index) const {
  *leaf = find_leaf({ScoreProbe::kElement, false, score, member}, index);
  if (!leaf->valid()) return false;
  if (*index == leaf_of(*leaf)->count) {
    if (!leaf->next()) return false;
    *index = 0;
  }
  const ScoreLeaf* at = leaf_of(*leaf);
  return at->scores()[*index] == score && at->member(*index) == member;
}

ScoreCursor ScoreTree::cursor_at(const ScoreProbe& probe) const {
  ScoreCursor cursor;
  cursor.path_ = find_leaf(probe, &cursor.index_);
  if (!cursor.path_.valid()) return cursor;
  cursor.leaf_ = leaf_of(cursor.path_);
  if (cursor.index_ == cursor.leaf_->count) {
    --cursor.index_;
    cursor.next();
  }
  return cursor;
}

ScoreCursor ScoreTree::cursor_before(const ScoreProbe& probe) const {
  ScoreCursor cursor;
  cursor.path_ = find_leaf(probe, &cursor.index_);
  if (!cursor.path_.valid()) return cursor;
  cursor.leaf_ = leaf_of(cursor.path_);
  cursor.previous();
  return cursor;
}

std::optional<uint64_t> ScoreTree::rank(double score, std::string_view member) const {
  BlockCursor leaf;
  uint32_t index;
  if (!find(score, member, &leaf, &index)) return std::nullopt;
  return tree_.rank(leaf) + index;
}

uint64_t ScoreTree::lower_rank(double score, std::string_view member) const {
  return rank_of({ScoreProbe::kElement, false, score, member});
}

RankRange ScoreTree::ranks(const ScoreRange& range) const {
  uint64_t begin = rank_of(start_of(range));
  return {begin, std::max(begin, rank_of(end_of(range)))};
}

RankRange ScoreTree::ranks(const LexRange& range) const {
  uint64_t begin = rank_of(start_of(range));
  return {begin, std::max(begin, rank_of(end_of(range)))};
}

ScoreCursor ScoreTree::at(uint64_t rank) const {
  ScoreCursor cursor;
  if (rank >= size()) return cursor;
  uint64_t within;
  cursor.path_ = tree_.at(rank, &within);
  cursor.leaf_ = leaf_of(cursor.path_);
  cursor.index_ = static_cast<uint32_t>(within);
  return cursor;
}

ScoreCursor ScoreTree::last() const {
  ScoreCursor cursor;
  cursor.path_ = tree_.last();
  if (!cursor.path_.valid()) return cursor;
  cursor.leaf_ = leaf_of(cursor.path_);
  cursor.index_ = cursor.leaf_->count - 1U;
  return cursor;
}

ScoreCursor ScoreTree::first_in(const ScoreRange& range) const {
  ScoreCursor cursor = cursor_at(start_of(range));
  return cursor.valid() && range.below_max(cursor.score()) ? cursor : ScoreCursor{};
}

ScoreCursor ScoreTree::last_in(const ScoreRange& range) const {
  ScoreCursor cursor = cursor_before(end_of(range));
  return cursor.valid() && range.above_min(cursor.score()) ? cursor : ScoreCursor{};
}

ScoreCursor ScoreTree::first_in(const LexRange& range) const {
  ScoreCursor cursor = cursor_at(start_of(range));
  return cursor.valid() && range.below_max(cursor.member()) ? cursor : ScoreCursor{};
}

ScoreCursor ScoreTree::last_in(const LexRange& range) const {
  ScoreCursor cursor = cursor_before(end_of(range));
  return cursor.valid() && range.above_min(cursor.member()) ? cursor : ScoreCursor{};
}

// ---- checking ---------------------------------------------------------------------------------------------

void ScoreTree::check() const {
  tree_.check();
  std::optional<double> score;
  std::string_view member;
  for (BlockCursor cursor = tree_.first(); cursor.valid(); cursor.next()) {
    const ScoreLeaf* leaf = leaf_of(cursor);
    GYRE_CHECK(leaf->count > 0 && cursor.weight() == leaf->count && cursor.key() == leaf->key());
    GYRE_CHECK(leaf->used() <= leaf->capacity && leaf->capacity <= ScoreLeaf::kMaxBytes);
    GYRE_CHECK(leaf->bytes == leaf->capacity &&
               leaf->bytes_of(0, leaf->count) + sizeof(ScoreLeaf) == leaf->used());
    uint32_t long_count = 0;
    for (uint32_t i = 0; i < leaf->count; ++i) {
      double s = leaf->scores()[i];
      GYRE_CHECK(!score || *score < s || (*score == s && member < leaf->member(i)));
      score = s;
      member = leaf->member(i);
      if (ScoreLeaf::blob_of(leaf->entry(i)) != nullptr) ++long_count;
    }
    GYRE_CHECK(long_count == leaf->long_count);
  }
}

}  // namespace gyre::ds
