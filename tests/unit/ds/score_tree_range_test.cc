// Ranges of a ScoreTree: by score and by member, against counting.
#include <gtest/gtest.h>

#include <cstdio>

#include "gyre/ds/score_tree.h"
#include "score_tree_model.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

class ScoreTreeRangeTest : public ::testing::Test {
 protected:
  ScoreTreeRangeTest() : seed_(test_seed()), random_(seed_) { std::printf("seed %lu\n", seed_); }

  void fill(const Shape& shape, int count) {
    ScoreModel model(shape, random_);
    for (int i = 0; i < count; ++i) {
      Element e = shape.scores > 1 ? model.make() : Element{3, model.make_member()};
      if (model.has(e)) continue;
      tree_.insert(e.score, e.member);
      model.elements.insert(model.elements.begin() + static_cast<ptrdiff_t>(model.lower(e)), e);
    }
    elements_ = model.elements;
  }

  /// Compares with the elements for which `above` and `below` hold.
  template <typename Range, typename Above, typename Below>
  void compare(const Range& range, Above above, Below below) {
    size_t begin = 0, end = elements_.size();
    while (begin < end && !above(elements_[begin])) ++begin;
    while (end > 0 && !below(elements_[end - 1])) --end;
    RankRange ranks = tree_.ranks(range);
    ASSERT_EQ(ranks.begin, begin);
    ASSERT_EQ(ranks.end, std::max(begin, end));
    ScoreCursor first = tree_.first_in(range), last = tree_.last_in(range);
    ASSERT_EQ(first.valid(), begin < end);
    ASSERT_EQ(last.valid(), begin < end);
    if (begin >= end) return;
    ASSERT_EQ(first.member(), elements_[begin].member);
    ASSERT_EQ(last.member(), elements_[end - 1].member);
    for (size_t i = begin; i < std::min(end, begin + 130); ++i, first.next()) {
      ASSERT_TRUE(first.valid());
      ASSERT_EQ(first.member(), elements_[i].member);
      ASSERT_EQ(first.score(), elements_[i].score);
    }
    for (size_t i = end; i-- > begin && i + 130 > end; last.previous()) {
      ASSERT_TRUE(last.valid());
      ASSERT_EQ(last.member(), elements_[i].member);
    }
  }

  void compare(const ScoreRange& r) {
    compare(
        r, [&r](const Element& e) { return r.min_exclusive ? e.score > r.min : e.score >= r.min; },
        [&r](const Element& e) { return r.max_exclusive ? e.score < r.max : e.score <= r.max; });
  }

  static bool reaches(const LexBound& bound, std::string_view member, bool up) {
    if (bound.kind != LexBound::kMember) return (bound.kind == LexBound::kLowest) == up;
    if (member == bound.member) return !bound.exclusive;
    return up ? member > bound.member : member < bound.member;
  }
  void compare(const LexRange& r) {
    compare(
        r, [&r](const Element& e) { return reaches(r.min, e.member, true); },
        [&r](const Element& e) { return reaches(r.max, e.member, false); });
  }

  LexBound lex_bound(std::string* storage) {
    uint64_t dice = random_.below(10);
    if (dice < 2) return {dice == 0 ? LexBound::kLowest : LexBound::kHighest, false, {}};
    *storage = elements_.empty() ? "x" : elements_[random_.below(elements_.size())].member;
    if (dice < 4) storage->append(1, '\0');
    if (dice == 4 && !storage->empty()) storage->pop_back();
    return {LexBound::kMember, random_.below(2) == 0, *storage};
  }

  uint64_t seed_;
  base::Random random_;
  ScoreTree tree_;
  std::vector<Element> elements_;
};

TEST_F(ScoreTreeRangeTest, ByScore) {
  for (uint64_t scores : {3, 40, 2000}) {
    tree_.clear();
    fill({.scores = scores, .members = 3000, .prefix = "common:"}, 2500);
    ScoreModel numbers({.scores = scores}, random_);
    for (int i = 0; i < (kSanitized ? 100 : 500) && !HasFatalFailure(); ++i) {
      compare(ScoreRange{numbers.make_score(), numbers.make_score(), random_.below(2) == 0,
                         random_.below(2) == 0});
    }
    compare(ScoreRange{-INFINITY, INFINITY, false, false});
    compare(ScoreRange{-INFINITY, INFINITY, true, true});
    compare(ScoreRange{0.0, -0.0, false, false});
    compare(ScoreRange{0.0, -0.0, true, false});
  }
}

TEST_F(ScoreTreeRangeTest, ByMember) {
  for (const char* prefix : {"", "a/common/prefix/"}) {
    tree_.clear();
    fill({.scores = 1, .members = 4000, .prefix = prefix, .long_percent = 10}, 2500);
    for (int i = 0; i < (kSanitized ? 200 : 1000) && !HasFatalFailure(); ++i) {
      std::string min, max;
      LexBound lower = lex_bound(&min), upper = lex_bound(&max);
      compare(LexRange{lower, upper});
    }
  }
}

TEST_F(ScoreTreeRangeTest, OfNothing) {
  compare(ScoreRange{-INFINITY, INFINITY, false, false});
  compare(LexRange{{LexBound::kLowest, false, {}}, {LexBound::kHighest, false, {}}});
  EXPECT_FALSE(tree_.first().valid());
  EXPECT_FALSE(tree_.last().valid());
  EXPECT_FALSE(tree_.at(0).valid());
  EXPECT_FALSE(tree_.erase(1, "a"));
  EXPECT_FALSE(tree_.rank(1, "a").has_value());
  auto none = [](double, std::string_view) { FAIL(); };
  EXPECT_EQ(tree_.pop_min(3, none), 0U);
  EXPECT_EQ(tree_.pop_max(3, none), 0U);
}

TEST_F(ScoreTreeRangeTest, ByMemberOverManyScoresIsSafe) {
  fill({.scores = 50, .members = 3000}, 2000);
  for (int i = 0; i < 300; ++i) {
    std::string min, max;
    LexBound lower = lex_bound(&min), upper = lex_bound(&max);
    RankRange ranks = tree_.ranks(LexRange{lower, upper});
    ASSERT_LE(ranks.begin, ranks.end);
    ASSERT_LE(ranks.end, tree_.size());
    (void)tree_.first_in(LexRange{lower, upper});
    (void)tree_.last_in(LexRange{lower, upper});
  }
}

TEST_F(ScoreTreeRangeTest, SmallTreesExhaustively) {
  // All sub-ranges by rank of trees of up to 60 elements with doubled scores.
  auto none = [](double, std::string_view) {};
  for (int size = 0; size < 60; size += 7) {
    ScoreTree base;
    for (int i = 0; i < size; ++i) base.insert(i / 2, std::string(40, static_cast<char>('0' + i)));
    for (uint64_t begin = 0; begin <= base.size(); ++begin) {
      for (uint64_t end = begin; end <= base.size() + 1; ++end) {
        ScoreTree tree = base.freeze();
        uint64_t there = std::min(end, base.size()) - begin;
        ASSERT_EQ(tree.erase_ranks({begin, end}, none), there);
        tree.check();
        ASSERT_EQ(tree.size(), base.size() - there);
        uint64_t rank = 0;
        for (ScoreCursor c = tree.first(); c.valid(); c.next(), ++rank) {
          uint64_t old = rank < begin ? rank : rank + there;
          ASSERT_EQ(c.member()[0], static_cast<char>('0' + old));
        }
      }
    }
  }
}

}  // namespace
}  // namespace gyre::ds
