// What commands tell replicas, byte for byte: the tables of propagation_tables.h, and what a table cannot say.
#include <cstdlib>
#include <string>
#include <vector>

#include "effect_journal.h"
#include "fixture.h"
#include "gyre/base/check.h"
#include "gyre/store/active_expiry.h"
#include "gyre/store/db.h"
#include "gyre/store/eviction.h"
#include "propagation_tables.h"

namespace gyre::cmd {
namespace {

class PropagationTest : public testing::TestWithParam<unsigned> {
 protected:
  PropagationTest() : h_(GetParam()) {
    h_.dispatcher->propagation = &journal_;
    h_.dispatcher->propagating = true;
  }

  std::string run(std::string_view line) { return h_.run(line); }
  static std::string stream_of(const std::vector<std::string>& lines) {
    std::string stream;
    for (const std::string& line : lines) stream += wire(split_words(line));
    return stream;
  }
  store::Keyspace& keyspace() { return h_.keyspace; }
  store::DeletionSink* deletions() { return &h_.reactor().effects; }

  EffectJournal journal_;
  Harness h_;
};

INSTANTIATE_TEST_SUITE_P(Reactors, PropagationTest, testing::Values(1, 3));

/// "@ms+N" and its sisters become numbers.
std::string with_times(std::string line, int64_t begun_ms) {
  const auto replace = [&line](std::string_view mark, auto&& time) {
    for (size_t at = line.find(mark); at != std::string::npos; at = line.find(mark)) {
      char* end = nullptr;
      const int64_t offset = std::strtoll(line.c_str() + at + mark.size(), &end, 10);
      line.replace(at, static_cast<size_t>(end - (line.c_str() + at)), std::to_string(time(offset)));
    }
  };
  replace("@ms+", [=](int64_t n) { return begun_ms + n; });
  replace("@sms+", [=](int64_t n) { return (begun_ms / 1000 + n) * 1000; });
  replace("@s+", [=](int64_t n) { return begun_ms / 1000 + n; });
  return line;
}

void run_case(const PropagationCase& test, unsigned reactors) {
  SCOPED_TRACE(std::string(test.name) + ", reactors: " + std::to_string(reactors));
  Harness h(reactors);
  EffectJournal journal;
  h.dispatcher->propagation = &journal;
  h.dispatcher->propagating = true;
  const int64_t begun_ms = h.now_ms();
  for (const std::string_view step : test.steps) {
    if (step.starts_with("advance ")) {
      h.advance_ms(std::strtoll(step.data() + 8, nullptr, 10));
    } else if (step == "lazy-expire") {
      h.lazy_expire = true;
    } else if (step == "lazy-server-del") {
      h.environment.lazy_server_del = true;
    } else if (step.starts_with("2> ")) {
      h.client(1).run(with_times(std::string(step.substr(3)), begun_ms));
    } else {
      h.run(with_times(std::string(step), begun_ms));
    }
  }
  std::string expected;
  for (const char* line : test.stream) expected += wire(split_words(with_times(line, begun_ms)));
  EXPECT_EQ(journal.stream, expected);
}

TEST(PropagationTableTest, AsStock) {
  for (const auto* table : kPropagationTables) {
    for (const PropagationCase& test : *table) {
      for (const unsigned reactors : {1u, 3u}) run_case(test, reactors);
    }
  }
}

TEST_P(PropagationTest, NothingIsGatheredWhileNobodyListens) {
  h_.dispatcher->propagating = false;
  run("SET a 1");
  run("PSETEX b 5 1");
  run("MULTI");
  run("SET c 1");
  run("FLUSHDB");
  run("EXEC");
  run("PSETEX b 5 1");
  h_.advance_ms(20);
  run("GET b");
  EXPECT_EQ(journal_.records, 0);
  h_.dispatcher->propagating = true;
  run("SET a 2");
  EXPECT_EQ(journal_.take(), wire({"SET", "a", "2"}));
  EXPECT_EQ(journal_.records, 1);
}

TEST_P(PropagationTest, WhatCameInWireFormIsNotCopied) {
  const std::string first = wire({"SET", "a", "1"}), second = wire({"append", "a", std::string(5000, 'x')});
  const std::string input = "\r\n" + first + second;
  (void)h_.client().raw(input);
  EXPECT_EQ(journal_.take(), first + second);
  EXPECT_EQ(journal_.last_piece, input.data() + input.size() - second.size());
}

// What the parser lets pass, and a replica must not see: replicas read the stream by its own rules, and count its bytes.
TEST_P(PropagationTest, WhatCameInAnotherFormIsPutIntoWireForm) {
  const std::string expected = wire({"SET", "a", "12"});
  for (const char* input : {"SET a 12\r\n", "*3\rX$3\r\nSET\r\n$1\r\na\r\n$2\r\n12\r\n", "*3\r\n$3\r\nSET\r\n$1\rXa\r\n$2\r\n12\r\n",
                            "*3\r\n$3\r\nSET\r\n$1\r\naXY$2\r\n12\r\n", "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n12XY",
                            "*3\r\n$3\r\nSET\r\n$1\r\na\rY$2\r\n12\r\n"}) {
    EXPECT_EQ(h_.client().raw(input), "+OK\r\n");
    EXPECT_EQ(journal_.take(), expected) << input;
  }
}

TEST_P(PropagationTest, KeysExpiredInTheBackgroundGoOneByOne) {
  run("PSETEX a 5 1");
  run("SELECT 3");
  run("PSETEX b 5 1");
  run("SET c 1");
  h_.advance_ms(5000);
  journal_.take();
  journal_.records = 0;
  store::ActiveExpiry expiry(keyspace());
  const auto sweep = [&] {
    for (unsigned i = 0; i < keyspace().shard_count(); ++i)
      while (expiry.run_shard(store::Held::assume(), keyspace().shard(i), h_.now_ms(), 100, deletions())) {
      }
  };
  sweep();
  EXPECT_EQ(journal_.records, 2);
  const std::string first = stream_of({"SELECT 0", "DEL a", "SELECT 3", "DEL b"}),
                    second = stream_of({"DEL b", "SELECT 0", "DEL a"});
  EXPECT_TRUE(journal_.stream == first || journal_.stream == second) << journal_.stream;

  run("SELECT 0");
  run("PSETEX a 5 1");
  h_.advance_ms(5000);
  journal_.take();
  h_.lazy_expire = true;
  sweep();
  EXPECT_EQ(journal_.take(), wire({"UNLINK", "a"}));
}

TEST_P(PropagationTest, EvictedKeysGoOneByOne) {
  for (const bool lazy : {false, true}) {
    run("SET a 1");
    run("SET b 1");
    journal_.take();
    journal_.records = 0;
    h_.lazy_eviction = lazy;
    store::Evictor evictor(keyspace());
    const store::EvictionRules rules{.order = store::EvictionRules::Order::kRandom, .samples = 5};
    EXPECT_EQ(evictor.run(store::Held::assume(), h_.now_ms(), rules, 1 << 20, INT64_MAX, false, deletions()),
              store::Evictor::Outcome::kNothing);
    EXPECT_EQ(journal_.records, 2);
    const std::string name = lazy ? "UNLINK" : "DEL";
    const std::string first = stream_of({name + " a", name + " b"}),
                      second = stream_of({name + " b", name + " a"});
    EXPECT_TRUE(journal_.stream == first || journal_.stream == second) << journal_.stream;
  }
}

TEST_P(PropagationTest, ADatabaseOfManyDigits) {
  run("SELECT 15");
  run("SET a 1");
  EXPECT_EQ(journal_.take(), "*2\r\n$6\r\nSELECT\r\n$2\r\n15\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n");
}

/// Looks whether the shard of each key is held at the moment of the record. Nobody else is there to hold it.
class Watching final : public EffectJournal {
 public:
  explicit Watching(store::Keyspace& keyspace) : keyspace_(keyspace) {}
  uint64_t propagate(unsigned reactor, const exec::EffectRecord& record) override {
    EffectJournal::propagate(reactor, record);
    resp::ArgArena arena;
    resp::RequestParser parser;
    std::string_view rest = record.pieces[0].bytes;
    while (!rest.empty()) {
      arena.clear();
      const resp::ParseResult command = parser.parse(rest, {}, arena);
      GYRE_CHECK(command.status == resp::ParseStatus::kCommand);
      rest.remove_prefix(command.consumed);
      if (command.arg_count == 1) continue;  // EXEC
      ++effects;
      coro::Mutex& mutex = keyspace_.shard_of(store::hash_key(arena[1])).mutex();
      if (!mutex.try_lock()) continue;
      mutex.unlock();
      ++too_late;
    }
    return 0;
  }
  int effects = 0, too_late = 0;

 private:
  store::Keyspace& keyspace_;
};

TEST_P(PropagationTest, HandedOverWhileTheShardIsHeld) {
  if (!keyspace().concurrent()) return;
  Watching watching(keyspace());
  h_.dispatcher->propagation = &watching;
  for (const char* line :
       {"SET k v", "MSET k v l w", "RENAME l k", "MULTI", "SET k x", "GETDEL k", "EXEC", "PSETEX k 5 v"})
    run(line);
  h_.advance_ms(20);
  run("GET k");
  EXPECT_EQ(watching.effects, 7);
  EXPECT_EQ(watching.too_late, 0);
}

TEST_P(PropagationTest, AWalkOverShardsTellsOfEachBeforeItGoesOn) {
  constexpr int kKeys = 200;
  for (int i = 0; i < kKeys; ++i) run("PSETEX key:" + std::to_string(i) + " 5 v");
  h_.advance_ms(20);
  Watching watching(keyspace());
  h_.dispatcher->propagation = &watching;
  std::string cursor = "0";
  do {
    const std::string reply = run("SCAN " + cursor + " COUNT 50");
    cursor = reply.substr(1, reply.find(' ') - 1);
  } while (cursor != "0");
  // They touch arbitrary keys, so no transaction holds them together.
  EXPECT_EQ(watching.stream.find("MULTI"), std::string::npos);
  for (int i = 0; i < kKeys; ++i)
    EXPECT_NE(watching.stream.find(wire({"DEL", "key:" + std::to_string(i)})), std::string::npos) << i;
  EXPECT_EQ(watching.effects, kKeys);
  if (keyspace().concurrent()) EXPECT_EQ(watching.too_late, 0);
  EXPECT_EQ(keyspace().keys(0), 0u);
}

/// A body that says what the words after its name ask for.
void speak(exec::CommandContext& c) {
  const store::Key key = store::make_key("k");
  c.db().set(key, c.db().write(key), "v");
  for (size_t i = 1; i < c.argc(); ++i) {
    if (c.arg(i) == "two") {
      c.propagate_as({"SREM", "k", "a"});
      c.propagate_as({"SREM", "k", "b"});
    } else if (c.arg(i) == "nothing") {
      c.propagate_nothing();
    } else if (c.arg(i) == "forced") {
      c.force_propagation();
    } else if (c.arg(i) == "changed") {
      c.propagate_with({{0, "NAME"}, {1, "x"}, {3, "more"}, {4, "still"}});
    }
  }
  c.reply.ok();
}

TEST_P(PropagationTest, WhatABodyMaySay) {
  h_.table.bind("debug", speak);
  run("DEBUG quiet");  // changes data and is no writing command
  EXPECT_EQ(journal_.take(), "");
  run("DEBUG forced x");
  EXPECT_EQ(journal_.take(), stream_of({"DEBUG forced x"}));
  run("DEBUG nothing forced");
  EXPECT_EQ(journal_.take(), "");
  run("DEBUG two forced");
  EXPECT_EQ(journal_.take(), stream_of({"MULTI", "SREM k a", "SREM k b", "EXEC"}));
  run("DEBUG changed y");
  EXPECT_EQ(journal_.take(), stream_of({"NAME x y more still"}));
  run("MULTI");
  run("DEBUG two");
  run("SELECT 1");
  run("DEBUG nothing");
  run("DEBUG forced");
  run("EXEC");
  EXPECT_EQ(journal_.take(),
            stream_of({"MULTI", "SREM k a", "SREM k b", "SELECT 1", "DEBUG forced", "EXEC"}));
}

TEST_P(PropagationTest, ChangesAreCountedAsStockCountsThem) {
  const struct {
    const char* command;
    uint64_t changes;
  } kSteps[] = {{"MSET a 1 b 2 c 3", 3}, {"RENAME a b", 1}, {"RENAMENX b a", 1}, {"COPY a b", 1},
                {"COPY a b REPLACE", 1}, {"MOVE b 1", 1},   {"COPY a b", 1},     {"DEL a b none", 2},
                {"SWAPDB 3 3", 1},       {"GET c", 0},      {"FLUSHDB", 1},      {"FLUSHDB", 0},
                {"SET a 1", 1},          {"FLUSHALL", 2}};
  const auto& changes = h_.reactor().stats.live.changes;
  for (const auto& step : kSteps) {
    const uint64_t before = changes.get();
    run(step.command);
    EXPECT_EQ(changes.get() - before, step.changes) << step.command;
  }
}

}  // namespace
}  // namespace gyre::cmd
