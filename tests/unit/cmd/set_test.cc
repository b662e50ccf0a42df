// Commands on sets: replies, encodings, what becomes of keys.
#include <set>

#include "fixture.h"

namespace gyre::cmd {
namespace {

class SetTest : public CommandTest {
 protected:
  /// The members in a show_reply() text, sorted.
  std::string sorted(std::string_view line) {
    const std::string reply = run(line);
    const std::vector<std::string> words = split_words(std::string_view(reply).substr(1, reply.size() - 2));
    std::string text;
    for (const std::string& word : std::multiset<std::string>(words.begin(), words.end())) text += word + " ";
    return text;
  }
  /// SADD of "<prefix><from>" ... "<prefix><to - 1>" in one command.
  void add_range(std::string_view key, std::string_view prefix, int from, int to) {
    std::vector<std::string> words{"SADD", std::string(key)};
    for (int i = from; i < to; ++i) words.push_back(std::string(prefix) + std::to_string(i));
    EXPECT_EQ(h.client().call(words), ":" + std::to_string(to - from));
  }
};
INSTANTIATE_TEST_SUITE_P(Reactors, SetTest, testing::Values(1u, 3u));

TEST_P(SetTest, AddRemoveAsk) {
  steps({
      {"SADD s a", ":1"},
      {"SADD s a", ":0"},
      {"SADD s a b c a", ":2"},
      {"SCARD s", ":3"},
      {"SISMEMBER s b", ":1"},
      {"SISMEMBER s x", ":0"},
      {"SISMEMBER none x", ":0"},
      {"SMISMEMBER s a x c", "[:1 :0 :1]"},
      {"SMISMEMBER none a x", "[:0 :0]"},
      {"TYPE s", "set"},
      {"SREM s x", ":0"},
      {"SREM s a x a", ":1"},
      {"SREM none x", ":0"},
      {"SREM s b c d", ":2"},
      {"EXISTS s", ":0"},
      {"SADD s 1", ":1"},
      {"SREM s 1", ":1"},
      {"EXISTS s", ":0"},
      {"SCARD s", ":0"},
      {"SMEMBERS s", "[]"},
      {"SADD s", "-ERR wrong number of arguments for 'sadd' command"},
  });
  EXPECT_EQ(sorted("SMEMBERS s"), "");
  steps({{"SADD s \"\" 007 7 -0 0", ":5"}, {"SISMEMBER s \"\"", ":1"}, {"SISMEMBER s 07", ":0"}});
  EXPECT_EQ(sorted("SMEMBERS s"), "-0 0 007 7 ");
}

TEST_P(SetTest, WrongType) {
  const char* const kWrong = "-WRONGTYPE Operation against a key holding the wrong kind of value";
  steps({{"SET k v", "OK"}, {"SADD s a", ":1"}});
  for (const char* command : {"SADD k a",
                              "SREM k a",
                              "SISMEMBER k a",
                              "SMISMEMBER k a",
                              "SCARD k",
                              "SMEMBERS k",
                              "SPOP k",
                              "SPOP k 0",
                              "SRANDMEMBER k",
                              "SRANDMEMBER k 0",
                              "SMOVE k s a",
                              "SMOVE s k a",
                              "SINTER s k",
                              "SINTER none k",
                              "SINTERCARD 2 none k",
                              "SINTERSTORE d none k",
                              "SUNION none k",
                              "SUNIONSTORE d k",
                              "SDIFF s k",
                              "SDIFFSTORE d none k",
                              "SSCAN k 0",
                              "SSCAN k 0 COUNT 0"})
    EXPECT_EQ(run(command), kWrong) << command;
  steps({{"GET s", kWrong}, {"SMOVE none k a", ":0"}, {"SUNIONSTORE k s", ":1"}, {"TYPE k", "set"}});
  steps({{"SET s v", "OK"}, {"GET s", "v"}});
}

TEST_P(SetTest, Encodings) {
  steps({
      {"SADD i 1 2 3", ":3"},
      {"OBJECT ENCODING i", "intset"},
      {"SADD i x", ":1"},
      {"OBJECT ENCODING i", "listpack"},
      {"SREM i x", ":1"},
      {"OBJECT ENCODING i", "listpack"},
      {"SADD l x 2 3", ":3"},
      {"OBJECT ENCODING l", "listpack"},
      {"SADD l aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ":1"},
      {"OBJECT ENCODING l", "hashtable"},
      {"SISMEMBER l 2", ":1"},
  });
  add_range("i2", "", 0, 512);
  steps({{"OBJECT ENCODING i2", "intset"}, {"SADD i2 511", ":0"}, {"OBJECT ENCODING i2", "intset"}});
  steps({{"SADD i2 512", ":1"}, {"OBJECT ENCODING i2", "hashtable"}, {"SCARD i2", ":513"}});
  add_range("i3", "", 0, 513);
  EXPECT_EQ(run("OBJECT ENCODING i3"), "hashtable");
  add_range("i4", "", 0, 128);
  steps({{"SADD i4 x", ":1"}, {"OBJECT ENCODING i4", "hashtable"}});
  add_range("i5", "", 0, 127);
  steps({{"SADD i5 x", ":1"}, {"OBJECT ENCODING i5", "listpack"}});
  steps({{"SADD i5 127", ":1"}, {"OBJECT ENCODING i5", "hashtable"}});
  add_range("l2", "m", 0, 128);
  steps({{"OBJECT ENCODING l2", "listpack"}, {"SADD l2 m0", ":0"}, {"OBJECT ENCODING l2", "listpack"}});
  steps({{"SADD l2 m128", ":1"}, {"OBJECT ENCODING l2", "hashtable"}, {"SADD l2 m1 m2 m129", ":1"}});
  steps({{"SREM l2 m129 m130 m1", ":2"}, {"SCARD l2", ":128"}, {"OBJECT ENCODING l2", "hashtable"}});
  add_range("l3", "m", 0, 129);
  EXPECT_EQ(run("OBJECT ENCODING l3"), "hashtable");
  steps({{"COPY l3 l4", ":1"}, {"SREM l4 m0", ":1"}, {"SCARD l3", ":129"}, {"RENAME l4 l5", "OK"}});
  steps({{"SCARD l5", ":128"}, {"OBJECT ENCODING l5", "hashtable"}, {"SISMEMBER l3 m0", ":1"}});
}

TEST_P(SetTest, LimitsAreConfigured) {
  h.environment.set = {.intset_entries = 2, .listpack_entries = 3, .listpack_value = 4};
  steps({
      {"SADD a 1 2", ":2"},
      {"OBJECT ENCODING a", "intset"},
      {"SADD a 3", ":1"},
      {"OBJECT ENCODING a", "hashtable"},
      {"SADD b 1 2 3", ":3"},
      {"OBJECT ENCODING b", "listpack"},
      {"SADD c abcd", ":1"},
      {"OBJECT ENCODING c", "listpack"},
      {"SADD c abcde", ":1"},
      {"OBJECT ENCODING c", "hashtable"},
      {"SADD d 12345", ":1"},
      {"OBJECT ENCODING d", "intset"},
      {"SADD d x", ":1"},
      {"OBJECT ENCODING d", "hashtable"},
  });
}

TEST_P(SetTest, ExpiryStaysThroughChanges) {
  steps({{"SADD s 1", ":1"}, {"EXPIRE s 100", ":1"}, {"SADD s 2", ":1"}, {"TTL s", ":100"}});
  steps({{"SADD s x y", ":2"}, {"TTL s", ":100"}, {"SREM s 1 y", ":2"}, {"TTL s", ":100"}});
  add_range("s", "m", 0, 200);
  steps({{"TTL s", ":100"}, {"OBJECT ENCODING s", "hashtable"}});
  EXPECT_EQ(run("SPOP s 195").substr(0, 1), "[");
  steps({{"TTL s", ":100"}, {"OBJECT ENCODING s", "listpack"}, {"SCARD s", ":7"}});
  steps({{"SUNIONSTORE s s", ":7"}, {"TTL s", ":-1"}});
}

TEST_P(SetTest, Move) {
  steps({
      {"SADD a 1 x", ":2"},
      {"SMOVE a b 1", ":1"},
      {"OBJECT ENCODING b", "intset"},
      {"SMOVE a b 1", ":0"},
      {"SMOVE a a x", ":1"},
      {"SMOVE a a y", ":0"},
      {"SMOVE none b x", ":0"},
      {"SADD b x", ":1"},
      {"SMOVE a b x", ":1"},
      {"EXISTS a", ":0"},
      {"SCARD b", ":2"},
  });
  add_range("t", "m", 0, 200);
  steps({{"SMOVE t b m7", ":1"}, {"SMOVE b t 1", ":1"}, {"SCARD t", ":200"}, {"SISMEMBER b m7", ":1"}});
}

TEST_P(SetTest, Algebra) {
  steps({{"SADD a 1 2 3 x", ":4"}, {"SADD b 2 3 4", ":3"}, {"SADD c 3 x 9", ":3"}});
  add_range("big", "", 0, 1000);
  EXPECT_EQ(sorted("SINTER a b"), "2 3 ");
  EXPECT_EQ(sorted("SINTER a b c big"), "3 ");
  EXPECT_EQ(sorted("SINTER a a"), "1 2 3 x ");
  EXPECT_EQ(sorted("SINTER a none"), "");
  EXPECT_EQ(sorted("SUNION a b none"), "1 2 3 4 x ");
  EXPECT_EQ(sorted("SUNION none"), "");
  EXPECT_EQ(sorted("SDIFF a b"), "1 x ");
  EXPECT_EQ(sorted("SDIFF a b none c"), "1 ");
  EXPECT_EQ(sorted("SDIFF a big"), "x ");
  EXPECT_EQ(sorted("SDIFF a b a"), "");
  EXPECT_EQ(sorted("SDIFF none a"), "");
  steps({
      {"SINTERCARD 2 a b", ":2"},
      {"SINTERCARD 2 a b LIMIT 1", ":1"},
      {"SINTERCARD 2 a b limit 0", ":2"},
      {"SINTERCARD 1 a LIMIT 10", ":4"},
      {"SINTERCARD 2 a none", ":0"},
      {"SINTERCARD 0 a", "-ERR numkeys should be greater than 0"},
      {"SINTERCARD x a", "-ERR numkeys should be greater than 0"},
      {"SINTERCARD 3 a b", "-ERR Number of keys can't be greater than number of args"},
      {"SINTERCARD 1 a b", "-ERR syntax error"},
      {"SINTERCARD 1 a LIMIT", "-ERR syntax error"},
      {"SINTERCARD 1 a LIMIT -1", "-ERR LIMIT can't be negative"},
      {"SINTERCARD 1 a LIMIT x", "-ERR LIMIT can't be negative"},
  });
}

TEST_P(SetTest, Stores) {
  steps({{"SADD a 1 2 3 x", ":4"}, {"SADD b 2 3 4", ":3"}, {"SET d v EX 100", "OK"}});
  steps({{"SINTERSTORE d a b", ":2"}, {"TTL d", ":-1"}, {"OBJECT ENCODING d", "intset"}});
  steps({{"SUNIONSTORE d a b", ":5"}, {"OBJECT ENCODING d", "listpack"}, {"SDIFFSTORE d a b", ":2"}});
  steps({{"SDIFFSTORE d d d", ":0"}, {"EXISTS d", ":0"}, {"SINTERSTORE a a none", ":0"}, {"EXISTS a", ":0"}});
  steps({{"SUNIONSTORE b b none", ":3"}, {"OBJECT ENCODING b", "intset"}, {"SUNIONSTORE n none", ":0"}});
  add_range("big", "m", 0, 1000);
  add_range("some", "m", 500, 700);
  steps({{"SUNIONSTORE u some big b", ":1003"}, {"SADD u new", ":1"}, {"SISMEMBER big new", ":0"}});
  steps({{"SINTERSTORE u big some", ":200"}, {"SDIFFSTORE u big some", ":800"}, {"SISMEMBER u m600", ":0"}});
  steps({{"SDIFFSTORE u big", ":1000"}, {"SREM u m1", ":1"}, {"SISMEMBER big m1", ":1"}});
  steps(
      {{"SADD a2 1 2", ":2"}, {"SADD b2 2 3", ":2"}, {"SINTERSTORE u2 a2 b2 a2", ":1"}, {"SCARD u2", ":1"}});
  steps({{"SINTERSTORE u big", ":1000"}, {"SDIFFSTORE big big some", ":800"}, {"SCARD big", ":800"}});
  add_range("ints", "", 0, 600);
  steps({{"SREM ints 1 2 3", ":3"}, {"SADD few 5 6 y", ":3"}, {"SINTERSTORE r ints few", ":2"}});
  steps({{"OBJECT ENCODING r", "intset"}, {"OBJECT ENCODING ints", "hashtable"}});
}

TEST_P(SetTest, Replies3AreSets) {
  h.client().session.reply.set_version(3);
  EXPECT_EQ(h.client().raw("*3\r\n$4\r\nSADD\r\n$1\r\ns\r\n$1\r\n1\r\n"), ":1\r\n");
  const auto raw = [this](std::string_view line) {
    std::string request;
    const std::vector<std::string> words = split_words(line);
    request = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words)
      request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return h.client().raw(request);
  };
  for (const char* command : {"SMEMBERS s", "SINTER s s", "SUNION s", "SDIFF s none"})
    EXPECT_EQ(raw(command), "~1\r\n$1\r\n1\r\n") << command;
  for (const char* command :
       {"SMEMBERS n", "SINTER s n", "SUNION n", "SDIFF n s", "SDIFF s s", "SPOP n 1", "SPOP s 0"})
    EXPECT_EQ(raw(command), "~0\r\n") << command;
  EXPECT_EQ(raw("SRANDMEMBER s 5"), "*1\r\n$1\r\n1\r\n");
  EXPECT_EQ(raw("SRANDMEMBER n 5"), "*0\r\n");
  EXPECT_EQ(raw("SRANDMEMBER n"), "_\r\n");
  EXPECT_EQ(raw("SPOP n"), "_\r\n");
  EXPECT_EQ(raw("SPOP s 1"), "~1\r\n$1\r\n1\r\n");
}

}  // namespace
}  // namespace gyre::cmd
