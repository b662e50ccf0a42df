// What propagation costs in memory: large arguments are referenced, and a warm reactor allocates nothing.
#include <string>
#include <vector>

#include "allocation_count.h"
#include "effect_journal.h"
#include "fixture.h"
#include "gyre/coro/scope.h"

namespace gyre::cmd {
namespace {

constexpr size_t kLarge = 100'000;

/// Keeps the buffers that records refer to.
class Referring final : public EffectJournal {
 public:
  uint64_t propagate(unsigned reactor, const exec::EffectRecord& record) override {
    EffectJournal::propagate(reactor, record);
    for (const exec::EffectRecord::Piece& piece : record.pieces) {
      if (!piece.blob) continue;
      blobs.push_back(piece.blob);
      EXPECT_EQ(piece.bytes.data(), piece.blob.data());
    }
    return 0;
  }
  std::vector<base::Blob> blobs;
};

class PropagationMemoryTest : public testing::TestWithParam<unsigned> {
 protected:
  PropagationMemoryTest() : h_(GetParam()) {
    h_.dispatcher->propagation = &referring_;
    h_.dispatcher->propagating = true;
  }

  std::string run(std::string_view line) { return h_.run(line); }
  /// A command whose last argument was received into a buffer of its own.
  void run_with_blob(const std::vector<std::string>& words, base::Blob last) {
    resp::ArgArena arena;
    for (const std::string& word : words) arena.push(word);
    arena.push_blob(std::move(last));
    const exec::CommandRow* row = h_.table.find(words[0]);
    coro::Scope scope;
    scope.spawn(h_.dispatcher->execute(h_.reactor(), h_.client().session,
                                       exec::OwnedCommand(row, arena, 0, arena.size())));
    EXPECT_EQ(scope.running(), 0u);
  }

  Referring referring_;
  Harness h_;
};

INSTANTIATE_TEST_SUITE_P(Reactors, PropagationMemoryTest, testing::Values(1, 3));

TEST_P(PropagationMemoryTest, LargeArgumentsAreReferenced) {
  const std::string text(kLarge, 'x');
  base::Blob blob = base::Blob::copy_of(text);
  const char* bytes = blob.data();
  run_with_blob({"SET", "k"}, blob);
  EXPECT_EQ(referring_.take(), wire({"SET", "k", text}));
  ASSERT_EQ(referring_.blobs.size(), 1u);
  EXPECT_EQ(referring_.blobs[0].data(), bytes);

  // The value is the same buffer: a change makes the keyspace take a copy.
  blob.reset();
  run("APPEND k y");
  EXPECT_EQ(referring_.blobs[0].view(), text);
  EXPECT_EQ(run("STRLEN k"), ":" + std::to_string(kLarge + 1));
  EXPECT_EQ(referring_.take(), wire({"APPEND", "k", "y"}));

  // Rewritten, and between other effects.
  const std::string ms = std::to_string(h_.now_ms() + 100'000);
  run_with_blob({"PSETEX", "k", "100000"}, base::Blob::copy_of(text));
  EXPECT_EQ(referring_.take(), wire({"SET", "k", text, "PXAT", ms}));
  run_with_blob({"GETSET", "k"}, base::Blob::copy_of(text));
  EXPECT_EQ(referring_.take(), wire({"SET", "k", text}));
  EXPECT_EQ(referring_.blobs.size(), 3u);

  const std::string small(10'000, 'y');
  run_with_blob({"SET", "k"}, base::Blob::copy_of(small));
  EXPECT_EQ(referring_.take(), wire({"SET", "k", small}));
  EXPECT_EQ(referring_.blobs.size(), 3u);
  // Large, but in the input like any other.
  run("SET k " + text);
  EXPECT_EQ(referring_.take(), wire({"SET", "k", text}));
  EXPECT_EQ(referring_.blobs.size(), 3u);
}

TEST_P(PropagationMemoryTest, ALargeArgumentKeepsItsPlaceInATransaction) {
  const std::string text(kLarge, 'x');
  run("PSETEX k 5 v");
  h_.advance_ms(20);
  referring_.take();
  run_with_blob({"GETSET", "k"}, base::Blob::copy_of(text));
  EXPECT_EQ(referring_.take(),
            wire({"MULTI"}) + wire({"DEL", "k"}) + wire({"SET", "k", text}) + wire({"EXEC"}));
  EXPECT_EQ(referring_.blobs.size(), 1u);
}

/// Takes records and keeps nothing.
class Counting final : public exec::Propagation {
 public:
  uint64_t propagate(unsigned, const exec::EffectRecord& record) override {
    for (const auto& piece : record.pieces) bytes += piece.bytes.size();
    return 0;
  }
  size_t bytes = 0;
};

TEST_P(PropagationMemoryTest, AWarmReactorAllocatesNothing) {
  if (!counts_allocations()) GTEST_SKIP() << "allocations are not counted in this build";
  Counting counting;
  h_.dispatcher->propagation = &counting;
  const std::string pipeline = wire({"SET", "key", "value"}) + wire({"SET", "key", "other"}) +
                               wire({"SETEX", "key", "100", "value"}) + wire({"EXPIRE", "key", "200"}) +
                               wire({"GETSET", "key", "value"}) + wire({"INCR", "n"}) +
                               wire({"GETEX", "key", "EX", "100"});
  exec::Dispatcher& dispatcher = *h_.dispatcher;
  base::OutBuffer out;
  TestClient& client = h_.client();
  exec::Session session(7, out, client);
  resp::RequestParser parser;
  const auto round = [&] {
    resp::ParseResult parse;
    exec::OwnedCommand suspended;
    const exec::RunResult result =
        dispatcher.run(h_.reactor(), session, parser, pipeline, {}, &parse, &suspended);
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
