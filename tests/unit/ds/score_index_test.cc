#include "gyre/ds/score_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "hash_trie_check.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

using Model = std::multimap<uint32_t, double>;

void compare(const ScoreIndex& index, const Model& model) {
  ASSERT_EQ(index.size(), model.size());
  HashTriePeer::check(index);
  for (auto it = model.begin(); it != model.end(); it = model.upper_bound(it->first)) {
    std::multiset<double> expected;
    for (auto [at, end] = model.equal_range(it->first); at != end; ++at) expected.insert(at->second);
    std::multiset<double> found;
    index.find_candidates(it->first, [&](double score) {
      found.insert(score);
      return false;
    });
    ASSERT_EQ(found, expected);
  }
}

struct Random {
  explicit Random(uint64_t seed, uint32_t spread) : bits(seed), spread(spread) {}
  uint32_t hash() { return static_cast<uint32_t>(bits() % spread) * (0xffffffffu / spread); }
  double score() { return bits() % 10 == 0 ? INFINITY : static_cast<double>(bits() % 16) / 3; }
  std::mt19937_64 bits;
  uint32_t spread;
};

Model::iterator any_of(Model& model, Random& random) {
  auto it = model.lower_bound(random.hash());
  return it == model.end() ? model.begin() : it;
}

void step(ScoreIndex& index, Model& model, Random& random, unsigned grow) {
  if (model.empty() || random.bits() % 16 < grow) {
    const uint32_t hash = random.hash();
    const double score = random.score();
    index.insert(hash, score);
    model.emplace(hash, score);
    return;
  }
  const auto it = any_of(model, random);
  ASSERT_FALSE(index.erase(it->first, 1234.5));
  ASSERT_FALSE(index.update(it->first, 1234.5, 1));
  if (random.bits() % 2 == 0) {
    ASSERT_TRUE(index.erase(it->first, it->second));
    model.erase(it);
    return;
  }
  const double score = random.score();
  ASSERT_TRUE(index.update(it->first, it->second, score));
  it->second = score;
}

TEST(ScoreIndex, RandomAgainstModel) {
  const uint64_t seed = test_seed();
  std::printf("seed %lu\n", seed);
  // From hashes that are nearly all different to a few that hundreds of members share.
  for (const uint32_t spread : {0xffffffffu, 5000u, 20u}) {
    Random random(seed, spread);
    ScoreIndex index;
    Model model;
    const int operations = spread == 20 ? 10000 : kSanitized ? 30000 : 100000;
    for (int i = 0; i < operations; ++i) {
      step(index, model, random, i / (operations / 4) % 2 == 0 ? 12 : 2);
      if (::testing::Test::HasFatalFailure()) return;
      if (i % (operations / 8) == 0) compare(index, model);
    }
    compare(index, model);
    while (!model.empty()) {
      ASSERT_TRUE(index.erase(model.begin()->first, model.begin()->second));
      model.erase(model.begin());
    }
    compare(index, model);
    EXPECT_EQ(index.footprint(), 0u);
  }
}

TEST(ScoreIndex, StopsAtTheOneWanted) {
  ScoreIndex index;
  for (int i = 0; i < 100; ++i) index.insert(77, i);
  int asked = 0;
  EXPECT_TRUE(index.find_candidates(77, [&](double score) { return ++asked, score == 50; }));
  EXPECT_LE(asked, 100);
  EXPECT_FALSE(index.find_candidates(78, [](double) { return true; }));
}

TEST(ScoreIndex, AFrozenOneStays) {
  Random random(1, 0xffffffffu);
  ScoreIndex index;
  Model model;
  for (int i = 0; i < 5000; ++i) step(index, model, random, 12);
  const ScoreIndex frozen = index.freeze();
  const Model then = model;
  std::thread reader([&] { compare(frozen, then); });
  for (int i = 0; i < 20000; ++i) step(index, model, random, 7);
  reader.join();
  compare(frozen, then);
  compare(index, model);
  auto rest = index.detach();
  while (!rest.step(8)) continue;
  EXPECT_EQ(index.size(), 0u);
  compare(frozen, then);
}

TEST(ScoreIndex, BytesOfAMember) {
  ScoreIndex index;
  Random random(1, 0xffffffffu);
  for (int i = 0; i < 200000; ++i) index.insert(random.hash(), i);
  EXPECT_LE(static_cast<double>(index.footprint()) / 200000, 16.5);
}

}  // namespace
}  // namespace gyre::ds
