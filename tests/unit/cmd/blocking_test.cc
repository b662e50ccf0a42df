// Commands that wait for keys: who is served, when, with what.
#include "blocking_fixture.h"

namespace gyre::cmd {
namespace {

const char* const kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";

INSTANTIATE_TEST_SUITE_P(Reactors, BlockingTest, testing::Values(1u, 3u));

TEST_P(BlockingTest, WhatIsThereIsTakenAtOnce) {
  steps({
      {"RPUSH a 1 2 3 4 5 6 7 8", ":8"},
      {"BLPOP none a 0", "[a 1]"},
      {"BRPOP a none 0.5", "[a 8]"},
      {"BLMOVE a b LEFT RIGHT 0", "2"},
      {"BRPOPLPUSH a b 0", "7"},
      {"LRANGE b 0 -1", "[7 2]"},
      {"BLMPOP 0 2 none a RIGHT COUNT 2", "[a [6 5]]"},
      {"BLMPOP 0 1 a LEFT", "[a [3]]"},
      {"ZADD z 1 a 2 b 3 c 4 d", ":4"},
      {"BZPOPMIN none z 0", "[z a 1]"},
      {"BZPOPMAX z 0", "[z d 4]"},
      {"BZMPOP 0 1 z MAX COUNT 5", "[z [[c 3] [b 2]]]"},
  });
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingTest, FirstComeFirstServed) {
  wait(1, "BLPOP l 0");
  wait(2, "BRPOP other l 0");
  wait(3, "BLMPOP 0 2 x l LEFT COUNT 2");
  wait(4, "BLPOP l 0");
  EXPECT_EQ(run("RPUSH l a"), ":1");
  EXPECT_EQ(reply(1), "[l a]");
  EXPECT_EQ(reply(2), "waits");
  EXPECT_EQ(run("RPUSH l b c d e f"), ":5");
  EXPECT_EQ(reply(2), "[l f]");
  EXPECT_EQ(reply(3), "[l [b c]]");
  EXPECT_EQ(reply(4), "[l d]");
  EXPECT_EQ(run("LRANGE l 0 -1"), "[e]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingTest, NobodyComesBetween) {
  wait(1, "BLPOP l 0");
  // One pipeline: the waiting client is older than the second command.
  EXPECT_EQ(show_reply(h.client().raw("RPUSH l a\r\nLPOP l\r\nLLEN l\r\n")), ":1 | nil | :0");
  EXPECT_EQ(reply(1), "[l a]");
}

TEST_P(BlockingTest, KeysInTheOrderOfTheCommand) {
  wait(1, "BLPOP a b c 0");
  for (const char* command : {"MULTI", "RPUSH c 3", "RPUSH b 2", "EXEC"}) run(command);
  EXPECT_EQ(reply(1), "[b 2]");
  EXPECT_EQ(run("LRANGE c 0 -1"), "[3]");
  wait(1, "BLPOP a a a 0");
  run("RPUSH a 1 2");
  EXPECT_EQ(reply(1), "[a 1]");
  EXPECT_EQ(run("LRANGE a 0 -1"), "[2]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingTest, ATransactionIsOneStep) {
  wait(1, "BLPOP l 0");
  for (const char* command : {"MULTI", "RPUSH l a", "DEL l", "EXEC"}) run(command);
  EXPECT_EQ(reply(1), "waits");
  for (const char* command : {"MULTI", "RPUSH l a", "DEL l", "SET l x", "EXEC"}) run(command);
  EXPECT_EQ(reply(1), "waits");
  run("DEL l");
  for (const char* command : {"MULTI", "RPUSH l a", "RPUSH l b", "LPOP l"}) run(command);
  EXPECT_EQ(run("EXEC"), "[:1 :2 a]");
  EXPECT_EQ(reply(1), "[l b]");
  // Inside one nobody waits.
  for (const char* command :
       {"MULTI", "BLPOP l 0", "BLMOVE l m LEFT LEFT 0", "BLMPOP 0 1 l LEFT", "BZPOPMIN l 0"})
    run(command);
  EXPECT_EQ(run("EXEC"), "[nil nil nil nil]");
}

TEST_P(BlockingTest, MovesFeedOthers) {
  wait(1, "BLMOVE a b LEFT RIGHT 0");
  wait(2, "BLMOVE b c LEFT RIGHT 0");
  wait(3, "BLMOVE c d LEFT RIGHT 0");
  wait(4, "BLMOVE d e LEFT RIGHT 0");
  wait(5, "BLMOVE e f LEFT RIGHT 0");
  wait(6, "BLMOVE f g LEFT RIGHT 0");
  wait(7, "BRPOP x g 0");
  EXPECT_EQ(run("RPUSH a 1"), ":1");
  for (size_t i = 1; i <= 6; ++i) EXPECT_EQ(reply(i), "1");
  EXPECT_EQ(reply(7), "[g 1]");
  wait(1, "BRPOPLPUSH a a 0");
  EXPECT_EQ(run("RPUSH a 1 2"), ":2");
  EXPECT_EQ(reply(1), "2");
  EXPECT_EQ(run("LRANGE a 0 -1"), "[2 1]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingTest, MovesInACircle) {
  wait(1, "BRPOPLPUSH a b 0");
  wait(2, "BRPOPLPUSH b a 0");
  EXPECT_EQ(run("RPUSH a foo"), ":1");
  EXPECT_EQ(reply(1), "foo");
  EXPECT_EQ(reply(2), "foo");
  EXPECT_EQ(run("LRANGE a 0 -1"), "[foo]");
  EXPECT_EQ(run("EXISTS b"), ":0");
}

TEST_P(BlockingTest, EveryWayInWhichAKeyCanAppear) {
  const char* const ways[][2] = {
      {"RPUSH from v", "RENAME from l"},
      {"RPUSH from v", "RENAMENX from l"},
      {"RPUSH from v", "COPY from l"},
      {"RPUSH from v", "LMOVE from l LEFT LEFT"},
  };
  for (const auto& [before, command] : ways) {
    wait(1, "BLPOP l 0");
    run(before);
    EXPECT_EQ(reply(1), "waits");
    run(command);
    EXPECT_EQ(reply(1), "[l v]") << command;
    run("FLUSHALL");
  }
  wait(1, "BLPOP l 0");
  for (const char* command : {"SELECT 1", "RPUSH l elsewhere"}) run(command);
  EXPECT_EQ(reply(1), "waits");
  run("MOVE l 0");
  EXPECT_EQ(reply(1), "[l elsewhere]");
  wait(1, "BLPOP l 0");
  run("RPUSH l swapped");
  EXPECT_EQ(reply(1), "waits");
  run("SWAPDB 0 1");
  EXPECT_EQ(reply(1), "[l swapped]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingTest, OtherTypesWakeNobody) {
  wait(1, "BLPOP k 0");
  wait(2, "BZPOPMIN k 0");
  for (const char* command : {"SET k v", "DEL k", "SADD k v", "DEL k"}) run(command);
  EXPECT_EQ(reply(1), "waits");
  run("ZADD k 1 a 2 b");
  EXPECT_EQ(reply(1), "waits");
  EXPECT_EQ(reply(2), "[k a 1]");
  for (const char* command : {"DEL k", "RPUSH k v"}) run(command);
  EXPECT_EQ(reply(1), "[k v]");
  // The target is looked at when there is something to move.
  wait(1, "BLMOVE from to LEFT LEFT 0");
  run("SET to v");
  EXPECT_EQ(reply(1), "waits");
  run("RPUSH from a");
  EXPECT_EQ(reply(1), kWrongType);
  EXPECT_EQ(run("LRANGE from 0 -1"), "[a]");
}

TEST_P(BlockingTest, SortedSets) {
  wait(1, "BZPOPMAX x z 0");
  wait(2, "BZMPOP 0 2 x z MIN COUNT 2");
  wait(3, "BZPOPMIN z 0");
  run("ZADD z 1 a 2 b 3 c 4 d");
  EXPECT_EQ(reply(1), "[z d 4]");
  EXPECT_EQ(reply(2), "[z [[a 1] [b 2]]]");
  EXPECT_EQ(reply(3), "[z c 3]");
  wait(1, "BZPOPMIN z 0");
  run("ZADD from 5 e");
  run("ZUNIONSTORE z 1 from");
  EXPECT_EQ(reply(1), "[z e 5]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(BlockingTest, ExpiredKeysServeNobody) {
  run("SELECT 1");
  run("RPUSH l a");
  run("PEXPIRE l 5");
  wait(1, "BLPOP l 0");
  h.advance_ms(20);
  run("SWAPDB 0 1");
  EXPECT_EQ(reply(1), "waits");
}

TEST_P(BlockingTest, WatchersSeeWhatTheServedDo) {
  wait(1, "BRPOPLPUSH src dst 0");
  for (const char* command : {"WATCH dst", "MULTI", "GET x", "RPUSH src v"}) run(command);
  EXPECT_EQ(run("EXEC"), "[nil :1]");
  EXPECT_EQ(reply(1), "v");
  wait(1, "BRPOPLPUSH src dst 0");
  for (const char* command : {"WATCH dst", "MULTI", "GET x"}) run(command);
  h.client(2).run("RPUSH src v");
  EXPECT_EQ(run("EXEC"), "nil");
}

}  // namespace
}  // namespace gyre::cmd
