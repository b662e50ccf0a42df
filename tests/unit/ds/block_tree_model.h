// A BlockTree of numbered blocks and the sequence it should hold, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <vector>

#include "gyre/base/memory.h"
#include "gyre/base/random.h"
#include "gyre/ds/block_tree.h"

namespace gyre::ds {

struct TestBlock : BlockHeader {
  uint64_t value = 0;
};

inline std::atomic<int64_t> live_blocks{0};

inline TestBlock* make_block(uint64_t value) {
  ++live_blocks;
  auto* block = new (base::allocate(sizeof(TestBlock))) TestBlock;
  block->bytes = static_cast<uint32_t>(16 + value % 100);
  block->value = value;
  return block;
}

inline BlockHeader* clone_block(const BlockHeader* block) {
  return make_block(static_cast<const TestBlock*>(block)->value);
}

inline void destroy_block(BlockHeader* block) {
  --live_blocks;
  base::deallocate(block);
}

inline constexpr BlockOps kKeyed{clone_block, destroy_block, true};
inline constexpr BlockOps kPlain{clone_block, destroy_block, false};

inline uint64_t value_of(const BlockCursor& cursor) {
  return static_cast<const TestBlock*>(cursor.block())->value;
}
/// Weight and key of a block follow from its value; keys come in runs of equal ones.
inline uint32_t weight_of_value(uint64_t value) { return static_cast<uint32_t>(value % 7 + 1); }
inline BlockKey key_of(uint64_t value) { return {value >> 20, value >> 10 & 1023}; }

/// The sequence a tree should hold.
struct Model {
  std::vector<uint64_t> values;

  uint64_t rank(size_t position) const {
    uint64_t sum = 0;
    for (size_t i = 0; i < position; ++i) sum += weight_of_value(values[i]);
    return sum;
  }
};

inline void expect_equal(const BlockTree& tree, const std::vector<uint64_t>& values) {
  ASSERT_EQ(tree.blocks(), values.size());
  BlockCursor cursor = tree.first();
  for (uint64_t value : values) {
    ASSERT_TRUE(cursor.valid());
    ASSERT_EQ(value_of(cursor), value);
    ASSERT_EQ(cursor.weight(), weight_of_value(value));
    cursor.next();
  }
  ASSERT_FALSE(cursor.valid());
  cursor = tree.last();
  for (size_t i = values.size(); i-- > 0; cursor.previous()) ASSERT_EQ(value_of(cursor), values[i]);
  ASSERT_FALSE(cursor.valid());
}

/// A tree and its model under random changes.
class Pair {
 public:
  Pair(const BlockOps* ops, base::Random& random) : tree(ops), ordered_(ops->keyed), random_(random) {}

  BlockCursor at(size_t position) {
    if (position >= model.values.size()) return {};
    uint64_t within = 0;
    BlockCursor cursor = tree.at(model.rank(position), &within);
    EXPECT_EQ(within, 0U);
    EXPECT_EQ(tree.rank(cursor), model.rank(position));
    return cursor;
  }

  void insert() {
    uint64_t value = random_.next() >> 24;
    auto& values = model.values;
    size_t position = ordered_ ? static_cast<size_t>(std::ranges::lower_bound(values, value) - values.begin())
                               : random_.below(values.size() + 1);
    BlockCursor cursor;
    if (position > 0 && random_.below(2) == 0) {
      cursor = at(position - 1);
      tree.insert_after(cursor, make_block(value), weight_of_value(value), key_of(value));
    } else {
      cursor = at(position);
      tree.insert_before(cursor, make_block(value), weight_of_value(value), key_of(value));
    }
    values.insert(values.begin() + static_cast<ptrdiff_t>(position), value);
    check(cursor, position);
  }

  /// One block, or now and then a run of them.
  void remove(size_t run) {
    if (model.values.empty()) return;
    size_t position = random_.below(model.values.size());
    for (size_t n = random_.below(8) == 0 ? run : 1; n > 0 && position < model.values.size(); --n) {
      BlockCursor cursor = at(position);
      tree.remove(cursor);
      model.values.erase(model.values.begin() + static_cast<ptrdiff_t>(position));
      check(cursor, position);
    }
  }

  void change() {
    auto& values = model.values;
    if (values.empty()) return;
    size_t position = random_.below(values.size());
    // Between its neighbours, so that keys stay in order.
    uint64_t value = ordered_ ? (position > 0 ? values[position - 1] : 0) : random_.next() >> 24;
    BlockCursor cursor = at(position);
    if (random_.below(2) == 0) {
      tree.replace(cursor, make_block(value), weight_of_value(value), key_of(value));
    } else {
      BlockHeader* block = tree.writable(cursor);
      EXPECT_EQ(block->refs.load(), 1U);
      static_cast<TestBlock*>(block)->value = value;
      if (random_.below(2) == 0) {  // its owner moves it
        TestBlock* moved = make_block(value);
        moved->bytes = block->bytes;
        destroy_block(block);
        block = moved;
      }
      tree.changed(cursor, block, weight_of_value(value), key_of(value),
                   static_cast<uint32_t>(16 + value % 100));
    }
    values[position] = value;
    check(cursor, position);
  }

  void check(const BlockCursor& cursor, size_t position) {
    ASSERT_EQ(cursor.valid(), position < model.values.size());
    ASSERT_EQ(tree.rank(cursor), model.rank(position));
    if (cursor.valid()) ASSERT_EQ(value_of(cursor), model.values[position]);
  }

  void search() {
    uint64_t value = random_.below(4) == 0 || model.values.empty()
                         ? random_.next() >> 24
                         : model.values[random_.below(model.values.size())];
    auto key_below = [](uint64_t a, BlockKey key) { return key_of(a) < key; };
    auto key_above = [](BlockKey key, uint64_t a) { return key < key_of(a); };
    auto& values = model.values;
    auto first = std::lower_bound(values.begin(), values.end(), key_of(value), key_below) - values.begin();
    auto end = std::upper_bound(values.begin(), values.end(), key_of(value), key_above) - values.begin();
    check(tree.first_at_or_after(key_of(value)), static_cast<size_t>(first));
    BlockCursor cursor = tree.last_at_or_before(key_of(value));
    ASSERT_EQ(cursor.valid(), end > 0);
    if (cursor.valid()) check(cursor, static_cast<size_t>(end - 1));
    auto lower = std::ranges::lower_bound(values, value) - values.begin();
    auto before = [](const void* target, const BlockHeader* block) {
      return static_cast<const TestBlock*>(block)->value < *static_cast<const uint64_t*>(target);
    };
    cursor = tree.last_before(key_of(value), before, &value);
    ASSERT_EQ(cursor.valid(), lower > 0);
    if (cursor.valid()) check(cursor, static_cast<size_t>(lower - 1));
  }

  BlockTree tree;
  Model model;

 private:
  bool ordered_;
  base::Random& random_;
};

}  // namespace gyre::ds
