#include "gyre/ds/time_wheel.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

#include "test_entry.h"

namespace gyre::ds {
namespace {

constexpr bool kSlow = kSanitized;
constexpr int64_t kStart = 1700000000000;
constexpr int64_t kSecond = 1000;
constexpr int64_t kDay = 86400 * kSecond;

/// The owner: keys with their real expiry, in two orders.
struct Keys final : ExpirySource {
  std::unordered_map<uint64_t, int64_t> expiry;
  std::set<std::pair<int64_t, uint64_t>> by_time;
  std::unordered_map<uint64_t, int64_t> reckoned;  // the expiry, or when it was set if that is later
  size_t lookups = 0;

  int64_t expiry_of(uint64_t hash) override {
    ++lookups;
    auto it = expiry.find(hash);
    return it == expiry.end() ? -1 : it->second;
  }
  void forget(uint64_t hash) {
    auto it = reckoned.find(hash);
    if (it == reckoned.end()) return;
    by_time.erase({it->second, hash});
    reckoned.erase(it);
    expiry.erase(hash);
  }
  void set(TimeWheel& wheel, uint64_t hash, int64_t when, int64_t now = kStart) {
    auto it = expiry.find(hash);
    if (it == expiry.end())
      wheel.add(hash, when);
    else
      wheel.update(hash, it->second, when);
    forget(hash);
    expiry[hash] = when;
    reckoned[hash] = std::max(when, now);
    by_time.emplace(reckoned[hash], hash);
  }
  /// Collects in slices until done; deletes what has expired. Returns how many.
  size_t collect(TimeWheel& wheel, int64_t now, size_t slice) {
    size_t deleted = 0;
    for (bool done = false; !done;) {
      std::vector<uint64_t> due;
      size_t before = lookups;
      done = wheel.collect_due(now, slice, *this, due);
      EXPECT_LE(due.size(), slice);
      EXPECT_LE(lookups - before, 2 * slice);
      for (uint64_t hash : due) {
        auto it = expiry.find(hash);
        if (it == expiry.end() || it->second > now) continue;
        forget(hash);
        ++deleted;
      }
    }
    return deleted;
  }
  /// Everything whose quantum is over must be gone.
  void check(int64_t now) {
    if (by_time.empty()) return;
    ASSERT_GE(by_time.begin()->first, now - TimeWheel::kQuantumMs) << "overdue at " << now;
  }
};

int64_t any_ttl(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return static_cast<int64_t>(random() % 200);
    case 1:
      return static_cast<int64_t>(random() % (40 * kSecond));
    case 2:
    case 3:
      return static_cast<int64_t>(random() % (10 * kSecond));
    case 4:
      return static_cast<int64_t>(random() % (3 * 3600 * kSecond));
    case 5:
      return static_cast<int64_t>(random() % (60 * kDay));
    case 6:
      return static_cast<int64_t>(random() % (40 * 365 * kDay));
    default:
      return -static_cast<int64_t>(random() % 5000);  // past already
  }
}

TEST(TimeWheel, RandomModel) {
  uint64_t seed = test_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (int round = 0; round < 20; ++round) {
    std::mt19937_64 random(seed + static_cast<uint64_t>(round));
    Arena arena;
    int64_t now = kStart + static_cast<int64_t>(random() % kDay);
    TimeWheel wheel(arena, now);
    Keys keys;
    for (int turn = 0; turn < 3000; ++turn) {
      for (uint64_t i = random() % 8; i > 0; --i) {
        uint64_t hash = random() % 500 * 0x9e3779b97f4a7c15u;
        if (random() % 5 == 0)
          keys.forget(hash);
        else
          keys.set(wheel, hash, now + any_ttl(random), now);
      }
      switch (random() % 12) {
        case 0:
          now += static_cast<int64_t>(random() % (20 * kSecond));
          break;
        case 1:
          if (random() % 4 == 0) now += static_cast<int64_t>(random() % (5 * 3600 * kSecond));
          break;
        case 2:
          if (random() % 20 == 0) now += static_cast<int64_t>(random() % (50 * kDay));
          break;
        default:
          now += static_cast<int64_t>(random() % 300);
      }
      if (random() % 3 == 0) {
        (void)keys.collect(wheel, now, 1 + random() % 50);
        keys.check(now);
        if (testing::Test::HasFatalFailure()) return;
      }
      if (wheel.wants_compaction(keys.expiry.size()) || random() % 50 == 0) {
        (void)wheel.compact(1 + random() % 3000, keys);
      }
    }
    // A century later all is gone.
    now += 100 * 365 * kDay;
    (void)keys.collect(wheel, now, 1000);
    EXPECT_TRUE(keys.expiry.empty()) << "round " << round;
    EXPECT_EQ(wheel.items(), 0u);
    wheel.clear();
    EXPECT_EQ(wheel.memory_bytes(), 0u);
    EXPECT_EQ(arena.bytes_live(), 0u);
  }
}

// The clock jumps both ways: nothing with an expiry is ever lost, nor found late by the clock of the moment.
TEST(TimeWheel, ClockJumps) {
  uint64_t seed = test_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (int round = 0; round < 40; ++round) {
    std::mt19937_64 random(seed + static_cast<uint64_t>(round));
    Arena arena;
    int64_t now = kStart;
    TimeWheel wheel(arena, now);
    Keys keys;
    for (int turn = 0; turn < 1500; ++turn) {
      for (uint64_t i = random() % 6; i > 0; --i) {
        keys.set(wheel, random() % 300 * 0x9e3779b97f4a7c15u, now + any_ttl(random), now);
      }
      if (random() % 100 == 0) {
        int64_t jump = static_cast<int64_t>(random() % (random() % 2 == 0 ? 60 * kSecond : 30 * kDay));
        now += random() % 2 == 0 ? jump : -jump;
      } else {
        now += static_cast<int64_t>(random() % (random() % 10 == 0 ? 20000 : 400));
      }
      (void)keys.collect(wheel, now, 1 + random() % 100);
      // What was past before a backward jump may take one turn more: its quantum has to end again.
      if (!keys.by_time.empty()) ASSERT_GE(keys.by_time.begin()->first, now - 2 * 20000) << "round " << round;
      if (random() % 20 == 0) (void)wheel.compact(500, keys);
    }
    now += 200 * kSecond;
    (void)keys.collect(wheel, now, 1000);
    keys.check(now);
    now += 100 * 365 * kDay;
    (void)keys.collect(wheel, now, 1000);
    EXPECT_TRUE(keys.expiry.empty()) << "round " << round;
  }
}

TEST(TimeWheel, DueWithinAQuantum) {
  Arena arena;
  TimeWheel wheel(arena, kStart);
  Keys keys;
  std::mt19937_64 random(test_seed());
  for (uint64_t i = 0; i < 20000; ++i)
    keys.set(wheel, random(), kStart + static_cast<int64_t>(random() % 100000));
  size_t total = 0;
  for (int64_t now = kStart; now < kStart + 100000 + 200; now += 10) {
    total += keys.collect(wheel, now, 100);
    keys.check(now);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_EQ(total, 20000u);
}

TEST(TimeWheel, UpdateInTheSameQuantumAddsNothing) {
  Arena arena;
  TimeWheel wheel(arena, kStart);
  Keys keys;
  int64_t when = (kStart + 5000) / TimeWheel::kQuantumMs * TimeWheel::kQuantumMs;
  for (int i = 0; i < 100; ++i) keys.set(wheel, 1, when + i);
  EXPECT_EQ(wheel.items(), 1u);
  keys.set(wheel, 1, when + TimeWheel::kQuantumMs);
  EXPECT_EQ(wheel.items(), 2u);
}

// EXPIRE on one key a million times, and on a few among many, must not grow memory.
TEST(TimeWheel, MemoryIsBounded) {
  for (uint64_t others : {0u, 20000u}) {
    Arena arena;
    TimeWheel wheel(arena, kStart);
    Keys keys;
    std::mt19937_64 random(test_seed());
    for (uint64_t i = 0; i < others; ++i)
      keys.set(wheel, random(), kStart + 7 * kDay + static_cast<int64_t>(random() % kDay));
    size_t most = 0;
    const int rounds = kSlow ? 100000 : 1000000;
    for (int i = 0; i < rounds; ++i) {
      keys.set(wheel, static_cast<uint64_t>(i) % 3,
               kStart + 7 * kDay + static_cast<int64_t>(random() % kDay));
      if (wheel.wants_compaction(keys.expiry.size())) (void)wheel.compact(8, keys);
      most = std::max(most, wheel.memory_bytes());
    }
    std::printf("%zu keys: at most %zu bytes\n", keys.expiry.size(), most);
    EXPECT_LT(most, 64 * 1024 + 40 * keys.expiry.size());
    while (wheel.wants_compaction(keys.expiry.size())) (void)wheel.compact(1000, keys);
    (void)keys.collect(wheel, kStart + 9 * kDay, 100000);
    EXPECT_TRUE(keys.expiry.empty());
  }
}

TEST(TimeWheel, ManyItemsInFewBytes) {
  Arena arena;
  TimeWheel wheel(arena, kStart);
  std::mt19937_64 random(test_seed());
  const size_t count = 300000;
  for (size_t i = 0; i < count; ++i)
    wheel.add(random(), kStart + 2 * kDay + static_cast<int64_t>(random() % kDay));
  EXPECT_LT(wheel.memory_bytes(), count * 17 / 2);
  EXPECT_EQ(wheel.memory_bytes(), arena.bytes_live());
}

TEST(TimeWheel, CompactionDropsDuplicatesAmongMany) {
  Arena arena;
  TimeWheel wheel(arena, kStart);
  Keys keys;
  std::mt19937_64 random(test_seed());
  std::vector<uint64_t> hashes;
  for (int i = 0; i < 30000; ++i) hashes.push_back(random());
  for (uint64_t h : hashes) keys.set(wheel, h, kStart + 3 * kDay);
  for (int copy = 0; copy < 4; ++copy) {
    for (uint64_t h : hashes) wheel.add(h, kStart + 3 * kDay + copy);
  }
  EXPECT_EQ(wheel.items(), 150000u);
  size_t slices = 0;
  while (wheel.wants_compaction(30000)) {
    (void)wheel.compact(2000, keys);
    ASSERT_LT(++slices, 1000u);
  }
  size_t deleted = keys.collect(wheel, kStart + 4 * kDay, 1000);
  EXPECT_EQ(deleted, 30000u);
}

}  // namespace

TEST(TimeWheel, SamplesItems) {
  Arena arena;
  TimeWheel wheel(arena, kStart);
  std::vector<uint64_t> out;
  wheel.sample(7, 5, out);
  EXPECT_TRUE(out.empty());
  std::mt19937_64 random(1);
  for (uint64_t hash = 1; hash <= 20000; ++hash) wheel.add(hash, kStart + any_ttl(random));
  std::set<uint64_t> seen;
  for (int round = 0; round < 2000; ++round) {
    out.assign(1, 0);  // what is there stays
    wheel.sample(random(), 10, out);
    ASSERT_EQ(out.size(), 11u);
    for (size_t i = 1; i < out.size(); ++i) {
      ASSERT_TRUE(out[i] >= 1 && out[i] <= 20000);
      seen.insert(out[i]);
    }
  }
  EXPECT_GT(seen.size(), 1000u);
  out.clear();
  wheel.sample(random(), 50000, out);
  EXPECT_EQ(std::set<uint64_t>(out.begin(), out.end()).size(), 20000u);
}

}  // namespace gyre::ds
