// Commands on consumer groups: XGROUP, XREADGROUP, XACK, XPENDING, XCLAIM, XAUTOCLAIM, XINFO.
#include "fixture.h"

namespace gyre::cmd {
namespace {

class StreamGroupTest : public CommandTest {
 protected:
  StreamGroupTest() {
    for (int i = 1; i <= 5; ++i) run("XADD s " + std::to_string(i) + "-0 f " + std::to_string(i));
    run("XGROUP CREATE s g 0");
  }
};
INSTANTIATE_TEST_SUITE_P(Reactors, StreamGroupTest, testing::Values(1u, 3u));

constexpr const char* kInvalid = "-ERR Invalid stream ID specified as stream command argument";
constexpr const char* kNoStream =
    "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the "
    "MKSTREAM "
    "option to create an empty stream automatically.";

TEST_P(StreamGroupTest, MakeAndDrop) {
  steps({
      {"XGROUP CREATE s g 0", "-BUSYGROUP Consumer Group name already exists"},
      {"XGROUP CREATE s h $", "OK"},
      {"XGROUP CREATE s i 3 ENTRIESREAD 3", "OK"},
      {"XGROUP CREATE s j x", kInvalid},
      {"XGROUP CREATE s j -", kInvalid},
      {"XGROUP CREATE s j 0 ENTRIESREAD -2", "-ERR value for ENTRIESREAD must be positive or -1"},
      {"XGROUP CREATE s j 0 ENTRIESREAD x", "-ERR value is not an integer or out of range"},
      {"XGROUP CREATE s j 0 ENTRIESREAD",
       "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP."},
      {"XGROUP CREATE s j 0 x",
       "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP."},
      {"XGROUP CREATE s j", "-ERR wrong number of arguments for 'xgroup|create' command"},
      {"XGROUP CREATE s j 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM",
       "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP."},
      {"XGROUP CREATE none g $", kNoStream},
      {"XGROUP CREATE none g x MKSTREAM", kInvalid},
      {"EXISTS none", ":0"},
      {"XGROUP CREATE none g $ MKSTREAM ENTRIESREAD 7", "OK"},
      {"XLEN none", ":0"},
      {"XGROUP SETID s h 2", "OK"},
      {"XGROUP SETID s h + ENTRIESREAD 2", "OK"},
      {"XGROUP SETID s none 2", "-NOGROUP No such consumer group 'none' for key name 's'"},
      {"XGROUP SETID s h 2 MKSTREAM",
       "-ERR unknown subcommand or wrong number of arguments for 'SETID'. Try XGROUP HELP."},
      {"XGROUP CREATECONSUMER s h c", ":1"},
      {"XGROUP CREATECONSUMER s h c", ":0"},
      {"XGROUP CREATECONSUMER s none c", "-NOGROUP No such consumer group 'none' for key name 's'"},
      {"XGROUP DELCONSUMER s h c", ":0"},
      {"XGROUP DELCONSUMER s h c", ":0"},
      {"XGROUP DESTROY s h", ":1"},
      {"XGROUP DESTROY s h", ":0"},
      {"XGROUP DESTROY absent h", kNoStream},
      {"XGROUP NOSUCH s h", "-ERR unknown subcommand 'NOSUCH'. Try XGROUP HELP."},
      {"SET k v", "OK"},
      {"XGROUP CREATE k g 0", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"XGROUP DESTROY k g", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"XINFO GROUPS s",
       "[[name g consumers :0 pending :0 last-delivered-id 0-0 entries-read nil lag :5] "
       "[name i consumers :0 pending :0 last-delivered-id 3-0 entries-read :3 lag :2]]"},
      {"XINFO GROUPS none",
       "[[name g consumers :0 pending :0 last-delivered-id 0-0 entries-read :7 lag :0]]"},
  });
}

TEST_P(StreamGroupTest, ReadAndAcknowledge) {
  steps({
      {"XREADGROUP GROUP g a COUNT 2 STREAMS s >", "[[s [[1-0 [f 1]] [2-0 [f 2]]]]]"},
      {"XREADGROUP GROUP g b COUNT 1 STREAMS s >", "[[s [[3-0 [f 3]]]]]"},
      {"XREADGROUP GROUP g a STREAMS s 0", "[[s [[1-0 [f 1]] [2-0 [f 2]]]]]"},
      {"XREADGROUP GROUP g a COUNT 1 STREAMS s 1", "[[s [[2-0 [f 2]]]]]"},
      {"XREADGROUP GROUP g c STREAMS s 0", "[[s []]]"},
      {"XPENDING s g", "[:3 1-0 3-0 [[a 2] [b 1]]]"},
      {"XPENDING s g - + 10", "[[1-0 a :0 :2] [2-0 a :0 :3] [3-0 b :0 :1]]"},
      {"XPENDING s g - + 10 b", "[[3-0 b :0 :1]]"},
      {"XPENDING s g - + 10 nobody", "[]"},
      {"XPENDING s g (1 3 1", "[[2-0 a :0 :3]]"},
      {"XPENDING s g - + 0", "[]"},
      {"XPENDING s g - + -5", "[]"},
      {"XACK s g 1 2 9", ":2"},
      {"XACK s g 1 x", kInvalid},
      {"XACK s none x", ":0"},
      {"XACK none g x", ":0"},
      {"XDEL s 3", ":1"},
      {"XREADGROUP GROUP g b STREAMS s 0", "[[s [[3-0 nil]]]]"},
      {"XREADGROUP GROUP g b NOACK STREAMS s >", "[[s [[4-0 [f 4]] [5-0 [f 5]]]]]"},
      {"XREADGROUP GROUP g b STREAMS s >", "nil"},
      {"XPENDING s g", "[:1 3-0 3-0 [[b 1]]]"},
      {"XGROUP DELCONSUMER s g b", ":1"},
      {"XPENDING s g", "[:0 nil nil nil]"},
      {"XGROUP SETID s g 0", "OK"},
      {"XREADGROUP GROUP g d COUNT 1 STREAMS s >", "[[s [[1-0 [f 1]]]]]"},
      {"XGROUP SETID s g 0", "OK"},
      {"XREADGROUP GROUP g e COUNT 1 STREAMS s >", "[[s [[1-0 [f 1]]]]]"},
      {"XPENDING s g", "[:1 1-0 1-0 [[e 1]]]"},
  });
}

TEST_P(StreamGroupTest, ReadErrors) {
  steps({
      {"XREADGROUP GROUP g c STREAMS s $",
       "-ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this "
       "consumer by "
       "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty "
       "result set."},
      {"XREADGROUP GROUP none c STREAMS s >",
       "-NOGROUP No such key 's' or consumer group 'none' in XREADGROUP with GROUP option"},
      {"XREADGROUP GROUP g c STREAMS none >",
       "-NOGROUP No such key 'none' or consumer group 'g' in XREADGROUP with GROUP option"},
      {"XREADGROUP COUNT 1 NOACK NOACK STREAMS s >", "-ERR Missing GROUP option for XREADGROUP"},
      {"XREADGROUP GROUP g c STREAMS s x >",
       "-ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."},
      {"XREADGROUP GROUP g c STREAMS s x", kInvalid},
      {"XGROUP CREATE s streams 3", "OK"},
      {"XREADGROUP COUNT 5 GROUP streams c STREAMS s >", "[[s [[4-0 [f 4]] [5-0 [f 5]]]]]"},
      {"XPENDING s g x", "-ERR syntax error"},
      {"XPENDING s g - + x", "-ERR value is not an integer or out of range"},
      {"XPENDING s g IDLE x - + 1", "-ERR value is not an integer or out of range"},
      {"XPENDING s g IDLE 1 - +", "-ERR syntax error"},
      {"XPENDING s g x + 1", kInvalid},
      {"XPENDING s none", "-NOGROUP No such key 's' or consumer group 'none'"},
      {"XPENDING none g", "-NOGROUP No such key 'none' or consumer group 'g'"},
  });
}

TEST_P(StreamGroupTest, Claim) {
  run("XREADGROUP GROUP g a COUNT 3 STREAMS s >");
  h.advance_ms(100);
  steps({
      {"XCLAIM s g b 200 1 2", "[]"},
      {"XCLAIM s g b 100 1 4", "[[1-0 [f 1]]]"},
      {"XCLAIM s g b 0 2 JUSTID", "[2-0]"},
      {"XPENDING s g - + 10", "[[1-0 b :0 :2] [2-0 b :0 :1] [3-0 a :100 :1]]"},
      {"XCLAIM s g c 0 5 FORCE JUSTID IDLE 30", "[5-0]"},
      {"XCLAIM s g c 0 3 RETRYCOUNT 7 TIME 1", "[[3-0 [f 3]]]"},
      {"XPENDING s g IDLE 30 4 + 10", "[[5-0 c :30 :1]]"},
      {"XDEL s 2", ":1"},
      {"XCLAIM s g c 0 2 JUSTID", "[]"},
      {"XPENDING s g 2 2 10", "[]"},
      {"XCLAIM s g c 0 9 FORCE JUSTID", "[]"},
      {"XCLAIM s g d 0 x", "-ERR Unrecognized XCLAIM option 'x'"},
      {"XCLAIM s g d x 1", "-ERR Invalid min-idle-time argument for XCLAIM"},
      {"XCLAIM s g d 0 1 IDLE x", "-ERR Invalid IDLE option argument for XCLAIM"},
      {"XCLAIM s g d 0 1 TIME x", "-ERR Invalid TIME option argument for XCLAIM"},
      {"XCLAIM s g d 0 1 RETRYCOUNT x", "-ERR Invalid RETRYCOUNT option argument for XCLAIM"},
      {"XCLAIM s g d 0 1 LASTID x", kInvalid},
      {"XCLAIM s g d 0 1 IDLE", "-ERR Unrecognized XCLAIM option 'IDLE'"},
      {"XCLAIM s none d 0 1", "-NOGROUP No such key 's' or consumer group 'none'"},
      {"XCLAIM s g d 0 8 LASTID 4-4", "[]"},
      {"XINFO CONSUMERS s g",
       "[[name a pending :0 idle :100 inactive :100] [name b pending :1 idle :0 inactive :0] "
       "[name c pending :2 idle :0 inactive :0] [name d pending :0 idle :0 inactive :-1]]"},
      {"XINFO GROUPS s", "[[name g consumers :4 pending :3 last-delivered-id 4-4 entries-read :3 lag :2]]"},
  });
}

TEST_P(StreamGroupTest, Autoclaim) {
  run("XREADGROUP GROUP g a STREAMS s >");
  h.advance_ms(100);
  steps({
      {"XAUTOCLAIM s g b 1000 -", "[0-0 [] []]"},
      {"XAUTOCLAIM s g b 100 - COUNT 2", "[3-0 [[1-0 [f 1]] [2-0 [f 2]]] []]"},
      {"XAUTOCLAIM s g b 100 0 COUNT 2 JUSTID", "[5-0 [3-0 4-0] []]"},
      {"XDEL s 2 5", ":2"},
      {"XAUTOCLAIM s g b 0 (1 COUNT 3 JUSTID", "[5-0 [3-0 4-0] [2-0]]"},
      {"XAUTOCLAIM s g b 100 0", "[0-0 [] [5-0]]"},
      {"XPENDING s g - + 9", "[[1-0 b :0 :2] [3-0 b :0 :1] [4-0 b :0 :1]]"},
      {"XAUTOCLAIM s g b 0 - COUNT 0", "-ERR COUNT must be > 0"},
      {"XAUTOCLAIM s g b 0 - COUNT 8070450532247928833", "-ERR COUNT must be > 0"},
      {"XAUTOCLAIM s g b 0 - COUNT", "-ERR syntax error"},
      {"XAUTOCLAIM s g b x -", "-ERR Invalid min-idle-time argument for XAUTOCLAIM"},
      {"XAUTOCLAIM s g b 0 x", kInvalid},
      {"XAUTOCLAIM s none b 0 -", "-NOGROUP No such key 's' or consumer group 'none'"},
  });
}

TEST_P(StreamGroupTest, ReadsAreCounted) {
  const auto group = [this] {
    const std::string info = run("XINFO GROUPS s");
    return info.substr(info.find("entries-read"), info.size() - info.find("entries-read") - 2);
  };
  EXPECT_EQ(group(), "entries-read nil lag :5");
  run("XREADGROUP GROUP g a COUNT 1 STREAMS s >");
  EXPECT_EQ(group(), "entries-read :1 lag :4");
  run("XDEL s 3");
  EXPECT_EQ(group(), "entries-read :1 lag nil");
  run("XREADGROUP GROUP g a COUNT 1 STREAMS s >");
  EXPECT_EQ(group(), "entries-read nil lag nil");
  run("XREADGROUP GROUP g a COUNT 2 STREAMS s >");
  EXPECT_EQ(group(), "entries-read :5 lag :0");
  run("XADD s 6-0 f v");
  EXPECT_EQ(group(), "entries-read :5 lag :1");
}

TEST_P(StreamGroupTest, FullInfo) {
  run("XREADGROUP GROUP g a COUNT 2 STREAMS s >");
  const std::string now = std::to_string(h.now_ms());
  EXPECT_EQ(
      run("XINFO STREAM s FULL COUNT 1"),
      "[length :5 radix-tree-keys :1 radix-tree-nodes :2 last-generated-id 5-0 max-deleted-entry-id 0-0 "
      "entries-added :5 recorded-first-entry-id 1-0 entries [[1-0 [f 1]]] groups [[name g last-delivered-id "
      "2-0 "
      "entries-read :2 lag :3 pel-count :2 pending [[1-0 a :" +
          now + " :1]] consumers [[name a seen-time :" + now + " active-time :" + now +
          " pel-count :2 pending [[1-0 :" + now + " :1]]]]]]]");
}

TEST_P(StreamGroupTest, WatchersHearOfEntriesOnly) {
  const auto disturbed = [this](std::string_view command) {
    h.client(0).run("WATCH s");
    h.client(1).run(command);
    h.client(0).run("MULTI");
    h.client(0).run("PING");
    return h.client(0).run("EXEC") == "nil";
  };
  EXPECT_FALSE(disturbed("XGROUP CREATE s h 0"));
  EXPECT_FALSE(disturbed("XREADGROUP GROUP g a STREAMS s >"));
  EXPECT_FALSE(disturbed("XACK s g 1"));
  EXPECT_FALSE(disturbed("XCLAIM s g b 0 2"));
  EXPECT_FALSE(disturbed("XSETID s 9-9"));
  EXPECT_FALSE(disturbed("XGROUP DESTROY s g"));
  EXPECT_FALSE(disturbed("XDEL s 77"));
  EXPECT_TRUE(disturbed("XDEL s 1"));
  EXPECT_TRUE(disturbed("XADD s * f v"));
  EXPECT_TRUE(disturbed("XTRIM s MAXLEN 2"));
  EXPECT_FALSE(disturbed("XTRIM s MAXLEN 2"));
}

}  // namespace
}  // namespace gyre::cmd
