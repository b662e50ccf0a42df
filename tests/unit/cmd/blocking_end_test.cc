// Commands that wait for keys: how waits end, what is counted, and what replicas are told.
#include "blocking_fixture.h"
#include "effect_journal.h"

namespace gyre::cmd {
namespace {

class BlockingEndTest : public BlockingTest {};
INSTANTIATE_TEST_SUITE_P(Reactors, BlockingEndTest, testing::Values(1u, 3u));

TEST_P(BlockingEndTest, Timeouts) {
  steps({
      {"BLPOP l x", "-ERR timeout is not a float or out of range"},
      {"BLPOP l -1", "-ERR timeout is negative"},
      {"BLPOP l -0.5", "-ERR timeout is negative"},
      {"BLPOP l 1e16", "-ERR timeout is out of range"},
      {"BLMOVE l m LEFT UP x", "-ERR syntax error"},
      {"BLMOVE l m LEFT LEFT x", "-ERR timeout is not a float or out of range"},
      {"BRPOPLPUSH l m -3", "-ERR timeout is negative"},
      {"BLMPOP x 0 l LEFT", "-ERR numkeys should be greater than 0"},
      {"BLMPOP x 1 l LEFT", "-ERR timeout is not a float or out of range"},
      {"BZMPOP x 1 l MIN", "-ERR timeout is not a float or out of range"},
      {"BZPOPMIN l nan", "-ERR timeout is not a float or out of range"},
  });
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingEndTest, EndsOfWaits) {
  wait(1, "BLPOP a b 1");
  h.client(1).end_wait();
  EXPECT_EQ(reply(1), "nil");
  wait(1, "BLMOVE a b LEFT LEFT 1");
  exec::Blocked& blocked = *h.client(1).session.labels().blocked;
  EXPECT_TRUE(blocked.has_deadline());
  EXPECT_TRUE(blocked.unblock(/*with_error=*/true));
  EXPECT_FALSE(blocked.unblock(/*with_error=*/false));
  EXPECT_EQ(run("RPUSH a 1"), ":1");
  EXPECT_EQ(reply(1), "-UNBLOCKED client unblocked via CLIENT UNBLOCK");
  run("DEL a");
  wait(1, "BZPOPMIN a 0");
  EXPECT_TRUE(h.client(1).session.labels().blocked->unblock(/*with_error=*/false));
  EXPECT_EQ(reply(1), "nil");
  // Who was served does not wait any more, whatever becomes of the client.
  wait(1, "BLPOP a 0");
  run("RPUSH a 1");
  EXPECT_FALSE(h.client(1).session.labels().blocked->unblock(/*with_error=*/true));
  EXPECT_EQ(reply(1), "[a 1]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingEndTest, CountedOnce) {
  const auto calls = [this](const char* name) {
    uint64_t sum = 0;
    for (const auto& reactor : h.dispatcher->reactors())
      sum += reactor->stats.commands[h.table.find(name)->id].calls;
    return sum;
  };
  wait(1, "BLPOP a 0");
  EXPECT_EQ(calls("blpop"), 0u);
  run("RPUSH a 1");
  EXPECT_EQ(reply(1), "[a 1]");
  EXPECT_EQ(calls("blpop"), 1u);
  wait(1, "BLPOP a 1");
  h.client(1).end_wait();
  EXPECT_EQ(reply(1), "nil");
  EXPECT_EQ(calls("blpop"), 2u);
}

TEST_P(BlockingEndTest, WhatReplicasAreTold) {
  EffectJournal journal;
  h.dispatcher->propagation = &journal;
  h.dispatcher->propagating = true;
  wait(1, "BLPOP l 0");
  wait(2, "blmove l {t} left right 0");
  wait(3, "BRPOPLPUSH l {t} 0");
  wait(4, "BLMPOP 0 1 l RIGHT COUNT 9");
  wait(5, "BZPOPMAX z 0");
  wait(6, "BZMPOP 0 1 z MIN COUNT 9");
  EXPECT_EQ(journal.take(), "");
  run("RPUSH l 1 2 3 4 5");
  EXPECT_EQ(journal.take(), wire({"RPUSH", "l", "1", "2", "3", "4", "5"}) + wire({"LPOP", "l"}) +
                                wire({"LMOVE", "l", "{t}", "left", "right"}) +
                                wire({"RPOPLPUSH", "l", "{t}"}) + wire({"RPOP", "l", "2"}));
  for (const char* command : {"MULTI", "ZADD z 1 a 2 b", "SET k v", "EXEC"}) run(command);
  EXPECT_EQ(journal.take(), wire({"MULTI"}) + wire({"ZADD", "z", "1", "a", "2", "b"}) +
                                wire({"SET", "k", "v"}) + wire({"EXEC"}) + wire({"ZPOPMAX", "z"}) +
                                wire({"ZPOPMIN", "z", "1"}));
  // In the client's own database.
  h.client(7).run("SELECT 3");
  wait(7, "BLPOP l 0");
  run("RPUSH l x");
  run("MOVE l 3");
  EXPECT_EQ(journal.take(), wire({"RPUSH", "l", "x"}) + wire({"MOVE", "l", "3"}) + wire({"SELECT", "3"}) +
                                wire({"LPOP", "l"}));
  h.dispatcher->propagating = false;
  for (size_t i = 1; i <= 7; ++i) EXPECT_NE(reply(i), "waits") << i;
}

TEST_P(BlockingEndTest, RepliesInTheClientsProtocol) {
  h.client(1).session.reply.set_version(3);
  wait(1, "BZPOPMIN z 0");
  run("ZADD z 1.5 a");
  (void)h.client(1).reply();
  wait(1, "BLPOP l 1");
  h.client(1).end_wait();
  EXPECT_EQ(reply(1), "nil");
  // A reply that nobody wants.
  h.client(2).session.flags |= exec::session_flag::kReplyOff;
  wait(2, "BLPOP l 1");
  run("RPUSH l a");
  h.client(2).session.flags &= ~exec::session_flag::kReplyOff;
  EXPECT_EQ(reply(2), "");
}

}  // namespace
}  // namespace gyre::cmd
