// Strings: SET and its options, GET and its kin, parts, numbers, many keys at once.
#include "fixture.h"

namespace gyre::cmd {
namespace {

class StringTest : public CommandTest {};
INSTANTIATE_TEST_SUITE_P(Reactors, StringTest, testing::Values(1u, 2u));

TEST_P(StringTest, SetsAndGets) {
  steps({
      {"GET k", "nil"},
      {"SET k v", "OK"},
      {"GET k", "v"},
      {"SET k \"\"", "OK"},
      {"GET k", ""},
      {"SET k \"a b\"", "OK"},
      {"GET k", "a b"},
      {"SET k -9223372036854775808", "OK"},
      {"GET k", "-9223372036854775808"},
      {"SET k 007", "OK"},
      {"GET k", "007"},
      {"GETSET k 1", "007"},
      {"GETSET fresh 2", "nil"},
      {"GETDEL k", "1"},
      {"GETDEL k", "nil"},
      {"SETNX k 1", ":1"},
      {"SETNX k 2", ":0"},
      {"GET k", "1"},
      {"SET", "-ERR wrong number of arguments for 'set' command"},
  });
}

TEST_P(StringTest, SetOptions) {
  steps({
      {"SET k v XX", "nil"},
      {"SET k v NX", "OK"},
      {"SET k w NX", "nil"},
      {"SET k w XX", "OK"},
      {"SET k x GET", "w"},
      {"SET k y NX GET", "x"},
      {"GET k", "x"},
      {"SET new y XX GET", "nil"},
      {"EXISTS new", ":0"},
      {"SET new y nx get", "nil"},
      {"GET new", "y"},
      {"SET k v NX XX", "-ERR syntax error"},
      {"SET k v EX 10 PX 10", "-ERR syntax error"},
      {"SET k v EX 10 KEEPTTL", "-ERR syntax error"},
      {"SET k v KEEPTTL EX 10", "-ERR syntax error"},
      {"SET k v EX", "-ERR syntax error"},
      {"SET k v PERSIST", "-ERR syntax error"},
      {"SET k v EX 0", "-ERR invalid expire time in 'set' command"},
      {"SET k v EX -9999999999999999", "-ERR invalid expire time in 'set' command"},
      {"SET k v EX 10000000000000000", "-ERR invalid expire time in 'set' command"},
      {"SET k v PX 9223372036854775807", "-ERR invalid expire time in 'set' command"},
      {"SET k v EX ten", "-ERR value is not an integer or out of range"},
      {"GET k", "x"},
      {"SET k v EX 10", "OK"},
      {"TTL k", ":10"},
      {"SET k v KEEPTTL", "OK"},
      {"PTTL k", ":10000"},
      {"SET k v EX 5 EX 20", "OK"},
      {"TTL k", ":20"},
      {"SET k v GET", "v"},
      {"TTL k", ":-1"},
      {"SETEX k 100 w", "OK"},
      {"TTL k", ":100"},
      {"PSETEX k 100 w", "OK"},
      {"PTTL k", ":100"},
      {"SETEX k 0 w", "-ERR invalid expire time in 'setex' command"},
      {"PSETEX k -1 w", "-ERR invalid expire time in 'psetex' command"},
      {"SET k v EXAT 1", "OK"},
      {"EXISTS k", ":0"},
  });
}

TEST_P(StringTest, GetEx) {
  steps({
      {"GETEX k EX 10", "nil"},
      {"SET k v", "OK"},
      {"GETEX k", "v"},
      {"TTL k", ":-1"},
      {"GETEX k EX 10", "v"},
      {"TTL k", ":10"},
      {"GETEX k PX 500", "v"},
      {"PTTL k", ":500"},
      {"GETEX k PERSIST", "v"},
      {"TTL k", ":-1"},
      {"GETEX k PERSIST EX 10", "-ERR syntax error"},
      {"GETEX k EX 10 PERSIST", "-ERR syntax error"},
      {"GETEX k KEEPTTL", "-ERR syntax error"},
      {"GETEX k EX 10000000000000000", "-ERR invalid expire time in 'getex' command"},
      {"GETEX k PXAT 1", "v"},
      {"EXISTS k", ":0"},
  });
}

TEST_P(StringTest, Numbers) {
  steps({
      {"INCR n", ":1"},
      {"INCRBY n 41", ":42"},
      {"DECR n", ":41"},
      {"DECRBY n 1", ":40"},
      {"SET n 9223372036854775807", "OK"},
      {"INCR n", "-ERR increment or decrement would overflow"},
      {"DECRBY n -9223372036854775808", "-ERR decrement would overflow"},
      {"SET n \"1 \"", "OK"},
      {"INCR n", "-ERR value is not an integer or out of range"},
      {"SET n 1", "OK"},
      {"INCRBY n x", "-ERR value is not an integer or out of range"},
      {"APPEND n 0", ":2"},
      {"INCR n", ":11"},
      {"EXPIRE n 100", ":1"},
      {"INCR n", ":12"},
      {"TTL n", ":100"},
      {"INCRBYFLOAT f 1.5", "1.5"},
      {"INCRBYFLOAT f 1.5", "3"},
      {"OBJECT ENCODING f", "embstr"},
      {"INCRBYFLOAT f -5e3", "-4997"},
      {"INCRBYFLOAT f abc", "-ERR value is not a valid float"},
      {"SET f abc", "OK"},
      {"INCRBYFLOAT f 1", "-ERR value is not a valid float"},
      {"SET f 1", "OK"},
      {"INCRBYFLOAT f inf", "-ERR increment would produce NaN or Infinity"},
  });
}

TEST_P(StringTest, Parts) {
  steps({
      {"APPEND k foo", ":3"},
      {"APPEND k 100", ":6"},
      {"GET k", "foo100"},
      {"STRLEN k", ":6"},
      {"STRLEN none", ":0"},
      {"SETRANGE k 3 BAR", ":6"},
      {"GET k", "fooBAR"},
      {"SETRANGE k 8 x", ":9"},
      {"GETRANGE k 0 5", "fooBAR"},
      {"GETRANGE k -1 -1", "x"},
      {"GETRANGE k -100 2", "foo"},
      {"SUBSTR k 3 3", "B"},
      {"GETRANGE k 5 3", ""},
      {"GETRANGE k -1 -5", ""},
      {"GETRANGE k -90 -100", ""},
      {"GETRANGE none 0 -1", ""},
      {"GETRANGE k a 1", "-ERR value is not an integer or out of range"},
      {"SETRANGE none 0 \"\"", ":0"},
      {"EXISTS none", ":0"},
      {"SETRANGE k -1 x", "-ERR offset is out of range"},
      {"SETRANGE k 100 \"\"", ":9"},
      {"SETRANGE k 536870911 ab", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)"},
      {"SETRANGE k 9223372036854775807 ab", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)"},
      {"SET i 1234", "OK"},
      {"STRLEN i", ":4"},
      {"GETRANGE i 1 2", "23"},
      {"SETRANGE i 1 9", ":4"},
      {"GET i", "1934"},
      {"OBJECT ENCODING i", "raw"},
  });
  h.environment.limit = 10;
  steps({
      {"SET k 123456789", "OK"},
      {"APPEND k 0", ":10"},
      {"APPEND k 1", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)"},
      {"GET k", "1234567890"},
  });
}

TEST_P(StringTest, ManyKeys) {
  steps({
      {"MSET a 1 b 2 c 3", "OK"},
      {"MGET a b x c", "[1 2 nil 3]"},
      {"MSET a 1 b", "-ERR wrong number of arguments for 'mset' command"},
      {"MSETNX d 4 a 5", ":0"},
      {"EXISTS d", ":0"},
      {"MSETNX d 4 d 5 e 6", ":1"},
      {"MGET d e", "[5 6]"},
      {"EXISTS a a b x", ":3"},
      {"TOUCH a b x", ":2"},
      {"DEL a a x b", ":2"},
      {"UNLINK c c d", ":2"},
      {"DBSIZE", ":1"},
  });
  std::vector<std::string> set{"MSET"}, get{"MGET"}, del{"DEL"};
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    set.push_back("many" + std::to_string(i));
    set.push_back("value" + std::to_string(i));
    get.push_back("many" + std::to_string(i));
    del.push_back("many" + std::to_string(i));
    expected += (i ? " value" : "value") + std::to_string(i);
  }
  EXPECT_EQ(h.client().call(set), "OK");
  EXPECT_EQ(h.client().call(get), "[" + expected + "]");
  EXPECT_EQ(h.client().call(del), ":100");
}

TEST_P(StringTest, Lcs) {
  steps({
      {"MSET a ohmytext b mynewtext", "OK"},
      {"LCS a b", "mytext"},
      {"LCS a b LEN", ":6"},
      {"LCS a b IDX", "[matches [[[:4 :7] [:5 :8]] [[:2 :3] [:0 :1]]] len :6]"},
  });
}

TEST_P(StringTest, LcsOptions) {
  h.client().session.reply.set_version(3);
  steps({
      {"MSET a ohmytext b mynewtext n 12", "OK"},
      {"LCS a b IDX", "{matches [[[:4 :7] [:5 :8]] [[:2 :3] [:0 :1]]] len :6}"},
      {"LCS a b IDX MINMATCHLEN 4", "{matches [[[:4 :7] [:5 :8]]] len :6}"},
      {"LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN", "{matches [[[:4 :7] [:5 :8] :4]] len :6}"},
      {"LCS a none", ""},
      {"LCS n n", "12"},
      {"LCS a b LEN IDX", "-ERR If you want both the length and indexes, please just use IDX."},
      {"LCS a b WHAT", "-ERR syntax error"},
      {"LCS a b MINMATCHLEN", "-ERR syntax error"},
      {"LCS a b MINMATCHLEN x", "-ERR value is not an integer or out of range"},
  });
  h.environment.limit = 100;
  steps({{"LCS a b", "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"}});
}

TEST_P(StringTest, ValuesOfEverySizeComeBack) {
  // Around each limit between two ways of keeping a string.
  for (size_t size :
       {0, 1, 43, 44, 45, 62, 63, 64, 65, 900, 959, 960, 961, 4096, 16383, 16384, 70000, 300000}) {
    const std::string value(size, 'x'), key = "k" + std::to_string(size);
    EXPECT_EQ(h.client().call({"SET", key, value}), "OK");
    EXPECT_EQ(h.client().call({"GET", key}), value) << size;
    EXPECT_EQ(h.client().call({"STRLEN", key}), ":" + std::to_string(size));
    EXPECT_EQ(h.client().call({"APPEND", key, "yz"}), ":" + std::to_string(size + 2));
    EXPECT_EQ(h.client().call({"GETRANGE", key, "1", "-1"}), (value + "yz").substr(1)) << size;
    EXPECT_EQ(h.client().call({"SETRANGE", key, std::to_string(size + 1), "abc"}),
              ":" + std::to_string(size + 4));
    EXPECT_EQ(h.client().call({"SET", key, "short", "GET"}), value + "yabc") << size;
  }
}

TEST_P(StringTest, AReplyByReferenceKeepsItsBytes) {
  // One batch: the value changes while the first reply still refers to it.
  const std::string value(50000, 'v');
  h.client().call({"SET", "k", value});
  const std::string replies = h.client().raw("GET k\r\nAPPEND k w\r\nSETRANGE k 0 z\r\nGET k\r\nDEL k\r\n");
  EXPECT_EQ(show_reply(replies), value + " | :50001 | :50001 | z" + value.substr(1) + "w | :1");
}

}  // namespace
}  // namespace gyre::cmd
