// What commands tell replicas, byte for byte: the table of propagation_cases.h, and what a table cannot say.
#include <cstdlib>
#include <string>
#include <vector>

#include "allocation_count.h"
#include "effect_journal.h"
#include "fixture.h"
#include "gyre/coro/scope.h"
#include "gyre/store/active_expiry.h"
#include "gyre/store/db.h"
#include "gyre/store/eviction.h"
#include "propagation_cases.h"

namespace gyre::cmd {
namespace {

constexpr size_t kLarge = 100'000;

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

  /// A command whose last argument was received into a buffer of its own.
  void run_with_blob(const std::vector<std::string>& words, base::Blob last) {
    resp::ArgArena arena;
    for (const std::string& word : words) arena.push(word);
    arena.push_blob(std::move(last));
    const exec::CommandRow* row = h_.table.find(words[0]);
    coro::Scope scope;
    scope.spawn(h_.dispatcher->execute(h_.reactor(), h_.client().session, exec::OwnedCommand(row, arena, 0, arena.size())));
    EXPECT_EQ(scope.running(), 0u);
  }

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

TEST(PropagationTableTest, AsStock) {
  for (const unsigned reactors : {1u, 3u}) {
    for (const PropagationCase& test : kPropagationCases) {
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
      while (expiry.run_shard(store::Held::assume(), keyspace().shard(i), h_.now_ms(), 100, deletions())) {}
  };
  sweep();
  EXPECT_EQ(journal_.records, 2);
  const std::string first = stream_of({"SELECT 0", "DEL a", "SELECT 3", "DEL b"}), second = stream_of({"DEL b", "SELECT 0", "DEL a"});
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
    const std::string first = stream_of({name + " a", name + " b"}), second = stream_of({name + " b", name + " a"});
    EXPECT_TRUE(journal_.stream == first || journal_.stream == second) << journal_.stream;
  }
}

TEST_P(PropagationTest, AWalkOverShardsTellsOfEachWithoutATransaction) {
  constexpr int kKeys = 200;
  for (int i = 0; i < kKeys; ++i) run("PSETEX key:" + std::to_string(i) + " 5 v");
  h_.advance_ms(20);
  journal_.take();
  std::string cursor = "0";
  do {
    const std::string reply = run("SCAN " + cursor + " COUNT 50");
    cursor = reply.substr(1, reply.find(' ') - 1);
  } while (cursor != "0");
  EXPECT_EQ(journal_.stream.find("MULTI"), std::string::npos);
  for (int i = 0; i < kKeys; ++i)
    EXPECT_NE(journal_.stream.find(wire({"DEL", "key:" + std::to_string(i)})), std::string::npos) << i;
  EXPECT_EQ(keyspace().keys(0), 0u);
}

TEST_P(PropagationTest, ADatabaseOfManyDigits) {
  run("SELECT 15");
  run("SET a 1");
  EXPECT_EQ(journal_.take(), "*2\r\n$6\r\nSELECT\r\n$2\r\n15\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n");
}

/// Looks at records as they come.
class Watching final : public EffectJournal {
 public:
  explicit Watching(Harness& harness) : harness_(harness) {}
  void propagate(unsigned reactor, const exec::EffectRecord& record) override {
    EffectJournal::propagate(reactor, record);
    for (const exec::EffectRecord::Piece& piece : record.pieces) {
      if (!piece.blob) continue;
      blobs.push_back(piece.blob);
      EXPECT_EQ(piece.bytes.data(), piece.blob.data());
    }
    if (!key.empty()) held = !harness_.keyspace.shard_of(store::hash_key(key)).mutex().try_lock();
  }
  std::string key;
  bool held = false;
  std::vector<base::Blob> blobs;

 private:
  Harness& harness_;
};

TEST_P(PropagationTest, HandedOverWhileTheShardIsHeld) {
  if (!keyspace().concurrent()) return;
  Watching watching(h_);
  h_.dispatcher->propagation = &watching;
  watching.key = "k";
  for (const char* line : {"SET k v", "MSET k v l w", "RENAME l k", "MULTI", "SET k x", "EXEC", "COPY k m"}) {
    watching.held = false;
    const bool effect = run(line) != "QUEUED" && std::string_view(line) != "MULTI";
    EXPECT_EQ(watching.held, effect) << line;
  }
}

TEST_P(PropagationTest, LargeArgumentsAreReferenced) {
  Watching watching(h_);
  h_.dispatcher->propagation = &watching;
  const std::string text(kLarge, 'x');
  base::Blob blob = base::Blob::copy_of(text);
  const char* bytes = blob.data();
  run_with_blob({"SET", "k"}, blob);
  EXPECT_EQ(watching.take(), wire({"SET", "k", text}));
  ASSERT_EQ(watching.blobs.size(), 1u);
  EXPECT_EQ(watching.blobs[0].data(), bytes);

  // The value is the same buffer: a change makes the keyspace take a copy.
  blob.reset();
  run("APPEND k y");
  EXPECT_EQ(watching.blobs[0].view(), text);
  EXPECT_EQ(run("STRLEN k"), ":" + std::to_string(kLarge + 1));
  EXPECT_EQ(watching.take(), wire({"APPEND", "k", "y"}));

  // Rewritten, and between other effects.
  const std::string ms = std::to_string(h_.now_ms() + 100'000);
  run_with_blob({"PSETEX", "k", "100000"}, base::Blob::copy_of(text));
  EXPECT_EQ(watching.take(), wire({"SET", "k", text, "PXAT", ms}));
  run_with_blob({"GETSET", "k"}, base::Blob::copy_of(text));
  EXPECT_EQ(watching.take(), wire({"SET", "k", text}));
  EXPECT_EQ(watching.blobs.size(), 3u);

  const std::string small(10'000, 'y');
  run_with_blob({"SET", "k"}, base::Blob::copy_of(small));
  EXPECT_EQ(watching.take(), wire({"SET", "k", small}));
  EXPECT_EQ(watching.blobs.size(), 3u);
  // Large, but in the input like any other.
  run("SET k " + text);
  EXPECT_EQ(watching.take(), wire({"SET", "k", text}));
  EXPECT_EQ(watching.blobs.size(), 3u);
}

TEST_P(PropagationTest, ALargeArgumentKeepsItsPlaceInATransaction) {
  Watching watching(h_);
  h_.dispatcher->propagation = &watching;
  const std::string text(kLarge, 'x');
  run("PSETEX k 5 v");
  h_.advance_ms(20);
  watching.take();
  run_with_blob({"GETSET", "k"}, base::Blob::copy_of(text));
  EXPECT_EQ(watching.take(), wire({"MULTI"}) + wire({"DEL", "k"}) + wire({"SET", "k", text}) + wire({"EXEC"}));
  EXPECT_EQ(watching.blobs.size(), 1u);
}

TEST_P(PropagationTest, ChangesAreCountedAsStockCountsThem) {
  const struct {
    const char* command;
    uint64_t changes;
  } kSteps[] = {{"MSET a 1 b 2 c 3", 3}, {"RENAME a b", 1},  {"RENAMENX b a", 1}, {"COPY a b", 1},  {"COPY a b REPLACE", 1},
                {"MOVE b 1", 1},         {"COPY a b", 1},    {"DEL a b none", 2}, {"SWAPDB 3 3", 1}, {"GET c", 0},
                {"FLUSHDB", 1},          {"FLUSHDB", 0},     {"SET a 1", 1},      {"FLUSHALL", 2}};
  const auto& changes = h_.reactor().stats.live.changes;
  for (const auto& step : kSteps) {
    const uint64_t before = changes.get();
    run(step.command);
    EXPECT_EQ(changes.get() - before, step.changes) << step.command;
  }
}

/// Takes records and keeps nothing.
class Counting final : public exec::Propagation {
 public:
  void propagate(unsigned, const exec::EffectRecord& record) override {
    for (const auto& piece : record.pieces) bytes += piece.bytes.size();
  }
  size_t bytes = 0;
};

TEST_P(PropagationTest, AWarmReactorAllocatesNothing) {
  if (!counts_allocations()) GTEST_SKIP() << "allocations are not counted in this build";
  Counting counting;
  h_.dispatcher->propagation = &counting;
  const std::string pipeline = wire({"SET", "key", "value"}) + wire({"SET", "key", "other"}) + wire({"SETEX", "key", "100", "value"}) +
                               wire({"EXPIRE", "key", "200"}) + wire({"GETSET", "key", "value"}) + wire({"INCR", "n"}) +
                               wire({"GETEX", "key", "EX", "100"});
  exec::Dispatcher& dispatcher = *h_.dispatcher;
  base::OutBuffer out;
  TestClient& client = h_.client();
  exec::Session session(7, out, client);
  resp::RequestParser parser;
  const auto round = [&] {
    resp::ParseResult parse;
    exec::OwnedCommand suspended;
    const exec::RunResult result = dispatcher.run(h_.reactor(), session, parser, pipeline, {}, &parse, &suspended);
    EXPECT_EQ(result.consumed, pipeline.size());
    out.clear();
  };
  for (int i = 0; i < 100; ++i) round();
  counting.bytes = 0;
  const uint64_t before = allocations();
  constexpr size_t kRounds = 1000;
  for (size_t i = 0; i < kRounds; ++i) round();
  EXPECT_GT(before, 0u);
  EXPECT_EQ(allocations() - before, 0u);
  EXPECT_GT(counting.bytes, kRounds * pipeline.size());
}

}  // namespace
}  // namespace gyre::cmd
