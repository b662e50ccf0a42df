#include "gyre/ds/hash_trie.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include "gyre/base/memory.h"
#include "hash_trie_model.h"

namespace gyre::ds {
namespace {

using trie::Form;

TEST(HashTrie, EmptyOne) {
  HashTrie trie(Form::kMap, 1);
  EXPECT_EQ(trie.size(), 0u);
  EXPECT_EQ(trie.footprint(), 0u);
  EXPECT_FALSE(trie.find("a"));
  EXPECT_FALSE(trie.erase("a"));
  HashTrie::Element element;
  EXPECT_FALSE(HashTrie::Cursor(trie).next(element));
  EXPECT_EQ(trie.scan(0, 10, [](const HashTrie::Element&) { FAIL(); }), 0u);
  const HashTrie frozen = trie.freeze();
  EXPECT_TRUE(frozen.empty());
}

TEST(HashTrie, FieldsAndValuesOfEverySize) {
  for (const Form form : {Form::kSet, Form::kMap}) {
    Pair pair(form, 7);
    for (size_t field = 0; field < 270; field += field < 5 || field > 245 ? 1 : 40) {
      for (size_t value = 0; value < 270; value += value < 5 || value > 245 ? 1 : 40) {
        std::string f(field, static_cast<char>('a' + value % 26));
        std::string v(form == Form::kMap ? value : 0, 'v');
        pair.put(f, v);
        pair.find(f);
        if (value % 3 == 1) pair.erase(f);
      }
    }
    pair.compare();
    while (!pair.model.empty()) pair.erase(std::string(pair.model.begin()->first));
    pair.compare();
    EXPECT_EQ(pair.trie.footprint(), 0u);
  }
}

TEST(HashTrie, AnInsertLeavesAValueAloneAndAnAssignmentDoesNot) {
  HashTrie trie(Form::kMap, 1);
  EXPECT_TRUE(trie.insert("field", "one"));
  EXPECT_FALSE(trie.insert("field", "two"));
  EXPECT_EQ(trie.find("field"), "one");
  EXPECT_FALSE(trie.insert_or_assign("field", "three"));
  EXPECT_EQ(trie.find("field"), "three");
  EXPECT_FALSE(trie.insert_or_assign("field", std::string(1000, 'x')));
  EXPECT_EQ(trie.find("field"), std::string(1000, 'x'));
  EXPECT_FALSE(trie.insert_or_assign("field", std::string(990, 'y')));
  EXPECT_EQ(trie.find("field"), std::string(990, 'y'));
  EXPECT_FALSE(trie.insert_or_assign("field", ""));
  EXPECT_EQ(trie.find("field"), "");
  HashTriePeer::check(trie);
}

// Every number of elements up to several leaves, built up and taken down in several orders.
TEST(HashTrie, EverySmallSize) {
  std::mt19937_64 random(5);
  for (const auto function : {trie::xxh3, coarse_hash, deep_hash, constant_hash}) {
    for (size_t n = 1; n < 300; n += n < 140 ? (kSanitized ? 7 : 1) : 37) {
      Pair pair(Form::kMap, n, function);
      for (size_t i = 0; i < n; ++i) pair.put(std::to_string(i), std::string(i % 9, 'v'));
      pair.compare();
      std::vector<size_t> order(n);
      std::iota(order.begin(), order.end(), size_t{0});
      if (n % 3 == 1) std::reverse(order.begin(), order.end());
      if (n % 3 == 2) std::shuffle(order.begin(), order.end(), random);
      for (const size_t i : order) {
        pair.erase(std::to_string(i));
        if (pair.model.size() % 16 == 0) HashTriePeer::check(pair.trie);
      }
      pair.compare();
      ASSERT_EQ(pair.trie.footprint(), 0u);
    }
  }
}

void run_random(Form form, trie::HashFunction function, size_t operations, uint64_t range) {
  const uint64_t seed = test_seed();
  std::printf("seed %lu\n", seed);
  std::mt19937_64 random(seed);
  base::Random pops(seed);
  Pair pair(form, seed, function);
  for (size_t i = 0; i < operations; ++i) {
    // Waves of growth and of decline.
    pair.step(random, range, i / (range * 2) % 2 == 0 ? 13 : 3);
    if (random() % 64 == 0) pair.pop(pops);
    if (::testing::Test::HasFatalFailure()) return;
    if (i % (operations / 10) == 0) pair.compare();
  }
  pair.compare();
  while (!pair.trie.empty()) pair.pop(pops);
  pair.compare();
  EXPECT_EQ(pair.trie.footprint(), 0u);
}

TEST(HashTrie, RandomMapAgainstModel) {
  run_random(Form::kMap, trie::xxh3, kSanitized ? 100000 : 600000, 30000);
}
TEST(HashTrie, RandomSetAgainstModel) {
  run_random(Form::kSet, trie::xxh3, kSanitized ? 100000 : 600000, 30000);
}
TEST(HashTrie, RandomWithFewHashes) { run_random(Form::kMap, coarse_hash, 30000, 2000); }
TEST(HashTrie, RandomWithHashesThatDifferLate) { run_random(Form::kSet, deep_hash, 60000, 8000); }
TEST(HashTrie, RandomWithOneHash) { run_random(Form::kMap, constant_hash, 8000, 300); }

TEST(HashTrie, MovesTakeTheContent) {
  Pair pair(Form::kSet, 1);
  for (int i = 0; i < 1000; ++i) pair.put(std::to_string(i), "");
  HashTrie moved(std::move(pair.trie));
  EXPECT_EQ(moved.size(), 1000u);
  EXPECT_TRUE(moved.contains("999"));
  pair.trie = std::move(moved);
  pair.compare();
  pair.trie.clear();
  EXPECT_EQ(pair.trie.footprint(), 0u);
  EXPECT_TRUE(pair.trie.insert("again"));
}

int64_t taken_since(int64_t before) { return base::allocated_bytes() - before; }

TEST(HashTrie, TheFootprintIsWhatTheAllocatorGave) {
  const int64_t before = base::allocated_bytes();
  std::mt19937_64 random(3);
  HashTrie trie(Form::kMap, 1);
  for (uint64_t i = 0; i < 50000; ++i)
    trie.insert(std::to_string(random()), std::string(i % 100 == 0 ? 500 : random() % 40, 'v'));
  const auto taken = static_cast<double>(taken_since(before));
  EXPECT_NEAR(taken / static_cast<double>(trie.footprint()), 1, 0.06);
  trie.clear();
  EXPECT_LT(taken_since(before), 4096);
}

// The aim is 6 bytes more than the payload.
TEST(HashTrie, BytesOfSmallElements) {
  for (const size_t value : {size_t{0}, size_t{10}}) {
    HashTrie trie(value == 0 ? Form::kSet : Form::kMap, 1);
    double sum = 0;
    int samples = 0;
    for (uint64_t i = 0; i < 200000; ++i) {
      trie.insert("m" + std::to_string(100000000 + i), std::string(value, 'v'));
      if (i < 50000 || i % 10000 != 0) continue;
      sum += static_cast<double>(trie.footprint()) / static_cast<double>(trie.size());
      ++samples;
    }
    EXPECT_LE(sum / samples, static_cast<double>(10 + value) + (value == 0 ? 6 : 8)) << "payload " << 10 + value;
  }
}

TEST(HashTrie, GivesBackMemoryWhenItShrinks) {
  HashTrie trie(Form::kSet, 1);
  for (int i = 0; i < 100000; ++i) trie.insert(std::to_string(i));
  const size_t full = trie.footprint();
  // All but one of a hundred, evenly: every leaf becomes sparse.
  for (int i = 0; i < 100000; ++i) {
    if (i % 100 != 0) trie.erase(std::to_string(i));
  }
  HashTriePeer::check(trie);
  EXPECT_EQ(trie.size(), 1000u);
  EXPECT_LT(trie.footprint(), full / 100 * 3);
  EXPECT_LT(HashTriePeer::leaves(trie), 1000u / 8);
}

TEST(HashTrie, IsFreedInSteps) {
  const int64_t before = base::allocated_bytes();
  Pair pair(Form::kMap, 1);
  for (int i = 0; i < 50000; ++i)
    pair.trie.insert(std::to_string(i), i % 50 == 0 ? std::string(400, 'v') : "v");
  HashTrie frozen = pair.trie.freeze();
  const size_t blocks = HashTriePeer::leaves(pair.trie);
  auto rest = pair.trie.detach();
  EXPECT_TRUE(pair.trie.empty());
  EXPECT_TRUE(rest.step(1)) << "the frozen one has it all";
  EXPECT_EQ(frozen.size(), 50000u);
  EXPECT_EQ(frozen.find("4242"), "v");

  rest = frozen.detach();
  size_t steps = 0;
  while (!rest.step(32)) {
    ++steps;
    ASSERT_LT(steps, 50000u);
  }
  EXPECT_GT(steps, blocks / 32 / 2);
  EXPECT_LT(taken_since(before), 4096);
  pair.trie.insert("usable");
  EXPECT_EQ(pair.trie.size(), 1u);
}

TEST(HashTrie, WhatIsNotFreedInStepsIsFreedAtTheEnd) {
  const int64_t before = base::allocated_bytes();
  {
    HashTrie trie(Form::kSet, 1);
    for (int i = 0; i < 50000; ++i) trie.insert(std::to_string(i));
    auto rest = trie.detach();
    EXPECT_FALSE(rest.step(10));
  }
  EXPECT_LT(taken_since(before), 4096);
}

}  // namespace
}  // namespace gyre::ds
