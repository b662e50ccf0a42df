#include "gyre/ds/score_tree.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "gyre/base/memory.h"
#include "score_tree_model.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

constexpr int kRounds = kSanitized ? 4000 : 30000;

/// A tree and its model under random changes.
struct Pair {
  Pair(const Shape& shape, base::Random& r) : model(shape, r), random(r) {}

  void insert() {
    Element e = model.make();
    if (model.has(e)) return;
    tree.insert(e.score, e.member);
    model.elements.insert(model.elements.begin() + static_cast<ptrdiff_t>(model.lower(e)), e);
  }
  void erase() {
    Element e = model.pick();
    bool there = model.has(e);
    ASSERT_EQ(tree.erase(e.score, e.member), there);
    if (there) model.elements.erase(model.elements.begin() + static_cast<ptrdiff_t>(model.lower(e)));
  }
  void update() {
    Element e = model.pick();
    bool there = model.has(e);
    Element to{
        random.below(2) == 0 ? model.make_score() : e.score + 0.125 * static_cast<double>(random.below(3)),
        e.member};
    if (model.has(to) && (e < to || to < e)) return;
    ASSERT_EQ(tree.update(e.score, e.member, to.score), there);
    if (!there) return;
    model.elements.erase(model.elements.begin() + static_cast<ptrdiff_t>(model.lower(e)));
    model.elements.insert(model.elements.begin() + static_cast<ptrdiff_t>(model.lower(to)), to);
  }
  void look() {
    Element e = model.pick();
    size_t at = model.lower(e);
    std::optional<uint64_t> rank = tree.rank(e.score, e.member);
    ASSERT_EQ(rank.has_value(), model.has(e));
    if (rank) ASSERT_EQ(*rank, at);
    ASSERT_EQ(tree.lower_rank(e.score, e.member), at);
    ScoreCursor cursor = tree.at(at);
    ASSERT_EQ(cursor.valid(), at < model.elements.size());
    if (cursor.valid()) ASSERT_EQ(cursor.member(), model.elements[at].member);
  }
  void erase_some() {
    uint64_t size = tree.size();
    uint64_t begin = random.below(size + 1), n = random.below(4) == 0 ? random.below(400) : random.below(8);
    uint64_t kind = random.below(3);
    std::vector<Element> seen;
    auto visit = [&seen](double score, std::string_view member) {
      seen.push_back({score, std::string(member)});
    };
    uint64_t count = std::min(n, kind == 0 ? size - begin : size);
    if (kind == 0) ASSERT_EQ(tree.erase_ranks({begin, begin + n}, visit), count);
    if (kind == 1) ASSERT_EQ(tree.pop_min(n, visit), count);
    if (kind == 2) ASSERT_EQ(tree.pop_max(n, visit), count);
    if (kind != 0) begin = kind == 1 ? 0 : size - count;
    if (kind == 2) std::ranges::reverse(seen);
    auto from = model.elements.begin() + static_cast<ptrdiff_t>(begin);
    ASSERT_EQ(seen.size(), count);
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(seen[i].member, from[static_cast<ptrdiff_t>(i)].member);
    model.elements.erase(from, from + static_cast<ptrdiff_t>(count));
  }

  ScoreTree tree;
  ScoreModel model;
  base::Random& random;
};

class ScoreTreeTest : public ::testing::Test {
 protected:
  ScoreTreeTest() : seed_(test_seed()), random_(seed_) { std::printf("seed %lu\n", seed_); }

  void run(const Shape& shape) {
    struct Frozen {
      ScoreTree tree;
      std::vector<Element> elements;
    };
    std::vector<Frozen> frozen;
    Pair pair(shape, random_);
    for (int round = 0; round < kRounds && !HasFatalFailure(); ++round) {
      bool grow = round / (kRounds / 4) % 2 == 0;
      uint64_t dice = random_.below(16);
      if (dice < 9)
        grow ? pair.insert() : pair.erase();
      else if (dice < 10)
        grow ? pair.erase() : pair.insert();
      else if (dice < 12)
        pair.update();
      else if (dice < 14 || random_.below(grow ? 200 : 10) != 0)
        pair.look();
      else
        pair.erase_some();
      if (random_.below(400) == 0) frozen.push_back({pair.tree.freeze(), pair.model.elements});
      if (random_.below(500) == 0 && !frozen.empty()) frozen.erase(frozen.begin());
      if (round % 1009 != 0) continue;
      pair.tree.check();
      expect_same(pair.tree, pair.model.elements);
      for (const Frozen& f : frozen) expect_same(f.tree, f.elements);
    }
  }

  uint64_t seed_;
  base::Random random_;
};

TEST_F(ScoreTreeTest, DistinctScores) { run({.scores = 1000000}); }
TEST_F(ScoreTreeTest, FewScores) { run({.scores = 5, .prefix = "member:"}); }
TEST_F(ScoreTreeTest, OneScoreAndALongCommonPrefix) {
  run({.scores = 1, .prefix = "a/prefix/of/many/members/"});
}
TEST_F(ScoreTreeTest, LongMembers) { run({.scores = 100, .prefix = "m", .long_percent = 40}); }

TEST_F(ScoreTreeTest, NothingLeaks) {
  int64_t before = base::thread_bytes();
  {
    Pair pair({.scores = 100, .long_percent = 50}, random_);
    for (int i = 0; i < 3000; ++i) pair.insert();
    ScoreTree frozen = pair.tree.freeze();
    for (int i = 0; i < 1000; ++i) i % 2 == 0 ? pair.erase() : pair.update();
    BlockReclaimer reclaimer = pair.tree.reclaim();
    EXPECT_TRUE(pair.tree.empty());
    while (reclaimer.step(10)) {
    }
    frozen.check();
  }
  EXPECT_EQ(base::thread_bytes(), before);
}

TEST_F(ScoreTreeTest, FootprintIsWhatTheAllocatorGave) {
  ScoreTree tree;
  int64_t before = base::thread_bytes();
  ScoreModel model({.scores = 1 << 30, .members = 1 << 30, .prefix = "", .long_percent = 10}, random_);
  for (int i = 0; i < 20000; ++i) tree.insert(model.make_score(), model.make_member());
  auto taken = static_cast<double>(base::thread_bytes() - before);
  auto told = static_cast<double>(tree.footprint());
  EXPECT_NEAR(told / taken, 1.0, kSanitized ? 0.1 : 0.02);
  auto none = [](double, std::string_view) {};
  tree.pop_min(tree.size(), none);
  EXPECT_EQ(tree.footprint(), 0U);
}

TEST_F(ScoreTreeTest, BytesPerElement) {
  constexpr uint64_t kElements = kSanitized ? 5000 : 50000;
  auto fill = [](ScoreTree& tree, auto&& number_of) {
    for (uint64_t i = 0; i < kElements; ++i) {
      uint64_t n = number_of(i);
      char member[16];
      std::snprintf(member, sizeof(member), "m%09lu", n % 1000000000);
      tree.insert(static_cast<double>(n), member);
    }
    tree.check();
    return static_cast<double>(tree.footprint()) / kElements;
  };
  ScoreTree ascending, descending, scattered;
  EXPECT_LT(fill(ascending, [](uint64_t i) { return i; }), 18 + 4.5);
  EXPECT_LT(fill(descending, [](uint64_t i) { return kElements - i; }), 18 + 4.5);
  EXPECT_LT(fill(scattered, [](uint64_t i) { return i * 0x9E3779B97F4A7C15 >> 24; }), 18 / 0.75 + 4);
  auto none = [](double, std::string_view) {};
  // Erasing most gives the memory back.
  uint64_t step = 0;
  for (uint64_t rank = 0; rank < scattered.size(); ++rank, ++step) {
    if (step % 10 != 0) scattered.erase_ranks({rank, rank + 9}, none);
  }
  scattered.check();
  EXPECT_LT(static_cast<double>(scattered.footprint()) / static_cast<double>(scattered.size()), 18 / 0.5 + 4);
}

TEST_F(ScoreTreeTest, AMoveWithinTheOrderChangesInPlace) {
  ScoreTree tree;
  for (int i = 0; i < 1000; ++i) tree.insert(i, "m" + std::to_string(i));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(tree.update(i, "m" + std::to_string(i), i + 0.5));
  tree.check();
  EXPECT_TRUE(tree.update(0.5, "m0", 5000));
  EXPECT_TRUE(tree.update(500.5, "m500", -0.0));
  EXPECT_FALSE(tree.update(500.5, "m500", 1));
  EXPECT_FALSE(tree.erase(500, "m500"));
  tree.check();
  EXPECT_EQ(tree.last().member(), "m0");
  EXPECT_EQ(tree.rank(0.0, "m500"), 0U);
  EXPECT_EQ(tree.size(), 1000U);
}

TEST_F(ScoreTreeTest, FrozenTreesAreReadByAnotherThread) {
  Pair pair({.scores = 200, .prefix = "prefix:", .long_percent = 5}, random_);
  for (int i = 0; i < 4000; ++i) pair.insert();
  for (int view = 0; view < 10; ++view) {
    std::thread reader([frozen = pair.tree.freeze(), elements = pair.model.elements] {
      expect_same(frozen, elements);
      for (size_t i = 0; i < elements.size(); i += 97)
        ASSERT_EQ(frozen.rank(elements[i].score, elements[i].member), i);
    });
    for (int i = 0; i < 300; ++i) i % 3 == 0 ? pair.insert() : i % 3 == 1 ? pair.erase() : pair.update();
    pair.erase_some();
    reader.join();
  }
  pair.tree.check();
}

}  // namespace
}  // namespace gyre::ds
