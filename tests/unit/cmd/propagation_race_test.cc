// Threads at work on the same few keys, and a replica that runs what they propagated, one command after the
// other: it ends with the same data, because the order of the log is the order in which changes were made
// (I4).
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "effect_journal.h"
#include "fixture.h"
#include "gyre/base/clock.h"
#include "gyre/base/random.h"
#include "gyre/store/active_expiry.h"

namespace gyre::cmd {
namespace {

constexpr unsigned kThreads = 3;
constexpr int kCommands = 20'000;
constexpr unsigned kKeys = 10;
constexpr unsigned kDatabases = 2;

/// All threads' records in one stream, as a log orders them.
class SharedJournal final : public EffectJournal {
 public:
  uint64_t propagate(unsigned reactor, const exec::EffectRecord& record) override {
    const std::lock_guard lock(mutex_);
    EffectJournal::propagate(reactor, record);
    return 0;
  }

 private:
  std::mutex mutex_;
};

using Data = std::map<std::pair<unsigned, std::string>, std::pair<std::string, int64_t>>;

/// Everything that lies in the tables, whether its time has come or not.
Data data_of(store::Keyspace& keyspace) {
  Data data;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    for (unsigned db = 0; db < kDatabases; ++db) {
      store::Database* d = keyspace.shard(i).find_database(db);
      if (!d) continue;
      d->table.for_each([&](const store::Entry* entry) {
        char scratch[base::kInt64TextMax];
        data[{db, std::string(entry->key())}] = {std::string(entry->text(scratch)), entry->expiry()};
      });
    }
  }
  return data;
}

std::string any_key(base::Random& random) { return "key:" + std::to_string(random.below(kKeys)); }

std::vector<std::string> any_command(base::Random& random) {
  const std::string key = any_key(random), other = any_key(random), n = std::to_string(random.below(100));
  switch (random.below(16)) {
    case 0:
      return {"SET", key, n};
    case 1:
      return {"SET", key, n, "PX", std::to_string(1 + random.below(3)), "GET"};
    case 2:
      return {"APPEND", key, n};
    case 3:
      return {"INCR", key};
    case 4:
      return {"GETDEL", key};
    case 5:
      return {"PEXPIRE", key, std::to_string(random.below(4))};
    case 6:
      return {"RENAME", key, other};
    case 7:
      return {"MSET", key, n, other, n};
    case 8:
      return {"DEL", key, other};
    case 9:
      return {"COPY", key, other, "DB", "1", "REPLACE"};
    case 10:
      return {"MOVE", key, "1"};
    case 11:
      return {"SCAN", "0", "COUNT", "1000"};
    case 12:
      return {"GETEX", key, "PX", "1"};
    case 13:
      return {"SELECT", std::to_string(random.below(kDatabases))};
    case 14:
      return {"INCRBYFLOAT", key, "0.5"};
    default:
      return {"GET", key};
  }
}

/// One thread's client: what could not have its shards at once is sent again.
class Worker final : public exec::ClientHandle {
 public:
  Worker(Harness& harness, unsigned index, uint64_t seed)
      : harness_(harness),
        reactor_(*harness.dispatcher->reactors()[index]),
        random_(seed + index),
        session_(100 + index, out_, *this) {}

  void work() {
    store::ActiveExpiry expiry(harness_.keyspace);
    for (int i = 0; i < kCommands; ++i) {
      if (random_.below(10) == 0) {
        send({"MULTI"});
        for (uint64_t n = random_.below(4); n > 0; --n) send(any_command(random_));
        send({"EXEC"});
      } else {
        send(any_command(random_));
      }
      if (random_.below(20) == 0) expire_somewhere(expiry);
    }
    send({"SELECT", "0"});
  }
  void kill() override {}

 private:
  void send(const std::vector<std::string>& words) {
    const std::string input = wire(words);
    reactor_.freeze_clock(base::wall_ms());
    exec::RunResult result;
    do {
      resp::ParseResult parse;
      exec::OwnedCommand suspended;
      result = harness_.dispatcher->run(reactor_, session_, parser_, input, {}, &parse, &suspended);
    } while (result.status == exec::RunStatus::kSuspended && !gave_up());
    out_.clear();
  }
  /// EXEC of a SCAN wants the gate closed, for which nobody waits here: it is left out.
  bool gave_up() {
    if (!session_.has(exec::session_flag::kMulti)) return false;
    for (const exec::OwnedCommand& command : session_.transaction->commands) {
      if (command.row()->full_name != "scan") continue;
      session_.transaction.reset();
      session_.flags &= ~exec::session_flag::kMulti;
      return true;
    }
    return false;
  }
  void expire_somewhere(store::ActiveExpiry& expiry) {
    store::Keyspace& keyspace = harness_.keyspace;
    if (!keyspace.gate().try_enter(reactor_.index)) return;
    store::Shard& shard = keyspace.shard(static_cast<unsigned>(random_.below(keyspace.shard_count())));
    if (shard.mutex().try_lock()) {
      expiry.run_shard(store::Held::assume(), shard, base::wall_ms(), 4, &reactor_.effects);
      shard.mutex().unlock();
    }
    keyspace.gate().leave(reactor_.index);
  }

  Harness& harness_;
  exec::ReactorState& reactor_;
  base::Random random_;
  base::OutBuffer out_;
  exec::Session session_;
  resp::RequestParser parser_;
};

TEST(PropagationRaceTest, AReplicaEndsWithTheSameData) {
  const char* given = std::getenv("GYRE_TEST_SEED");
  const uint64_t seed = given ? std::strtoull(given, nullptr, 10) : base::thread_random().next() % 1000000;
  SCOPED_TRACE("GYRE_TEST_SEED=" + std::to_string(seed));
  SharedJournal journal;
  Harness primary(kThreads);
  primary.dispatcher->propagation = &journal;
  primary.dispatcher->propagating = true;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i)
    threads.emplace_back([&primary, i, seed] { Worker(primary, i, seed).work(); });
  for (std::thread& thread : threads) thread.join();
  primary.dispatcher->propagating = false;

  Harness replica;
  // A replica leaves it to its primary to say when a key's time has come.
  replica.advance_ms(-replica.now_ms());
  const std::string replies = replica.client().raw(journal.stream);
  EXPECT_EQ(replies.find("-ERR"), std::string::npos) << replies.substr(replies.find("-ERR"), 80);
  EXPECT_FALSE(replica.client().session.has(exec::session_flag::kMulti));
  EXPECT_GT(journal.records, kCommands / 4);
  EXPECT_EQ(data_of(replica.keyspace), data_of(primary.keyspace));
}

}  // namespace
}  // namespace gyre::cmd
