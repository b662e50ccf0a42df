// Commands on streams: adding, trimming, reading, deleting. Groups are in stream_group_test.cc.
#include "fixture.h"

namespace gyre::cmd {
namespace {

class StreamTest : public CommandTest {
 protected:
  void fill(int count) {
    for (int i = 1; i <= count; ++i) run("XADD s " + std::to_string(i) + "-0 f " + std::to_string(i));
  }
  std::string now() const { return std::to_string(h.now_ms()); }
};
INSTANTIATE_TEST_SUITE_P(Reactors, StreamTest, testing::Values(1u, 3u));

constexpr const char* kSmaller =
    "-ERR The ID specified in XADD is equal or smaller than the target stream top item";
constexpr const char* kInvalid = "-ERR Invalid stream ID specified as stream command argument";

TEST_P(StreamTest, Add) {
  steps({
      {"XADD s 5-3 f v", "5-3"},
      {"TYPE s", "stream"},
      {"OBJECT ENCODING s", "stream"},
      {"XADD s 5-3 f v", kSmaller},
      {"XADD s 4 f v", kSmaller},
      {"XADD s 5-* f v", "5-4"},
      {"XADD s 7-* f v g w", "7-0"},
      {"XADD s 8 f v", "8-0"},
      {"XADD s 0-0 f v", "-ERR The ID specified in XADD must be greater than 0-0"},
      {"XADD s 0-* f v", kSmaller},
      {"XADD s - f v", kInvalid},
      {"XADD s x-1 f v", kInvalid},
      {"XADD s 1-x f v", kInvalid},
      {"XADD s * f", "-ERR wrong number of arguments for 'xadd' command"},
      {"XADD s * f v g", "-ERR wrong number of arguments for 'xadd' command"},
      {"XADD s NOMKSTREAM 9-1 f v", "9-1"},
      {"XADD none NOMKSTREAM 9-1 f v", "nil"},
      {"EXISTS none", ":0"},
      {"XADD zero 0-* f v", "0-1"},
      {"XLEN s", ":5"},
      {"XLEN none", ":0"},
      {"XRANGE s - +", "[[5-3 [f v]] [5-4 [f v]] [7-0 [f v g w]] [8-0 [f v]] [9-1 [f v]]]"},
      {"XADD s 18446744073709551615-18446744073709551614 f v", "18446744073709551615-18446744073709551614"},
      {"XADD s 18446744073709551615-* f v", "18446744073709551615-18446744073709551615"},
      {"XADD s * f v", "-ERR The stream has exhausted the last possible ID, unable to add more items"},
  });
}

TEST_P(StreamTest, AddedIdsFollowTheClock) {
  const std::string first = now();
  steps({{"XADD s * f v", (first + "-0").c_str()}, {"XADD s * f v", (first + "-1").c_str()}});
  h.advance_ms(5);
  steps({{"XADD s * f v", (now() + "-0").c_str()}, {"XADD s 99999999999999-7 f v", "99999999999999-7"}});
  steps({{"XADD s * f v", "99999999999999-8"}});
}

TEST_P(StreamTest, OptionsOfAddAndTrim) {
  fill(3);
  const char* const kBoth = "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
  steps({
      {"XADD s MAXLEN 2 MINID 3 * f v", kBoth},
      {"XADD s MAXLEN -1 * f v", "-ERR The MAXLEN argument must be >= 0."},
      {"XADD s MAXLEN x * f v", "-ERR value is not an integer or out of range"},
      {"XADD s MINID x * f v", kInvalid},
      {"XADD s LIMIT 3 * f v",
       "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"},
      {"XADD s MAXLEN 3 LIMIT 3 * f v",
       "-ERR syntax error, LIMIT cannot be used without the special ~ option"},
      {"XADD s MAXLEN = 3 LIMIT 0 * f v",
       "-ERR syntax error, LIMIT cannot be used without the special ~ option"},
      {"XADD s MAXLEN ~ 3 LIMIT -1 * f v", "-ERR The LIMIT argument must be >= 0."},
      {"XADD s MAXLEN 3", "-ERR wrong number of arguments for 'xadd' command"},
      {"XADD s MAXLEN 3 4-0 f", "-ERR wrong number of arguments for 'xadd' command"},
      {"XTRIM s LIMIT 3", "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"},
      {"XTRIM s LIMIT 0 LIMIT 0", "-ERR syntax error, XTRIM must be called with a trimming strategy"},
      {"XTRIM s MAXLEN 1 *", "-ERR syntax error"},
      {"XTRIM s NOMKSTREAM MAXLEN 1", "-ERR syntax error"},
      {"XTRIM none MAXLEN 1", ":0"},
      {"XADD s MAXLEN 3 4-0 f 4", "4-0"},
      {"XRANGE s - +", "[[2-0 [f 2]] [3-0 [f 3]] [4-0 [f 4]]]"},
      {"XADD s MINID = 3 5-0 f 5", "5-0"},
      {"XRANGE s - +", "[[3-0 [f 3]] [4-0 [f 4]] [5-0 [f 5]]]"},
      {"XTRIM s MAXLEN ~ 1", ":0"},
      {"XTRIM s MINID 4-1", ":2"},
      {"XTRIM s MAXLEN 0", ":1"},
      {"XLEN s", ":0"},
      {"EXISTS s", ":1"},
      {"XADD s MAXLEN 0 6-0 f 6", "6-0"},
      {"XLEN s", ":0"},
      {"XADD fresh MAXLEN 0 6-0 f 6", "6-0"},
      {"XLEN fresh", ":0"},
  });
}

TEST_P(StreamTest, NodesFollowTheConfiguration) {
  h.environment.stream = {.bytes = 4096, .entries = 10};
  fill(100);
  steps({
      {"XTRIM s MAXLEN ~ 55", ":40"},
      {"XTRIM s MAXLEN ~ 0 LIMIT 29", ":20"},
      {"XTRIM s MAXLEN ~ 0 LIMIT 0", ":40"},
      {"XLEN s", ":0"},
  });
  h.environment.stream = {.bytes = 40, .entries = 0};
  run("XADD t 1-1 f aaaaaaaaaaaaaaaaaaaa");
  run("XADD t 1-2 f aaaaaaaaaaaaaaaaaaaa");
  run("XADD t 1-3 f aaaaaaaaaaaaaaaaaaaa");
  steps({{"XTRIM t MAXLEN ~ 1", ":2"}});
}

TEST_P(StreamTest, Ranges) {
  fill(5);
  steps({
      {"XRANGE s 2 3", "[[2-0 [f 2]] [3-0 [f 3]]]"},
      {"XRANGE s (2 3", "[[3-0 [f 3]]]"},
      {"XRANGE s (2-0 (3-0", "[]"},
      {"XRANGE s 2-1 (4-0", "[[3-0 [f 3]]]"},
      {"XRANGE s - + COUNT 2", "[[1-0 [f 1]] [2-0 [f 2]]]"},
      {"XREVRANGE s + - COUNT 2", "[[5-0 [f 5]] [4-0 [f 4]]]"},
      {"XREVRANGE s (5-0 2", "[[4-0 [f 4]] [3-0 [f 3]] [2-0 [f 2]]]"},
      {"XRANGE s - + COUNT 0", "nil"},
      {"XRANGE s - + COUNT -3", "nil"},
      {"XRANGE none - + COUNT 0", "[]"},
      {"XRANGE s - + COUNT", "-ERR syntax error"},
      {"XRANGE s - + COUNT x", "-ERR value is not an integer or out of range"},
      {"XRANGE s - + LIMIT 1", "-ERR syntax error"},
      {"XRANGE s + -", "[]"},
      {"XRANGE s x +", kInvalid},
      {"XRANGE s (- +", kInvalid},
      {"XRANGE s (+ +", kInvalid},
      {"XRANGE s ( +", kInvalid},
      {"XRANGE s (18446744073709551615-18446744073709551615 +", "-ERR invalid start ID for the interval"},
      {"XRANGE s - (0-0", "-ERR invalid end ID for the interval"},
      {"SET k v", "OK"},
      {"XRANGE k - +", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"XLEN k", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"XADD k * f v", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"XADD k NOMKSTREAM * f v", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
  });
}

TEST_P(StreamTest, DeleteAndSetId) {
  fill(5);
  steps({
      {"XDEL s 2-0 2-0 9-9 3", ":2"},
      {"XDEL s 2-0", ":0"},
      {"XDEL s 1 x", kInvalid},
      {"XDEL none x", ":0"},
      {"XRANGE s - +", "[[1-0 [f 1]] [4-0 [f 4]] [5-0 [f 5]]]"},
      {"XREVRANGE s + - COUNT 2", "[[5-0 [f 5]] [4-0 [f 4]]]"},
      {"XSETID s 4-0", "-ERR The ID specified in XSETID is smaller than the target stream top item"},
      {"XSETID s 10-0", "OK"},
      {"XADD s 9-0 f v", kSmaller},
      {"XSETID s 10-0 ENTRIESADDED 2",
       "-ERR The entries_added specified in XSETID is smaller than the target stream length"},
      {"XSETID s 10-0 ENTRIESADDED -1", "-ERR entries_added must be positive"},
      {"XSETID s 10-0 MAXDELETEDID 11-0",
       "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"},
      {"XSETID s 10-0 ENTRIESADDED 20 MAXDELETEDID 7-0", "OK"},
      {"XSETID s 10-0 ENTRIESADDED", "-ERR syntax error"},
      {"XSETID s -", kInvalid},
      {"XSETID none 1-1", "-ERR no such key"},
      {"XDEL s 1 4 5", ":3"},
      {"XSETID s 6-0", "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"},
      {"XSETID s 7-0", "OK"},
      {"XADD s 7-0 f v", kSmaller},
      {"XADD s 7-1 f v", "7-1"},
  });
}

TEST_P(StreamTest, Read) {
  fill(3);
  run("XADD t 1-1 g 1");
  steps({
      {"XREAD STREAMS s t 1 0", "[[s [[2-0 [f 2]] [3-0 [f 3]]]] [t [[1-1 [g 1]]]]]"},
      {"XREAD COUNT 1 STREAMS s t 1 1-1", "[[s [[2-0 [f 2]]]]]"},
      {"XREAD STREAMS s none 3 0", "nil"},
      {"XREAD STREAMS s $", "nil"},
      {"XREAD COUNT -1 STREAMS s 2", "[[s [[3-0 [f 3]]]]]"},
      {"XREAD STREAMS s t 1",
       "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be "
       "specified."},
      {"XREAD STREAMS s >",
       "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> "
       "option."},
      {"XREAD STREAMS s -", kInvalid},
      {"XREAD STREAMS s +", kInvalid},
      {"XREAD COUNT x STREAMS s 0", "-ERR value is not an integer or out of range"},
      {"XREAD BLOCK x STREAMS s 0", "-ERR timeout is not an integer or out of range"},
      {"XREAD BLOCK -1 STREAMS s 0", "-ERR timeout is negative"},
      {"XREAD BLOCK 9223372036854775807 STREAMS s 0", "-ERR timeout is out of range"},
      {"XREAD GROUP g c STREAMS s 0",
       "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead."},
      {"XREAD NOACK STREAMS s 0",
       "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead."},
      {"XREAD COUNT 1 COUNT", "-ERR syntax error"},
      {"XREAD COUNT 1 COUNT 2", "-ERR syntax error"},
      {"SET k v", "OK"},
      {"XREAD STREAMS s k 0 0", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"XREAD BLOCK 0 STREAMS s 0", "[[s [[1-0 [f 1]] [2-0 [f 2]] [3-0 [f 3]]]]]"},
  });
  h.client().session.reply.set_version(3);
  steps({{"XREAD STREAMS t s 0 2", "{t [[1-1 [g 1]]] s [[3-0 [f 3]]]}"}, {"XREAD STREAMS s 3", "nil"}});
}

TEST_P(StreamTest, InTransactions) {
  fill(1);
  steps({
      {"MULTI", "OK"},
      {"XREAD BLOCK 0 STREAMS s $", "QUEUED"},
      {"XADD s 7-1 f v", "QUEUED"},
      {"XREAD BLOCK 0 STREAMS s 1", "QUEUED"},
      {"EXEC", "[nil 7-1 [[s [[7-1 [f v]]]]]]"},
  });
}

TEST_P(StreamTest, InfoOfAStream) {
  fill(2);
  steps({
      {"XINFO STREAM none", "-ERR no such key"},
      {"XINFO STREAM s",
       "[length :2 radix-tree-keys :1 radix-tree-nodes :2 last-generated-id 2-0 max-deleted-entry-id 0-0 "
       "entries-added :2 recorded-first-entry-id 1-0 groups :0 first-entry [1-0 [f 1]] last-entry [2-0 [f "
       "2]]]"},
      {"XDEL s 1 2", ":2"},
      {"XINFO STREAM s",
       "[length :0 radix-tree-keys :0 radix-tree-nodes :1 last-generated-id 2-0 max-deleted-entry-id 2-0 "
       "entries-added :2 recorded-first-entry-id 0-0 groups :0 first-entry nil last-entry nil]"},
      {"XINFO STREAM s FULL",
       "[length :0 radix-tree-keys :0 radix-tree-nodes :1 last-generated-id 2-0 max-deleted-entry-id 2-0 "
       "entries-added :2 recorded-first-entry-id 0-0 entries [] groups []]"},
      {"XINFO STREAM s FULL COUNT",
       "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP."},
      {"XINFO STREAM s x",
       "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP."},
      {"XINFO STREAM s FULL COUNT x", "-ERR value is not an integer or out of range"},
  });
}

TEST_P(StreamTest, CopiesShareNothingThatShows) {
  fill(300);
  run("XGROUP CREATE s g 5");
  run("XREADGROUP GROUP g c COUNT 3 STREAMS s >");
  steps({
      {"COPY s t", ":1"},
      {"XADD s 1000-0 f v", "1000-0"},
      {"XACK s g 6", ":1"},
      {"XDEL s 7", ":1"},
      {"XLEN s", ":300"},
      {"XLEN t", ":300"},
      {"XPENDING t g", "[:3 6-0 8-0 [[c 3]]]"},
      {"XPENDING s g", "[:2 7-0 8-0 [[c 2]]]"},
      {"XRANGE t 7 7", "[[7-0 [f 7]]]"},
      {"XRANGE s 7 7", "[]"},
      {"RENAME t s", "OK"},
      {"XPENDING s g", "[:3 6-0 8-0 [[c 3]]]"},
  });
}

}  // namespace
}  // namespace gyre::cmd
