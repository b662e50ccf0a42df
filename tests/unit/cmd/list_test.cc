// Commands on lists: replies, encodings, what becomes of keys.
#include "fixture.h"

namespace gyre::cmd {
namespace {

const char* const kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";

class ListTest : public CommandTest {
 protected:
  static std::string many(size_t bytes, char c = 'x') { return std::string(bytes, c); }
};
INSTANTIATE_TEST_SUITE_P(Reactors, ListTest, testing::Values(1u, 3u));

TEST_P(ListTest, PushPopAsk) {
  steps({
      {"RPUSH l a", ":1"},
      {"RPUSH l b 3", ":3"},
      {"LPUSH l y x", ":5"},
      {"LRANGE l 0 -1", "[x y a b 3]"},
      {"LLEN l", ":5"},
      {"TYPE l", "list"},
      {"LINDEX l 0", "x"},
      {"LINDEX l -1", "3"},
      {"LINDEX l 5", "nil"},
      {"LINDEX l -6", "nil"},
      {"LINDEX l x", "-ERR value is not an integer or out of range"},
      {"LINDEX none x", "nil"},
      {"LLEN none", ":0"},
      {"LRANGE none 0 -1", "[]"},
      {"LRANGE none 0 x", "-ERR value is not an integer or out of range"},
      {"LRANGE l 1 2", "[y a]"},
      {"LRANGE l -2 100", "[b 3]"},
      {"LRANGE l 3 2", "[]"},
      {"LRANGE l 5 9", "[]"},
      {"LRANGE l -9223372036854775808 9223372036854775807", "[x y a b 3]"},
      {"LPOP l", "x"},
      {"RPOP l", "3"},
      {"LPOP l 0", "[]"},
      {"RPOP l 2", "[b a]"},
      {"LPOP l 9", "[y]"},
      {"EXISTS l", ":0"},
      {"LPOP l", "nil"},
      {"RPOP l 1", "nil"},
      {"LPOP l 0", "nil"},
      {"LPOP l -1", "-ERR value is out of range, must be positive"},
      {"LPOP l x", "-ERR value is out of range, must be positive"},
      {"LPOP l 1 1", "-ERR wrong number of arguments for 'lpop' command"},
      {"LPUSH l", "-ERR wrong number of arguments for 'lpush' command"},
      {"LPUSHX l a", ":0"},
      {"RPUSHX l a", ":0"},
      {"EXISTS l", ":0"},
      {"RPUSH l a", ":1"},
      {"RPUSHX l b c", ":3"},
      {"LPUSHX l y x", ":5"},
      {"LRANGE l 0 -1", "[x y a b c]"},
  });
}

TEST_P(ListTest, SetInsertRemoveTrim) {
  steps({
      {"RPUSH l a b c b a", ":5"},
      {"LSET l 1 X", "OK"},
      {"LSET l -1 9", "OK"},
      {"LSET l 5 x", "-ERR index out of range"},
      {"LSET l -6 x", "-ERR index out of range"},
      {"LSET l x x", "-ERR value is not an integer or out of range"},
      {"LSET none x x", "-ERR no such key"},
      {"LRANGE l 0 -1", "[a X c b 9]"},
      {"LINSERT l BEFORE X 1", ":6"},
      {"LINSERT l after 9 2", ":7"},
      {"LINSERT l after none 2", ":-1"},
      {"LINSERT none after none 2", ":0"},
      {"LINSERT l around X 2", "-ERR syntax error"},
      {"LRANGE l 0 -1", "[a 1 X c b 9 2]"},
      {"RPUSH r a b a c a 7 a", ":7"},
      {"LREM r 2 a", ":2"},
      {"LRANGE r 0 -1", "[b c a 7 a]"},
      {"LREM r -1 a", ":1"},
      {"LREM r 0 none", ":0"},
      {"LREM r x a", "-ERR value is not an integer or out of range"},
      {"LREM none x a", "-ERR value is not an integer or out of range"},
      {"LREM none 0 a", ":0"},
      {"LREM r 0 7", ":1"},
      {"LREM r 0 07", ":0"},
      {"LRANGE r 0 -1", "[b c a]"},
      {"LREM r -9223372036854775808 a", ":1"},
      {"LREM r 1 b", ":1"},
      {"LREM r 1 c", ":1"},
      {"EXISTS r", ":0"},
      {"LTRIM l 1 -2", "OK"},
      {"LRANGE l 0 -1", "[1 X c b 9]"},
      {"LTRIM l -3 100", "OK"},
      {"LRANGE l 0 -1", "[c b 9]"},
      {"LTRIM l x 1", "-ERR value is not an integer or out of range"},
      {"LTRIM none 0 1", "OK"},
      {"LTRIM l 5 9", "OK"},
      {"EXISTS l", ":0"},
  });
}

TEST_P(ListTest, Positions) {
  steps({
      {"RPUSH l a b c 1 2 3 c c", ":8"},
      {"LPOS l a", ":0"},
      {"LPOS l c", ":2"},
      {"LPOS l 2", ":4"},
      {"LPOS l none", "nil"},
      {"LPOS none c", "nil"},
      {"LPOS none c COUNT 1", "[]"},
      {"LPOS l none COUNT 0", "[]"},
      {"LPOS l c RANK 2", ":6"},
      {"LPOS l c RANK 4", "nil"},
      {"LPOS l c RANK -1", ":7"},
      {"LPOS l c COUNT 0", "[:2 :6 :7]"},
      {"LPOS l c COUNT 2", "[:2 :6]"},
      {"LPOS l c COUNT 0 RANK -2", "[:6 :2]"},
      {"LPOS l c COUNT 0 MAXLEN 7", "[:2 :6]"},
      {"LPOS l c MAXLEN 2", "nil"},
      {"LPOS l c RANK -1 COUNT 0 MAXLEN 2", "[:7 :6]"},
      {"LPOS l c RANK 0",
       "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative "
       "to "
       "start from the end of the list"},
      {"LPOS l c RANK -9223372036854775808",
       "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"},
      {"LPOS l c RANK x", "-ERR value is not an integer or out of range"},
      {"LPOS l c COUNT -1", "-ERR COUNT can't be negative"},
      {"LPOS l c MAXLEN x", "-ERR MAXLEN can't be negative"},
      {"LPOS l c COUNT", "-ERR syntax error"},
      {"LPOS l c FROM 1", "-ERR syntax error"},
  });
}

TEST_P(ListTest, Moves) {
  steps({
      {"RPUSH {t}a 1 2 3", ":3"},
      {"LMOVE {t}a {t}b LEFT RIGHT", "1"},
      {"LMOVE {t}a {t}b right left", "3"},
      {"LRANGE {t}b 0 -1", "[3 1]"},
      {"RPOPLPUSH {t}a {t}b", "2"},
      {"EXISTS {t}a", ":0"},
      {"LRANGE {t}b 0 -1", "[2 3 1]"},
      {"RPOPLPUSH {t}b {t}b", "1"},
      {"LMOVE {t}b {t}b LEFT LEFT", "1"},
      {"LMOVE {t}b {t}b LEFT RIGHT", "1"},
      {"LRANGE {t}b 0 -1", "[2 3 1]"},
      {"LMOVE none {t}b LEFT LEFT", "nil"},
      {"LMOVE none {t}b LEFT UP", "-ERR syntax error"},
      {"RPUSH {t}c only", ":1"},
      {"RPOPLPUSH {t}c {t}c", "only"},
      {"LRANGE {t}c 0 -1", "[only]"},
      {"SET text v", "OK"},
      {"LMOVE none text LEFT LEFT", "nil"},
      {"LMOVE {t}b text LEFT LEFT", kWrongType},
      {"LMOVE text {t}b LEFT LEFT", kWrongType},
      {"LRANGE {t}b 0 -1", "[2 3 1]"},
      {"LMPOP 2 none {t}b LEFT", "[{t}b [2]]"},
      {"LMPOP 1 {t}b RIGHT COUNT 5", "[{t}b [1 3]]"},
      {"LMPOP 1 {t}b RIGHT", "nil"},
      {"LMPOP 2 none text LEFT", kWrongType},
      {"LMPOP 0 none LEFT", "-ERR numkeys should be greater than 0"},
      {"LMPOP x none LEFT", "-ERR numkeys should be greater than 0"},
      {"LMPOP 2 none LEFT", "-ERR syntax error"},
      {"LMPOP 9223372036854775807 none LEFT", "-ERR syntax error"},
      {"LMPOP 1 none MIN", "-ERR syntax error"},
      {"LMPOP 1 none LEFT COUNT 0", "-ERR count should be greater than 0"},
      {"LMPOP 1 none LEFT COUNT", "-ERR syntax error"},
      {"LMPOP 1 none LEFT COUNT 1 COUNT 1", "-ERR syntax error"},
  });
}

TEST_P(ListTest, WrongType) {
  run("SET k v");
  for (const char* command : {"LPUSH k a",
                              "RPUSH k a",
                              "LPUSHX k a",
                              "RPUSHX k a",
                              "LPOP k",
                              "RPOP k 1",
                              "LLEN k",
                              "LINDEX k 0",
                              "LSET k 0 a",
                              "LRANGE k 0 1",
                              "LTRIM k 0 1",
                              "LREM k 0 a",
                              "LINSERT k BEFORE a b",
                              "LPOS k a",
                              "LMOVE k l LEFT LEFT",
                              "RPOPLPUSH k l",
                              "LMPOP 1 k LEFT",
                              "BLPOP k 1",
                              "BRPOP l k 1",
                              "BLMOVE k l LEFT LEFT 1",
                              "BRPOPLPUSH k l 1",
                              "BLMPOP 1 1 k LEFT"})
    EXPECT_EQ(run(command), kWrongType) << command;
  EXPECT_EQ(run("GET k"), "v");
}

TEST_P(ListTest, GrowsAndShrinksByBytes) {
  run("RPUSH l a b c");
  EXPECT_EQ(run("OBJECT ENCODING l"), "listpack");
  run("PEXPIRE l 100000");
  run("RPUSH l " + many(8180));
  EXPECT_EQ(run("OBJECT ENCODING l"), "quicklist");
  EXPECT_EQ(run("LRANGE l 0 2"), "[a b c]");
  EXPECT_EQ(run("LINDEX l 3"), many(8180));
  EXPECT_EQ(run("RPOP l"), many(8180));
  EXPECT_EQ(run("OBJECT ENCODING l"), "listpack");
  EXPECT_EQ(run("PTTL l"), ":100000");
  run("LSET l 1 " + many(9000));
  EXPECT_EQ(run("OBJECT ENCODING l"), "quicklist");
  EXPECT_EQ(run("LSET l 1 b"), "OK");
  EXPECT_EQ(run("OBJECT ENCODING l"), "listpack");
  run("LINSERT l AFTER a " + many(9000));
  EXPECT_EQ(run("OBJECT ENCODING l"), "quicklist");
  EXPECT_EQ(run("LREM l 0 " + many(9000)), ":1");
  EXPECT_EQ(run("OBJECT ENCODING l"), "listpack");
  EXPECT_EQ(run("LRANGE l 0 -1"), "[a b c]");
  run("RPUSH other " + many(9000));
  EXPECT_EQ(run("LMOVE other l LEFT LEFT"), many(9000));
  EXPECT_EQ(run("OBJECT ENCODING l"), "quicklist");
  EXPECT_EQ(run("EXISTS other"), ":0");
  run("LTRIM l 1 2");
  EXPECT_EQ(run("OBJECT ENCODING l"), "listpack");
  EXPECT_EQ(run("LRANGE l 0 -1"), "[a b]");
}

TEST_P(ListTest, GrowsAndShrinksByCount) {
  h.environment.list_size = 4;
  run("RPUSH l a b c d");
  EXPECT_EQ(run("OBJECT ENCODING l"), "listpack");
  run("RPUSH l e");
  EXPECT_EQ(run("OBJECT ENCODING l"), "quicklist");
  run("RPOP l 2");
  EXPECT_EQ(run("OBJECT ENCODING l"), "quicklist");
  run("RPOP l");
  EXPECT_EQ(run("OBJECT ENCODING l"), "listpack");
  EXPECT_EQ(run("LRANGE l 0 -1"), "[a b]");
  run("RPUSH big a b c d e f g");
  EXPECT_EQ(run("OBJECT ENCODING big"), "quicklist");
  EXPECT_EQ(run("LRANGE big 0 -1"), "[a b c d e f g]");
  EXPECT_EQ(run("LPUSH huge a b c d e f g"), ":7");
  EXPECT_EQ(run("LRANGE huge 0 -1"), "[g f e d c b a]");
}

}  // namespace
}  // namespace gyre::cmd
