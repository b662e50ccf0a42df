// Scans while the trie changes, and random elements.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "hash_trie_model.h"

namespace gyre::ds {
namespace {

using trie::Form;

// Of the elements 0 .. 999 none comes or goes; others do, in waves, between the calls.
void run_scan(trie::HashFunction function, uint64_t others) {
  const uint64_t seed = test_seed();
  std::printf("seed %lu\n", seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20; ++round) {
    HashTrie trie(Form::kSet, seed + static_cast<uint64_t>(round), function);
    for (int i = 0; i < 1000; ++i) trie.insert(std::to_string(i));
    if (round % 2 == 0) {
      for (uint64_t i = 0; i < others; ++i) trie.insert("o" + std::to_string(i));
    }
    std::map<std::string, int> seen;
    uint64_t cursor = 0;
    size_t calls = 0;
    do {
      cursor = trie.scan(cursor, 1 + random() % 30, [&](const HashTrie::Element& element) {
        if (element.field[0] != 'o') ++seen[std::string(element.field)];
      });
      ASSERT_LT(cursor, uint64_t{1} << 48);
      ASSERT_LT(++calls, 100000u);
      const bool grow = (calls / 8 + static_cast<size_t>(round)) % 2 == 1;
      for (uint64_t i = 0; i < others / 4; ++i) {
        const std::string other = "o" + std::to_string(random() % others);
        if (grow)
          trie.insert(other);
        else
          trie.erase(other);
      }
    } while (cursor != 0);
    ASSERT_EQ(seen.size(), 1000u);
    for (const auto& [field, times] : seen) ASSERT_EQ(times, 1) << field;
  }
}

TEST(HashTrieScan, SeesWhatStaysOnce) { run_scan(trie::xxh3, 20000); }
TEST(HashTrieScan, SeesWhatStaysOnceWithFewHashes) { run_scan(coarse_hash, 500); }
TEST(HashTrieScan, SeesWhatStaysOnceWithHashesThatDifferLate) { run_scan(deep_hash, 2000); }

TEST(HashTrieScan, ReturnsAboutAsManyAsAskedFor) {
  HashTrie trie(Form::kSet, 1);
  for (int i = 0; i < 10000; ++i) trie.insert(std::to_string(i));
  for (const size_t count : {1, 10, 1000}) {
    uint64_t cursor = 0;
    size_t total = 0;
    do {
      size_t seen = 0;
      cursor = trie.scan(cursor, count, [&](const HashTrie::Element&) { ++seen; });
      EXPECT_LT(seen, count + trie::kLeafElements);
      if (cursor != 0) EXPECT_GE(seen, count);
      total += seen;
    } while (cursor != 0);
    EXPECT_EQ(total, 10000u);
  }
}

TEST(HashTrieScan, AnyCursorIsAnswered) {
  HashTrie trie(Form::kSet, 1);
  for (int i = 0; i < 1000; ++i) trie.insert(std::to_string(i));
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    uint64_t cursor = random();
    int calls = 0;
    do cursor = trie.scan(cursor, 10, [](const HashTrie::Element&) {});
    while (cursor != 0 && ++calls < 1000);
    ASSERT_EQ(cursor, 0u);
  }
}

/// Chi-square of draws over all elements, as distance from its mean in standard deviations.
double unevenness(const HashTrie& trie, base::Random& random, size_t draws) {
  std::map<std::string, size_t> times;
  for (size_t i = 0; i < draws; ++i) ++times[std::string(trie.random(random).field)];
  EXPECT_EQ(times.size(), trie.size());
  const double expected = static_cast<double>(draws) / static_cast<double>(trie.size());
  double sum = 0;
  for (const auto& [field, n] : times)
    sum += (static_cast<double>(n) - expected) * (static_cast<double>(n) - expected);
  const auto freedom = static_cast<double>(trie.size() - 1);
  return freedom == 0 ? 0 : (sum / expected - freedom) / std::sqrt(2 * freedom);
}

TEST(HashTrieRandom, EveryElementIsAsProbable) {
  const uint64_t seed = test_seed();
  std::printf("seed %lu\n", seed);
  base::Random random(seed);
  for (const auto function : {trie::xxh3, coarse_hash, deep_hash, constant_hash}) {
    HashTrie trie(Form::kSet, seed, function);
    for (size_t n = 0; n < 3000; ++n) {
      trie.insert(std::to_string(n));
      if (n == 0 || n == 3 || n == 65 || n == 700 || n == 2999)
        EXPECT_LT(std::abs(unevenness(trie, random, 60 * trie.size())), 6) << n;
      if (function == constant_hash && n == 65) break;
    }
    // And after most have gone: from one half of the hashes nearly all, so that leaves differ in depth.
    for (size_t n = 0; n < 3000; ++n) {
      const std::string field = std::to_string(n);
      if (n % 20 != 0 && (n % 5 == 0 || trie.hash_of(field) >> 63 == 0)) trie.erase(field);
    }
    HashTriePeer::check(trie);
    EXPECT_LT(std::abs(unevenness(trie, random, 60 * trie.size())), 6);
  }
}

TEST(HashTrieRandom, PopsAllOnce) {
  base::Random random(1);
  Pair pair(Form::kMap, 1);
  for (int i = 0; i < 5000; ++i) pair.put(std::to_string(i), std::to_string(i * i));
  while (!pair.trie.empty()) {
    pair.pop(random);
    if (pair.trie.size() % 500 == 0) pair.compare();
  }
  EXPECT_TRUE(pair.model.empty());
}

}  // namespace
}  // namespace gyre::ds
