// XREAD and XREADGROUP that wait: who is served, when, with what.
#include "blocking_fixture.h"
#include "effect_journal.h"

namespace gyre::cmd {
namespace {

class StreamBlockingTest : public BlockingTest {};
INSTANTIATE_TEST_SUITE_P(Reactors, StreamBlockingTest, testing::Values(1u, 3u));

TEST_P(StreamBlockingTest, AllReadersGetTheEntry) {
  run("XADD s 1-1 f 1");
  wait(1, "XREAD BLOCK 0 STREAMS s none $ 0");
  wait(2, "XREAD COUNT 1 BLOCK 0 STREAMS t s 0 1-1");
  EXPECT_EQ(run("XADD s 1-2 f 2"), "1-2");
  EXPECT_EQ(reply(1), "[[s [[1-2 [f 2]]]]]");
  EXPECT_EQ(reply(2), "[[s [[1-2 [f 2]]]]]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(StreamBlockingTest, TheEndIsThatOfTheCommandsMoment) {
  run("XADD s 5-1 f 1");
  wait(1, "XREAD BLOCK 0 STREAMS s $");
  wait(2, "XREAD BLOCK 0 STREAMS s 7");
  // Other values and other changes wake nobody for good.
  run("XDEL s 5-1");
  run("XADD s MAXLEN 0 6-1 f v");
  run("DEL s");
  run("SET s v");
  run("DEL s");
  EXPECT_EQ(reply(1), "waits");
  run("XADD s 6-2 f v");
  EXPECT_EQ(reply(1), "[[s [[6-2 [f v]]]]]");
  EXPECT_EQ(reply(2), "waits");
  run("XADD other 7-1 f v");
  run("RENAME other s");
  EXPECT_EQ(reply(2), "[[s [[7-1 [f v]]]]]");
}

TEST_P(StreamBlockingTest, OneConsumerOfAGroupGetsIt) {
  run("XGROUP CREATE s g 0 MKSTREAM");
  run("XGROUP CREATE s h 0");
  wait(1, "XREADGROUP GROUP g a BLOCK 0 STREAMS s >");
  wait(2, "XREADGROUP GROUP g b BLOCK 0 STREAMS s >");
  wait(3, "XREADGROUP GROUP h c BLOCK 0 STREAMS s >");
  run("XADD s 1-1 f v");
  EXPECT_EQ(reply(1), "[[s [[1-1 [f v]]]]]");
  EXPECT_EQ(reply(2), "waits");
  EXPECT_EQ(reply(3), "[[s [[1-1 [f v]]]]]");
  run("XADD s 1-2 f v");
  EXPECT_EQ(reply(2), "[[s [[1-2 [f v]]]]]");
  EXPECT_EQ(run("XPENDING s g"), "[:2 1-1 1-2 [[a 1] [b 1]]]");
}

TEST_P(StreamBlockingTest, HistoryNeverWaits) {
  run("XGROUP CREATE s g 0 MKSTREAM");
  EXPECT_EQ(run("XREADGROUP GROUP g a BLOCK 0 STREAMS s 0"), "[[s []]]");
}

TEST_P(StreamBlockingTest, TheGroupOrTheKeyGoes) {
  const char* const kNoGroup =
      "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option";
  run("XGROUP CREATE s g 0 MKSTREAM");
  wait(1, "XREADGROUP GROUP g a BLOCK 0 STREAMS s >");
  run("XGROUP DESTROY s g");
  EXPECT_EQ(reply(1), kNoGroup);
  run("XGROUP CREATE s g 0");
  wait(1, "XREADGROUP GROUP g a BLOCK 0 STREAMS s >");
  run("DEL s");
  EXPECT_EQ(reply(1), kNoGroup);
  run("XGROUP CREATE s g 0 MKSTREAM");
  wait(1, "XREADGROUP GROUP g a BLOCK 0 STREAMS s >");
  run("SET s v");
  EXPECT_EQ(reply(1), "-WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(StreamBlockingTest, TheTimeIsUp) {
  run("XADD s 1-1 f v");
  wait(1, "XREAD BLOCK 10 STREAMS s $");
  h.client(1).end_wait();
  EXPECT_EQ(reply(1), "nil");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(StreamBlockingTest, WhatIsServedIsPropagated) {
  EffectJournal journal;
  run("XGROUP CREATE s g 0 MKSTREAM");
  wait(1, "XREADGROUP GROUP g a BLOCK 0 STREAMS s >");
  wait(2, "XREADGROUP GROUP g b BLOCK 0 NOACK STREAMS s >");
  h.dispatcher->propagation = &journal;
  h.dispatcher->propagating = true;
  for (const char* command : {"MULTI", "XADD s 1-1 f v", "XADD s 1-2 f v", "EXEC", "XADD s 1-3 f v"})
    run(command);
  EXPECT_EQ(reply(1), "[[s [[1-1 [f v]] [1-2 [f v]]]]]");
  EXPECT_EQ(reply(2), "[[s [[1-3 [f v]]]]]");
  const std::string time = std::to_string(h.now_ms());
  const std::string stream = journal.take();
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"XCLAIM", "s", "g", "a", "0", "1-1", "TIME", time, "RETRYCOUNT",
                                              "1", "FORCE", "JUSTID", "LASTID", "1-1"},
                                             {"XCLAIM", "s", "g", "a", "0", "1-2", "TIME", time, "RETRYCOUNT",
                                              "1", "FORCE", "JUSTID", "LASTID", "1-2"},
                                             {"XGROUP", "SETID", "s", "g", "1-3", "ENTRIESREAD", "3"}})
    EXPECT_NE(stream.find(wire(words)), std::string::npos) << words[0] << stream;
  EXPECT_EQ(stream.find("XREADGROUP"), std::string::npos);
  h.dispatcher->propagating = false;
}

}  // namespace
}  // namespace gyre::cmd
