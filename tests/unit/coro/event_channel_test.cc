#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "gyre/coro/channel.h"
#include "gyre/coro/event.h"
#include "test_executor.h"

namespace gyre::coro {
namespace {

Task<void> wait_and_log(Event* event, std::string* log, char name) {
  co_await *event;
  *log += name;
}

TEST(Event, WakesAllInOrder) {
  ManualExecutor executor;
  Scope scope;
  Event event;
  std::string log;
  for (char name : {'a', 'b', 'c'}) scope.spawn(wait_and_log(&event, &log, name));
  EXPECT_EQ(log, "");
  event.set();
  event.set();
  executor.run();
  EXPECT_EQ(log, "abc");
  scope.spawn(wait_and_log(&event, &log, 'd'));  // set: does not wait
  EXPECT_EQ(log, "abcd");
  event.reset();
  scope.spawn(wait_and_log(&event, &log, 'e'));
  EXPECT_EQ(log, "abcd");
  event.set();
  executor.run();
  EXPECT_EQ(log, "abcde");
}

TEST(Event, ARemovedWaiterIsNotWoken) {
  ManualExecutor executor;
  Event event;
  Event::Waiter waiter;
  waiter.executor = &executor;
  ASSERT_TRUE(event.enqueue(waiter));
  EXPECT_TRUE(event.remove(waiter));
  EXPECT_FALSE(event.remove(waiter));
  event.set();
  EXPECT_EQ(executor.run(), 0u);
  EXPECT_FALSE(event.enqueue(waiter));
}

Fire destroy_when_set(ThreadExecutor* executor, std::unique_ptr<Event> event, Event** published,
                      std::atomic<int>* done) {
  co_await executor->enter();
  std::atomic_ref(*published).store(event.get(), std::memory_order_release);
  co_await event->wait();
  event.reset();  // set() may not have returned yet
  done->fetch_add(1, std::memory_order_release);
}

TEST(Event, MayDieAsSoonAsItIsSet) {
  ThreadExecutor executor;
  for (int round = 1; round <= 500; ++round) {
    Event* event = nullptr;
    std::atomic<int> done{0};
    destroy_when_set(&executor, std::make_unique<Event>(), &event, &done);
    Event* seen;
    while (!(seen = std::atomic_ref(event).load(std::memory_order_acquire))) std::this_thread::yield();
    seen->set();
    while (done.load(std::memory_order_acquire) == 0) std::this_thread::yield();
  }
}

Task<void> produce(Channel<int>* channel, int count, int* sent) {
  for (int i = 0; i < count; ++i) {
    if (!co_await channel->send(i)) co_return;
    ++*sent;
  }
}

Task<void> consume(Channel<int>* channel, int64_t* sum, bool* ended) {
  while (auto item = co_await channel->receive()) *sum += *item;
  *ended = true;
}

TEST(Channel, IsBounded) {
  ManualExecutor executor;
  Scope scope;
  Channel<int> channel(3);
  int sent = 0;
  scope.spawn(produce(&channel, 10, &sent));
  executor.run();
  EXPECT_EQ(sent, 3);
  EXPECT_EQ(channel.size(), 3u);
  int64_t sum = 0;
  bool ended = false;
  scope.spawn(consume(&channel, &sum, &ended));
  executor.run();
  EXPECT_EQ(sent, 10);
  EXPECT_EQ(sum, 45);
  EXPECT_FALSE(ended);
  channel.close();
  executor.run();
  EXPECT_TRUE(ended);
}

TEST(Channel, CloseEndsSendersAndLeavesTheItems) {
  ManualExecutor executor;
  Scope scope;
  Channel<int> channel(2);
  int sent = 0;
  scope.spawn(produce(&channel, 5, &sent));
  executor.run();
  channel.close();
  executor.run();
  EXPECT_EQ(scope.running(), 0u);
  int64_t sum = 0;
  bool ended = false;
  scope.spawn(consume(&channel, &sum, &ended));
  EXPECT_EQ(sum, 1);
  EXPECT_TRUE(ended);
  int item = 1;
  EXPECT_FALSE(channel.try_send(item));
}

Fire produce_on(ThreadExecutor* executor, Channel<int>* channel, int count, std::atomic<int>* left) {
  co_await executor->enter();
  for (int i = 1; i <= count; ++i) co_await channel->send(i);
  if (left->fetch_sub(1) == 1) channel->close();
}

Fire consume_on(ThreadExecutor* executor, Channel<int>* channel, std::atomic<int64_t>* sum,
                std::atomic<int>* left) {
  co_await executor->enter();
  while (auto item = co_await channel->receive()) sum->fetch_add(*item);
  left->fetch_sub(1);
}

TEST(Channel, BetweenThreads) {
  Channel<int> channel(4);
  std::atomic<int> producers{4}, consumers{4};
  std::atomic<int64_t> sum{0};
  ThreadExecutor executors[4];
  for (auto& executor : executors) {
    produce_on(&executor, &channel, 2000, &producers);
    consume_on(&executor, &channel, &sum, &consumers);
  }
  for (int waited_ms = 0; consumers > 0 && waited_ms < 60'000; ++waited_ms)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(consumers.load(), 0);
  EXPECT_EQ(sum.load(), 4 * 2000 * 2001 / 2);
}

}  // namespace
}  // namespace gyre::coro
