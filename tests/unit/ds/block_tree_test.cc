#include "gyre/ds/block_tree.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <thread>
#include <vector>

#include "block_tree_model.h"
#include "gyre/base/memory.h"
#include "gyre/base/random.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

constexpr int kRounds = kSanitized ? 6000 : 40000;

class BlockTreeTest : public ::testing::Test {
 protected:
  BlockTreeTest() : seed_(test_seed()), random_(seed_) { std::printf("seed %lu\n", seed_); }
  ~BlockTreeTest() override { EXPECT_EQ(live_blocks.load(), 0); }

  uint64_t seed_;
  base::Random random_;
};

void run(const BlockOps* ops, base::Random& random) {
  Pair pair(ops, random);
  struct Frozen {
    BlockTree tree;
    std::vector<uint64_t> values;
  };
  std::vector<Frozen> frozen;
  for (int round = 0; round < kRounds && !testing::Test::HasFatalFailure(); ++round) {
    // The number of blocks swings between none and some thousands.
    bool grow = round / (kRounds / 4) % 2 == 0;
    uint64_t dice = random.below(16);
    if (dice < 10)
      grow ? pair.insert() : pair.remove(20);
    else if (dice < 12)
      grow ? pair.remove(1) : pair.insert();
    else if (dice < 14)
      pair.change();
    else if (ops->keyed)
      pair.search();
    if (random.below(500) == 0) frozen.push_back({pair.tree.freeze(), pair.model.values});
    if (random.below(600) == 0 && !frozen.empty()) frozen.erase(frozen.begin());
    if (round % 997 != 0) continue;
    pair.tree.check();
    expect_equal(pair.tree, pair.model.values);
    for (const Frozen& f : frozen) {
      f.tree.check();
      expect_equal(f.tree, f.values);
    }
  }
}

TEST_F(BlockTreeTest, KeyedAgainstModel) { run(&kKeyed, random_); }
TEST_F(BlockTreeTest, PlainAgainstModel) { run(&kPlain, random_); }

TEST_F(BlockTreeTest, EveryPositionOfSmallTrees) {
  for (size_t size = 0; size <= 140; ++size) {
    BlockTree base(&kPlain);
    std::vector<uint64_t> values;
    for (size_t i = 0; i < size; ++i) {
      BlockCursor end;
      base.insert_before(end, make_block(i), weight_of_value(i));
      values.push_back(i);
    }
    base.check();
    for (size_t position = 0; position < size; ++position) {
      BlockTree tree = base.freeze();
      BlockCursor cursor = tree.first();
      for (size_t i = 0; i < position; ++i) cursor.next();
      tree.remove(cursor);
      ASSERT_EQ(cursor.valid(), position + 1 < size);
      if (cursor.valid()) ASSERT_EQ(value_of(cursor), position + 1);
      tree.insert_before(cursor, make_block(position), weight_of_value(position));
      ASSERT_EQ(value_of(cursor), position);
      tree.check();
      if (position % 16 == 0) expect_equal(tree, values);
    }
    expect_equal(base, values);
  }
}

TEST_F(BlockTreeTest, GrowingAtTheEndsFillsNodes) {
  for (bool at_end : {true, false}) {
    BlockTree tree(&kPlain);
    constexpr uint64_t kBlocks = 50000;
    size_t blocks = 0;
    for (uint64_t i = 0; i < kBlocks; ++i) {
      BlockCursor edge;
      TestBlock* block = make_block(i);
      blocks += block->bytes;
      if (at_end)
        tree.insert_before(edge, block, 1);
      else
        tree.insert_after(edge, block, 1);
      ASSERT_EQ(value_of(edge), i);
    }
    tree.check();
    ASSERT_EQ(value_of(tree.first()), at_end ? 0 : kBlocks - 1);
    // 16 bytes a kid and one level above.
    EXPECT_LT(static_cast<double>(tree.footprint() - blocks) / kBlocks, 17.5);
    // A queue: from one end to the other.
    for (uint64_t i = 0; i < kBlocks; ++i) {
      BlockCursor cursor = at_end ? tree.first() : tree.last();
      ASSERT_EQ(value_of(cursor), i);
      tree.remove(cursor);
      if (i % 5003 == 0) tree.check();
    }
    EXPECT_TRUE(tree.empty());
    EXPECT_EQ(tree.footprint(), 0U);
  }
}

TEST_F(BlockTreeTest, FreezingCopiesAPathOnly) {
  BlockTree tree(&kKeyed);
  for (uint64_t i = 0; i < 10000; ++i) {
    BlockCursor end;
    tree.insert_before(end, make_block(i << 10), 1, key_of(i << 10));
  }
  BlockTree frozen = tree.freeze();
  EXPECT_EQ(frozen.footprint(), tree.footprint());
  int64_t blocks = live_blocks.load(), bytes = base::thread_bytes();
  uint64_t within = 0;
  BlockCursor cursor = tree.at(5000, &within);
  BlockHeader* block = tree.writable(cursor);
  tree.changed(cursor, block, 3, cursor.key(), block->bytes);
  EXPECT_EQ(live_blocks.load(), blocks + 1);
  EXPECT_LT(base::thread_bytes() - bytes, 3 * 2200 + 200);
  EXPECT_EQ(frozen.weight(), 10000U);
  EXPECT_EQ(tree.weight(), 10002U);
  tree.check();
  frozen.check();
}

TEST_F(BlockTreeTest, ReclaimsInSteps) {
  BlockTree tree(&kPlain);
  for (uint64_t i = 0; i < 20000; ++i) {
    BlockCursor end;
    tree.insert_before(end, make_block(i), 1);
  }
  BlockTree frozen = tree.freeze();
  BlockCursor cursor = tree.first();
  tree.remove(cursor);
  {
    BlockReclaimer reclaimer(std::move(tree));
    EXPECT_TRUE(tree.empty());  // NOLINT(bugprone-use-after-move): moved from is empty
    while (reclaimer.step(100)) {
    }
    EXPECT_EQ(live_blocks.load(), 20000);  // all of them still in the frozen tree
  }
  BlockReclaimer reclaimer(std::move(frozen));
  int64_t before = live_blocks.load();
  size_t steps = 0;
  for (; reclaimer.step(100); ++steps) {
    ASSERT_LE(before - live_blocks.load(), 100);
    before = live_blocks.load();
  }
  EXPECT_GE(steps, 200U);
  EXPECT_EQ(live_blocks.load(), 0);
  BlockTree none(&kPlain);
  EXPECT_FALSE(BlockReclaimer(std::move(none)).step(1));
}

TEST_F(BlockTreeTest, FrozenTreesAreReadByAnotherThread) {
  Pair pair(&kKeyed, random_);
  for (int i = 0; i < 1500; ++i) pair.insert();
  for (int view = 0; view < 12; ++view) {
    // The view goes to the reader, which also lets go of it.
    std::thread reader([frozen = pair.tree.freeze(), values = pair.model.values] {
      frozen.check();
      expect_equal(frozen, values);
    });
    for (int i = 0; i < 200; ++i) i % 3 == 0 ? pair.insert() : i % 3 == 1 ? pair.remove(20) : pair.change();
    reader.join();
  }
  pair.tree.check();
}

}  // namespace
}  // namespace gyre::ds
