// Reactors that write and walk at the same time, and a consumer, each on a thread of its own; for
// ThreadSanitizer.
#include <barrier>
#include <random>
#include <thread>

#include "gyre/base/clock.h"
#include "harness.h"

namespace gyre::snapshot {
namespace {

constexpr unsigned kReactors = 3;
constexpr int kKeys = 6000, kPauseAt = 20;

class ShardGuard {
 public:
  explicit ShardGuard(store::Shard& shard) : mutex_(shard.mutex()) {
    while (!mutex_.try_lock()) std::this_thread::yield();
  }
  ~ShardGuard() { mutex_.unlock(); }

 private:
  coro::Mutex& mutex_;
};

void change(Harness& harness, std::mt19937_64& random) {
  const std::string name = "key:" + std::to_string(random() % kKeys);
  const store::Key key = store::make_key(name);
  ShardGuard guard(harness.keyspace.shard_of(key.hash));
  store::Db db = harness.db(static_cast<unsigned>(random() % 2));
  store::Entry* found = db.write(key);
  switch (random() % 5) {
    case 0:
      db.erase(key);
      return;
    case 1: {
      if (!found || found->value_in_line()) return;
      store::Entry* entry;
      const size_t size = found->raw_value().size();
      std::memset(db.edit_string(key, found, size + 1, &entry), 'e', size + 1);
      return;
    }
    case 2:
      db.set(key, found, std::string(random() % 100 == 0 ? 70'000 : 2000, 'b'));
      return;
    default:
      db.set(key, found, std::to_string(random()));
      return;
  }
}

/// One reactor: batches of changes inside the gate, and slices of the walk between them. At `pause` everybody
/// stands still, which is the closed gate.
void react(Harness& harness, unsigned reactor, uint64_t seed, std::barrier<>& pause,
           std::atomic<bool>& stop) {
  std::mt19937_64 random(seed);
  for (int turn = 0; turn <= kPauseAt || !stop.load(); ++turn) {
    if (turn == kPauseAt) {
      pause.arrive_and_wait();
      pause.arrive_and_wait();
    }
    if (!harness.keyspace.gate().try_enter(reactor)) continue;
    for (int i = 0; i < 16; ++i) change(harness, random);
    harness.keyspace.gate().leave(reactor);
    harness.walk.step(reactor, base::monotonic_us(), 5);
  }
}

void run(bool flush) {
  Harness harness({.reactors = kReactors, .databases = 2, .shards = 8});
  std::mt19937_64 random(7);
  for (int i = 0; i < kKeys; ++i)
    harness.set(static_cast<unsigned>(i % 2), "key:" + std::to_string(i), std::string(random() % 1500, 'v'));
  harness.begin();
  std::atomic<bool> stop{false};
  std::barrier pause(kReactors + 1);
  std::vector<std::thread> threads;
  for (unsigned r = 0; r < kReactors; ++r)
    threads.emplace_back([&, r] { react(harness, r, r + 1, pause, stop); });
  std::thread consumer([&] {
    while (harness.pull() != StreamWriter::Result::kEnd) std::this_thread::yield();
    stop.store(true);
  });
  pause.arrive_and_wait();
  if (flush) {
    for (unsigned i = 0; i < harness.keyspace.shard_count(); ++i) {
      harness.keyspace.shard(i).drop_database(0, true);
      harness.keyspace.shard(i).swap_databases(0, 1);
    }
  }
  pause.arrive_and_wait();
  consumer.join();
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(harness.walk.failed());
  harness.end();
  harness.compare();
  store::drain_lazyfree();
}

TEST(WalkThreads, WritersBesideTheWalk) { run(false); }
TEST(WalkThreads, FlushAndSwapInTheMiddle) { run(true); }

}  // namespace
}  // namespace gyre::snapshot
