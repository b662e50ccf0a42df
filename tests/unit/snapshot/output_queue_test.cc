#include "gyre/snapshot/output_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace gyre::snapshot {
namespace {

void push(OutputQueue& queue, std::string_view bytes, Origin origin = Origin::kWalk) {
  rdb::ChunkBuilder builder(64);
  builder.append(bytes);
  queue.hold(origin, builder.footprint());
  queue.push(builder, origin);
}

TEST(OutputQueue, InOrderAndAccountedUntilConsumed) {
  OutputQueue queue;
  push(queue, "one");
  push(queue, "two", Origin::kPreImage);
  EXPECT_EQ(queue.held(Origin::kWalk), 64u);
  EXPECT_EQ(queue.held(Origin::kPreImage), 64u);
  rdb::Chunk chunk;
  ASSERT_TRUE(queue.next(&chunk));
  EXPECT_EQ(chunk.view(), "one");
  EXPECT_EQ(queue.held(Origin::kWalk), 0u);
  ASSERT_TRUE(queue.next(&chunk));
  EXPECT_EQ(chunk.view(), "two");
  EXPECT_FALSE(queue.next(&chunk));
  EXPECT_EQ(queue.held(Origin::kPreImage), 0u);
}

TEST(OutputQueue, TellsWhetherItWasEmpty) {
  OutputQueue queue;
  rdb::ChunkBuilder builder(8);
  builder.append("a");
  EXPECT_TRUE(queue.push(builder, Origin::kWalk));
  builder.append("b");
  EXPECT_FALSE(queue.push(builder, Origin::kWalk));
}

TEST(OutputQueue, TheLimitHoldsButForWhatIsAlone) {
  OutputQueue queue;
  EXPECT_TRUE(queue.try_hold(Origin::kWalk, 100, 50));
  EXPECT_FALSE(queue.try_hold(Origin::kWalk, 1, 100));
  queue.let_go(Origin::kWalk, 100);
  EXPECT_TRUE(queue.try_hold(Origin::kWalk, 30, 50));
  EXPECT_TRUE(queue.try_hold(Origin::kWalk, 20, 50));
  EXPECT_FALSE(queue.try_hold(Origin::kWalk, 1, 50));
}

TEST(OutputQueue, BatchesOfSeveralThreadsStayWhole) {
  constexpr int kThreads = 3, kBatches = 2000;
  OutputQueue queue;
  std::vector<std::thread> producers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([&queue, t] {
      for (int i = 0; i < kBatches; ++i) {
        rdb::ChunkBuilder builder(8);
        builder.append("first" + std::to_string(t));
        builder.append_reference(base::Blob::copy_of("then" + std::to_string(t)));
        queue.hold(Origin::kWalk, builder.footprint());
        queue.push(builder, Origin::kWalk);
      }
    });
  }
  rdb::Chunk chunk;
  for (int got = 0; got < kThreads * kBatches;) {
    if (!queue.next(&chunk)) continue;
    const char who = chunk.view().back();
    EXPECT_EQ(chunk.view().substr(0, 5), "first");
    ASSERT_TRUE(queue.next(&chunk));
    EXPECT_EQ(chunk.view(), std::string("then") + who);
    ++got;
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_FALSE(queue.next(&chunk));
  EXPECT_EQ(queue.held(Origin::kWalk), 0u);
}

}  // namespace
}  // namespace gyre::snapshot
