// What holds a walk back: its consumer, its bounds, the gate, locks, and the delay asked for.
#include "harness.h"

namespace gyre::snapshot {
namespace {

constexpr store::KeyspaceOptions kOneShard{.reactors = 1, .databases = 4, .shards = 1};

void fill(Harness& harness, unsigned db, int keys, size_t value_bytes = 20) {
  for (int i = 0; i < keys; ++i) harness.set(db, "key:" + std::to_string(i), std::string(value_bytes, 'v'));
}

TEST(WalkBounds, BlockedUntilTheConsumerTakes) {
  Harness harness(kOneShard);
  fill(harness, 0, 20'000, 60);
  WalkOptions options;
  options.compress = false;
  options.max_pending_bytes = 2 * rdb::ChunkBuilder::kDefaultCapacity;
  harness.begin(options);
  StepResult result;
  while ((result = harness.step(0, 1000)) == StepResult::kMore) {
  }
  EXPECT_EQ(result, StepResult::kBlocked);
  EXPECT_LE(harness.walk.pending_bytes(), options.max_pending_bytes);
  EXPECT_EQ(harness.step(0, 1000), StepResult::kBlocked);
  while (harness.pull() != StreamWriter::Result::kEnd) {
    harness.step(0, 1000);
    EXPECT_LE(harness.walk.pending_bytes(), options.max_pending_bytes);
  }
  harness.end();
  harness.compare();
}

TEST(WalkBounds, FailsAtTheBoundOfPreImages) {
  Harness harness(kOneShard);
  fill(harness, 0, 5000, 50);
  WalkOptions options;
  options.max_pre_image_bytes = 64 * 1024;
  int signals = 0;
  options.on_output = [](void* context) { ++*static_cast<int*>(context); };
  options.on_output_context = &signals;
  harness.begin(options);
  int i = 0;
  for (; !harness.walk.failed() && i < 5000; ++i) {
    if (i == 100) EXPECT_FALSE(harness.walk.overloaded());
    harness.set(0, "key:" + std::to_string(i), "changed");
    if (harness.walk.pre_image_bytes() >= 32 * 1024) EXPECT_TRUE(harness.walk.overloaded());
  }
  ASSERT_TRUE(harness.walk.failed());
  EXPECT_EQ(signals, 2);  // output, and the failure
  EXPECT_GT(i, 400);
  EXPECT_LT(i, 2000);
  const uint64_t held = harness.walk.pre_image_bytes();
  harness.set(0, "key:4999", "changed");
  EXPECT_EQ(harness.walk.pre_image_bytes(), held);
  EXPECT_EQ(harness.step(), StepResult::kDone);
  EXPECT_EQ(harness.pull(), StreamWriter::Result::kFailed);
  EXPECT_FALSE(harness.walk.finished());
  harness.end();
  harness.begin();
  harness.finish_and_compare();
}

TEST(WalkBounds, AConsumerThatKeepsUpKeepsPreImagesLow) {
  Harness harness(kOneShard);
  fill(harness, 0, 5000, 50);
  WalkOptions options;
  options.max_pre_image_bytes = 64 * 1024;
  harness.begin(options);
  for (int i = 0; i < 5000; ++i) {
    harness.set(0, "key:" + std::to_string(i), "changed");
    harness.pull();
  }
  harness.finish_and_compare();
}

TEST(WalkBounds, ClosedGateAndTakenShardsAreNotWaitedFor) {
  Harness harness({.reactors = 2, .databases = 1, .shards = 2});
  fill(harness, 0, 100);
  harness.begin();
  ASSERT_TRUE(harness.keyspace.shard(0).mutex().try_lock());
  ASSERT_TRUE(harness.keyspace.shard(1).mutex().try_lock());
  EXPECT_EQ(harness.step(), StepResult::kLater);
  harness.keyspace.shard(1).mutex().unlock();
  while (harness.step(0, 1000) != StepResult::kLater) {
  }
  EXPECT_GT(harness.walk.keys_done(), 0u);
  EXPECT_LT(harness.walk.keys_done(), 100u);
  harness.keyspace.shard(0).mutex().unlock();
  harness.finish_and_compare();
}

TEST(WalkBounds, OneReactorDoesTheWorkOfOthersToo) {
  Harness harness({.reactors = 4, .databases = 1, .shards = 8});
  fill(harness, 0, 1000);
  harness.begin();
  while (harness.step(2, 1000) != StepResult::kDone) {
  }
  EXPECT_TRUE(harness.walk.finished());
  harness.finish_and_compare();
}

TEST(WalkBounds, KeySaveDelay) {
  Harness harness(kOneShard);
  fill(harness, 0, 100);
  WalkOptions options;
  options.key_save_delay_us = 1000;
  harness.begin(options);
  int64_t now_us = 1'000'000;
  while (harness.walk.step(0, now_us, 250) != StepResult::kDone) now_us += 100;
  EXPECT_NEAR(static_cast<double>(now_us - 1'000'000), 100'000, 2000);
  harness.finish_and_compare();

  options.key_save_delay_us = -10;  // 100 ns a key
  fill(harness, 0, 10'000);
  harness.begin(options);
  const int64_t begin_us = now_us;
  while (harness.walk.step(0, now_us, 10) != StepResult::kDone) ++now_us;
  EXPECT_GE(now_us - begin_us, 900);
  harness.finish_and_compare();
}

}  // namespace
}  // namespace gyre::snapshot
