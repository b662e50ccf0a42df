// What a point-in-time walk relies on: the observer hears of every entry before it is displaced or removed,
// and the metadata says exactly which entries are done.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include "gyre/ds/segment_table.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

using Table = SegmentTable<TestTraits>;

std::unordered_map<uint64_t, std::pair<const Bucket*, unsigned>> places_of(Table& table) {
  std::unordered_map<uint64_t, std::pair<const Bucket*, unsigned>> places;
  table.for_each([&](TestEntry* e) {
    auto slot = table.find_slot(TestTraits::hash(e), key_view(e->key));
    places[e->key] = {slot.bucket, slot.index};
  });
  return places;
}

struct Recorder final : TableObserver {
  std::unordered_set<uint64_t> displaced, removed;
  void before_displace(Segment& segment, uint32_t bucket, uint32_t slot) override {
    displaced.insert(static_cast<TestEntry*>(segment.buckets[bucket].pointer(slot))->key);
  }
  void before_remove(Segment& segment, uint32_t bucket, uint32_t slot) override {
    removed.insert(static_cast<TestEntry*>(segment.buckets[bucket].pointer(slot))->key);
  }
};

TEST(SegmentObserver, HearsOfEveryMove) {
  uint64_t seed = test_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  TestTable<> t;
  Recorder recorder;
  t.table.set_observer(&recorder);
  auto before = places_of(t.table);
  for (int i = 0; i < 2500; ++i) {
    recorder.displaced.clear();
    recorder.removed.clear();
    bool grow = (i / 1300) == 0;
    uint64_t key = random() % 1400;
    bool there = t.find(key) != nullptr;
    if (grow && !there) t.insert(key);
    if (!grow || there) EXPECT_EQ(t.erase(key), recorder.removed.contains(key));
    auto after = places_of(t.table);
    for (const auto& [k, place] : before) {
      auto it = after.find(k);
      if (it == after.end())
        ASSERT_TRUE(recorder.removed.contains(k));
      else if (it->second != place)
        ASSERT_TRUE(recorder.displaced.contains(k)) << k;
    }
    before = std::move(after);
  }
}

/// A point-in-time walk as the snapshot module does it: walks by scan, emits what is about to go, relies on
/// the metadata.
struct Walk final : TableObserver {
  explicit Walk(Table& t) : table(t) {}
  Table& table;
  std::unordered_map<uint64_t, uint64_t> image;
  bool twice = false;

  void emit(Segment& segment, uint32_t bucket, uint32_t slot) {
    if (table.emitted(segment, bucket, slot)) return;
    auto* e = static_cast<TestEntry*>(segment.buckets[bucket].pointer(slot));
    if (!image.emplace(e->key, e->value).second) twice = true;
    table.mark_emitted(segment, bucket, slot);
  }
  void before_displace(Segment&, uint32_t, uint32_t) override {}
  void before_remove(Segment& segment, uint32_t bucket, uint32_t slot) override {
    emit(segment, bucket, slot);
  }
  uint64_t step(uint64_t cursor) {
    return table.scan_places(
        cursor, [this](const SegmentTableBase::Place& p, TestEntry*) { emit(*p.segment, p.bucket, p.slot); });
  }
  /// As step, for a whole segment, marking its buckets done at the end.
  void walk_segment(uint64_t hash) {
    Segment& segment = *table.segment_of(hash);
    for (uint32_t b = 0; b < segment.bucket_count; ++b) {
      for (uint32_t s = 0; s < segment.buckets[b].used(); ++s) emit(segment, b, s);
      table.mark_bucket(segment, b);
    }
  }
};

// The image is exactly what was there at the cut, each entry once, while everything changes.
TEST(SegmentSnapshot, ImageIsThatOfTheCut) {
  uint64_t seed = test_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  TestTable<> t;
  std::unordered_map<uint64_t, uint64_t> model;
  uint64_t stamp = 0;
  uint64_t range = 6000;
  auto change = [&](bool growing) {
    uint64_t key = random() % range;
    auto slot = t.table.find_slot(t.hash(key), key_view(key));
    if (!slot) {
      if (!growing) return;
      t.insert(key, ++stamp);
      model[key] = stamp;
    } else if (!growing || random() % 2 == 0) {
      t.erase(key);
      model.erase(key);
    } else {
      TestEntry* old = t.table.get(slot);
      auto* e = new (t.arena.allocate(sizeof(TestEntry))) TestEntry{key, ++stamp};
      t.table.replace(slot, e);
      t.arena.free(old, sizeof(TestEntry));
      model[key] = stamp;
    }
  };
  for (uint32_t cut = 1; cut <= 30; ++cut) {
    range = 1 + random() % 20000;
    for (uint64_t i = random() % 20000; i > 0; --i) change(random() % 3 != 0);
    auto expected = model;
    Walk walk(t.table);
    t.table.begin_snapshot(cut);
    t.table.set_observer(&walk);
    bool growing = random() % 2 == 0;
    range = 1 + random() % 20000;
    uint64_t cursor = 0;
    size_t calls = 0;
    do {
      if (random() % 20 == 0 && t.table.size() > 0) {
        uint64_t hash = random();
        if (t.table.segment_of(hash)->bucket_count > 0) walk.walk_segment(hash);
      }
      cursor = walk.step(cursor);
      for (uint64_t i = random() % 60; i > 0; --i) change(growing);
      if (random() % 100 == 0) growing = !growing;
      ASSERT_LT(++calls, 200000u);
    } while (cursor != 0);
    t.table.set_observer(nullptr);
    t.table.end_snapshot();
    EXPECT_FALSE(walk.twice);
    ASSERT_EQ(walk.image, expected) << "cut " << cut;
  }
}

// A walk in the order of hashes knows from the cursor alone what it has passed.
TEST(SegmentSnapshot, WhatIsBelowTheCursorHasBeenPassed) {
  TestTable<> t;
  for (uint64_t key = 0; key < 5000; ++key) t.insert(key);
  uint64_t cursor = 0, passed = 0;
  do {
    const uint64_t below = SegmentTableBase::passed_below(cursor);
    cursor = t.table.scan(cursor, [&](TestEntry* e) {
      ++passed;
      EXPECT_GE(t.hash(e->key), below);
      const Segment& segment = *t.table.segment_of(t.hash(e->key));
      EXPECT_EQ(SegmentTableBase::first_hash(segment, t.hash(e->key)), below);
      EXPECT_LE(t.hash(e->key), SegmentTableBase::last_hash(segment, below));
    });
  } while (cursor != 0);
  EXPECT_EQ(passed, 5000u);
}

// Metadata of a segment that a walk has left would be memory for nothing.
TEST(SegmentSnapshot, InsertsWhereTheWalkIsThroughAreNotNoted) {
  TestTable<> t;
  for (uint64_t key = 0; key < 500; ++key) t.insert(key);
  t.table.begin_snapshot(3);
  Segment& segment = *t.table.segment_of(t.hash(1000));
  const size_t before = t.table.memory_bytes();
  segment.version = 3;
  t.insert(1000);
  EXPECT_EQ(segment.meta, nullptr);
  EXPECT_EQ(t.table.memory_bytes(), before);
  segment.version = 2;
  const uint64_t late = 1001;
  t.insert(late);
  ASSERT_NE(segment.meta, nullptr);
  const auto place = t.table.place(t.table.find_slot(t.hash(late), key_view(late)));
  EXPECT_TRUE(t.table.emitted(segment, place.bucket, place.slot));
  t.table.drop_snapshot_meta(segment);
  t.table.end_snapshot();
}

}  // namespace
}  // namespace gyre::ds
