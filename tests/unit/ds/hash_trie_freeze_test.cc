// Frozen tries while others are written.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <deque>
#include <thread>
#include <vector>

#include "hash_trie_model.h"

namespace gyre::ds {
namespace {

using trie::Form;

// Several tries with common nodes, each of them written at random, frozen further and dropped.
void run_family(Form form, trie::HashFunction function, uint64_t range, size_t rounds) {
  const uint64_t seed = test_seed();
  std::printf("seed %lu\n", seed);
  std::mt19937_64 random(seed);
  std::vector<Pair> family;
  family.emplace_back(form, seed, function);
  for (size_t round = 0; round < rounds; ++round) {
    Pair& one = family[random() % family.size()];
    const unsigned grow = random() % 3 == 0 ? 3 : 12;
    for (uint64_t i = random() % range; i > 0; --i) one.step(random, range, grow);
    if (::testing::Test::HasFatalFailure()) return;
    if (random() % 8 == 0) family.push_back(family[random() % family.size()].freeze());
    if (family.size() > 5) family.erase(family.begin() + static_cast<long>(random() % family.size()));
    if (round % 16 == 0) {
      for (const Pair& pair : family) pair.compare();
    }
  }
  for (const Pair& pair : family) pair.compare();
}

TEST(HashTrieFreeze, AFamilyOfMaps) { run_family(Form::kMap, trie::xxh3, 3000, kSanitized ? 60 : 300); }
TEST(HashTrieFreeze, AFamilyOfSets) { run_family(Form::kSet, trie::xxh3, 3000, kSanitized ? 60 : 300); }
TEST(HashTrieFreeze, AFamilyWithFewHashes) { run_family(Form::kMap, coarse_hash, 500, 60); }
TEST(HashTrieFreeze, AFamilyWithHashesThatDifferLate) { run_family(Form::kMap, deep_hash, 1000, 60); }

TEST(HashTrieFreeze, WhatChangesNothingCopiesNothing) {
  HashTrie trie(Form::kSet, 1);
  for (int i = 0; i < 10000; ++i) trie.insert(std::to_string(i));
  const HashTrie frozen = trie.freeze();
  EXPECT_FALSE(trie.insert("17"));
  EXPECT_FALSE(trie.insert_or_assign("17", ""));
  EXPECT_FALSE(trie.erase("none"));
  EXPECT_TRUE(HashTriePeer::root_is_shared(trie));
  EXPECT_TRUE(trie.insert("new"));
  EXPECT_FALSE(HashTriePeer::root_is_shared(trie));
}

// The owner writes and freezes; others read what was frozen, write copies of their own and drop them. For
// TSan.
TEST(HashTrieFreeze, OtherThreadsReadAndDropWhatIsFrozen) {
  const uint64_t seed = test_seed();
  std::printf("seed %lu\n", seed);
  std::mt19937_64 random(seed);
  Pair live(Form::kMap, seed);
  for (uint64_t i = 0; i < 5000; ++i) live.put(Pair::field(i), live.value(random));
  for (int round = 0; round < (kSanitized ? 4 : 10); ++round) {
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([frozen = live.freeze(), own = seed + static_cast<uint64_t>(i)]() mutable {
        frozen.compare();
        std::mt19937_64 random(own);
        for (int n = 0; n < 2000; ++n) frozen.step(random, 6000, 8);
        frozen.compare();
        auto rest = frozen.trie.detach();
        while (!rest.step(16)) continue;
      });
    }
    for (int n = 0; n < 20000; ++n) live.step(random, 6000, 9);
    for (std::thread& reader : readers) reader.join();
  }
  live.compare();
}

}  // namespace
}  // namespace gyre::ds
