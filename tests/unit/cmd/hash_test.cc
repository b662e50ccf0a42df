// Commands on hashes: replies, encodings, what becomes of keys.
#include <algorithm>

#include "allocation_count.h"
#include "fixture.h"

namespace gyre::cmd {
namespace {

class HashTest : public CommandTest {
 protected:
  /// HSET of "<prefix><from>" ... "<prefix><to - 1>" in one command, each to its number.
  void set_range(std::string_view key, std::string_view prefix, int from, int to) {
    std::vector<std::string> words{"HSET", std::string(key)};
    for (int i = from; i < to; ++i) {
      words.push_back(std::string(prefix) + std::to_string(i));
      words.push_back(std::to_string(i));
    }
    EXPECT_EQ(h.client().call(words), ":" + std::to_string(to - from));
  }
  std::string raw(std::string_view line) {
    const std::vector<std::string> words = split_words(line);
    std::string request = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words)
      request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return h.client().raw(request);
  }
};
INSTANTIATE_TEST_SUITE_P(Reactors, HashTest, testing::Values(1u, 3u));

TEST_P(HashTest, SetGetDelete) {
  steps({
      {"HSET h a 1", ":1"},
      {"HSET h a 2", ":0"},
      {"HSET h a x b 007 c 7 b 8", ":2"},
      {"HGET h a", "x"},
      {"HGET h b", "8"},
      {"HGET h none", "nil"},
      {"HGET none a", "nil"},
      {"HMGET h a none c", "[x nil 7]"},
      {"HMGET none a b", "[nil nil]"},
      {"HLEN h", ":3"},
      {"HLEN none", ":0"},
      {"HEXISTS h a", ":1"},
      {"HEXISTS h none", ":0"},
      {"HEXISTS none a", ":0"},
      {"HGETALL h", "[a x b 8 c 7]"},
      {"HKEYS h", "[a b c]"},
      {"HVALS h", "[x 8 7]"},
      {"HGETALL none", "[]"},
      {"HKEYS none", "[]"},
      {"HVALS none", "[]"},
      {"TYPE h", "hash"},
      {"HDEL h none", ":0"},
      {"HDEL none a", ":0"},
      {"HDEL h a none a b", ":2"},
      {"HDEL h c x", ":1"},
      {"EXISTS h", ":0"},
      {"HMSET h a 1 b 2", "OK"},
      {"HSETNX h a 9", ":0"},
      {"HSETNX h c 9", ":1"},
      {"HSETNX new c 9", ":1"},
      {"HGETALL h", "[a 1 b 2 c 9]"},
      {"HSET h", "-ERR wrong number of arguments for 'hset' command"},
      {"HSET h a 1 b", "-ERR wrong number of arguments for 'hset' command"},
      {"HMSET h a 1 b", "-ERR wrong number of arguments for 'hmset' command"},
      {"HSET e \"\" \"\"", ":1"},
      {"HGET e \"\"", ""},
      {"HSTRLEN e \"\"", ":0"},
      {"HSET e n -1234567 t hello", ":2"},
      {"HSTRLEN e n", ":8"},
      {"HSTRLEN e t", ":5"},
      {"HSTRLEN e none", ":0"},
      {"HSTRLEN none t", ":0"},
  });
}

TEST_P(HashTest, WrongType) {
  steps({{"SET k v", "OK"}});
  for (const char* command :
       {"HSET k a 1", "HMSET k a 1", "HSETNX k a 1", "HGET k a", "HMGET k a", "HGETALL k", "HKEYS k",
        "HVALS k", "HLEN k", "HSTRLEN k a", "HDEL k a", "HEXISTS k a", "HINCRBY k a 1", "HINCRBYFLOAT k a 1",
        "HRANDFIELD k", "HRANDFIELD k 0", "HSCAN k 0", "HSCAN k 0 COUNT 0"})
    EXPECT_EQ(run(command), "-WRONGTYPE Operation against a key holding the wrong kind of value") << command;
  steps({{"HSET k a", "-ERR wrong number of arguments for 'hset' command"},
         {"HINCRBY k a x", "-ERR value is not an integer or out of range"},
         {"HINCRBYFLOAT k a x", "-ERR value is not a valid float"},
         {"HINCRBYFLOAT k a inf", "-ERR value is NaN or Infinity"},
         {"HSCAN k x", "-ERR invalid cursor"},
         {"HRANDFIELD k x", "-ERR value is not an integer or out of range"}});
}

TEST_P(HashTest, Counters) {
  steps({
      {"HINCRBY h n 5", ":5"},
      {"HINCRBY h n -7", ":-2"},
      {"HGET h n", "-2"},
      {"HSET h n 9223372036854775806", ":0"},
      {"HINCRBY h n 1", ":9223372036854775807"},
      {"HINCRBY h n 1", "-ERR increment or decrement would overflow"},
      {"HINCRBY h n 9223372036854775808", "-ERR value is not an integer or out of range"},
      {"HSET h t x s \" 1\" f 1.5", ":3"},
      {"HINCRBY h t 1", "-ERR hash value is not an integer"},
      {"HINCRBY h s 1", "-ERR hash value is not an integer"},
      {"HINCRBY h f 1", "-ERR hash value is not an integer"},
      {"HINCRBYFLOAT h f 1.25", "2.75"},
      {"HINCRBYFLOAT h f 0.25", "3"},
      {"HINCRBY h f 1", ":4"},
      {"HINCRBYFLOAT h t 1", "-ERR hash value is not a float"},
      {"HINCRBYFLOAT h s 1", "-ERR hash value is not a float"},
      {"HINCRBYFLOAT h new 1e2", "100"},
      {"HSET h big 1e4932", ":1"},
      {"HINCRBYFLOAT h big 1e4932", "-ERR increment would produce NaN or Infinity"},
      {"HINCRBYFLOAT none x nan", "-ERR value is not a valid float"},
      {"EXISTS none", ":0"},
      {"HINCRBYFLOAT none x 0", "0"},
      {"OBJECT ENCODING none", "listpack"},
      {"EXPIRE none 100", ":1"},
      {"HINCRBY none x 1", ":1"},
      {"TTL none", ":100"},
  });
  const std::string longest(65, 'f');
  EXPECT_EQ(h.client().call({"HINCRBY", "none", longest, "3"}), ":3");
  EXPECT_EQ(h.client().call({"HINCRBY", "fresh", longest, "3"}), ":3");
  steps(
      {{"OBJECT ENCODING none", "hashtable"}, {"TTL none", ":100"}, {"OBJECT ENCODING fresh", "hashtable"}});
  EXPECT_EQ(h.client().call({"HINCRBY", "none", longest, "-5"}), ":-2");
  EXPECT_EQ(h.client().call({"HINCRBYFLOAT", "none", longest, "0.5"}), "-1.5");
  steps({{"HINCRBY none x 1", ":2"}, {"HINCRBY none y 1", ":1"}, {"HLEN none", ":3"}});
}

TEST_P(HashTest, Encodings) {
  set_range("h", "f", 0, 512);
  steps({{"OBJECT ENCODING h", "listpack"}, {"HSET h f0 x", ":0"}, {"OBJECT ENCODING h", "listpack"}});
  steps({{"HSET h f512 512", ":1"},
         {"OBJECT ENCODING h", "hashtable"},
         {"HGET h f0", "x"},
         {"HLEN h", ":513"}});
  steps({{"HDEL h f512 f511 f510", ":3"}, {"OBJECT ENCODING h", "hashtable"}, {"HLEN h", ":510"}});
  set_range("g", "f", 0, 513);
  EXPECT_EQ(run("OBJECT ENCODING g"), "hashtable");
  h.environment.hash = {.entries = 3, .value_bytes = 4};
  steps({
      {"HSET a 1 1 2 2 3 3", ":3"},
      {"OBJECT ENCODING a", "listpack"},
      {"HSET b 1 1 1 2 1 3 1 4", ":1"},
      {"OBJECT ENCODING b", "hashtable"},
      {"HSET a 1 1 2 2 1 3 1 4", ":0"},
      {"OBJECT ENCODING a", "hashtable"},
      {"HSET c 1 1234", ":1"},
      {"OBJECT ENCODING c", "listpack"},
      {"HSET c 1 12345", ":0"},
      {"OBJECT ENCODING c", "hashtable"},
      {"HSET d 12345 1", ":1"},
      {"OBJECT ENCODING d", "hashtable"},
      {"HSET e 1 1 2 2", ":2"},
      {"EXPIRE e 100", ":1"},
      {"HSETNX e 1 12345", ":0"},
      {"OBJECT ENCODING e", "listpack"},
      {"HSETNX e 3 3", ":1"},
      {"OBJECT ENCODING e", "listpack"},
      {"HSETNX e 4 4", ":1"},
      {"OBJECT ENCODING e", "hashtable"},
      {"TTL e", ":100"},
      {"HSETNX e 4 5", ":0"},
      {"HDEL e 1 2 3", ":3"},
      {"HGETALL e", "[4 4]"},
      {"HDEL e 4 4", ":1"},
      {"EXISTS e", ":0"},
      {"HSET i 1 9999", ":1"},
      {"HINCRBY i 1 1", ":10000"},
      {"OBJECT ENCODING i", "hashtable"},
      {"HSET l 1 1 2 2 3 3", ":3"},
  });
  // What became too large by a new limit is converted by the next change, whatever that is.
  h.environment.hash.entries = 2;
  steps({{"HGET l 1", "1"}, {"HDEL l none", ":0"}, {"OBJECT ENCODING l", "listpack"}, {"HSET l 1 1", ":0"}});
  steps({{"OBJECT ENCODING l", "hashtable"}, {"HMGET l 1 2 3", "[1 2 3]"}});
  h.environment.hash.entries = 0;
  steps({{"HSET z 1 1", ":1"}, {"OBJECT ENCODING z", "hashtable"}, {"HINCRBY y 1 1", ":1"}});
  steps({{"OBJECT ENCODING y", "hashtable"}, {"HGET y 1", "1"}});
}

TEST_P(HashTest, KeysLiveOn) {
  steps({{"HSET h a 1", ":1"}, {"EXPIRE h 100", ":1"}, {"HSET h b 2 c 3", ":2"}, {"TTL h", ":100"}});
  steps({{"HDEL h a", ":1"}, {"TTL h", ":100"}, {"HSET h x 12345678901234567890", ":1"}, {"TTL h", ":100"}});
  set_range("h", "f", 0, 600);
  steps({{"TTL h", ":100"}, {"COPY h g", ":1"}, {"HDEL g f1", ":1"}, {"HGET h f1", "1"}, {"HLEN g", ":602"}});
  steps({{"RENAME g h", "OK"}, {"HEXISTS h f1", ":0"}, {"SET h v", "OK"}, {"GET h", "v"}, {"TTL h", ":-1"}});
  const std::string large(100000, 'v');
  EXPECT_EQ(h.client().call({"HSET", "h2", "f", large, "g", "1"}), ":2");
  EXPECT_EQ(h.client().call({"HGET", "h2", "f"}), large);
  steps({{"HSTRLEN h2 f", ":100000"}, {"HSET h2 f 1", ":0"}, {"HGET h2 f", "1"}});
}

TEST_P(HashTest, Watched) {
  TestClient& other = h.client(1);
  steps({{"HSET h a 1", ":1"}, {"WATCH h", "OK"}});
  EXPECT_EQ(other.run("HSETNX h a 2"), ":0");
  EXPECT_EQ(other.run("HDEL h b"), ":0");
  steps({{"MULTI", "OK"}, {"HGET h a", "QUEUED"}, {"EXEC", "[1]"}, {"WATCH h", "OK"}});
  EXPECT_EQ(other.run("HSET h a 1"), ":0");
  steps({{"MULTI", "OK"}, {"HGET h a", "QUEUED"}, {"EXEC", "nil"}});
}

TEST_P(HashTest, Resp3) {
  h.client().session.reply.set_version(3);
  EXPECT_EQ(raw("HSET h f 1"), ":1\r\n");
  EXPECT_EQ(raw("HGETALL h"), "%1\r\n$1\r\nf\r\n$1\r\n1\r\n");
  EXPECT_EQ(raw("HGETALL n"), "%0\r\n");
  EXPECT_EQ(raw("HKEYS h"), "*1\r\n$1\r\nf\r\n");
  EXPECT_EQ(raw("HVALS n"), "*0\r\n");
  EXPECT_EQ(raw("HGET h n"), "_\r\n");
  EXPECT_EQ(raw("HMGET n a"), "*1\r\n_\r\n");
  EXPECT_EQ(raw("HINCRBYFLOAT h f 1.5"), "$3\r\n2.5\r\n");
  EXPECT_EQ(raw("HSCAN h 0"), "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nf\r\n$3\r\n2.5\r\n");
  EXPECT_EQ(raw("HRANDFIELD n"), "_\r\n");
  EXPECT_EQ(raw("HRANDFIELD n 1"), "*0\r\n");
  EXPECT_EQ(raw("HRANDFIELD h 5 WITHVALUES"), "*1\r\n*2\r\n$1\r\nf\r\n$3\r\n2.5\r\n");
  EXPECT_EQ(raw("HRANDFIELD h -2 withvalues"),
            "*2\r\n*2\r\n$1\r\nf\r\n$3\r\n2.5\r\n*2\r\n$1\r\nf\r\n$3\r\n2.5\r\n");
  EXPECT_EQ(raw("HRANDFIELD h 1"), "*1\r\n$1\r\nf\r\n");
}

TEST_P(HashTest, TheCommonCommandsAllocateNothing) {
  if (!counts_allocations()) GTEST_SKIP() << "allocations are not counted in this build";
  steps({{"HSET small f value n 100", ":2"}, {"HSET large f value n 100", ":2"}});
  set_range("large", "x", 0, 1000);
  steps({{"OBJECT ENCODING large", "hashtable"}});
  for (const char* command : {"HGET small f", "HGET large f", "HSET small f other", "HSET large f other",
                              "HINCRBY small n 1", "HINCRBY large n 1", "HSET small f value n 110",
                              "HDEL large none", "HEXISTS large f", "HLEN large"}) {
    const std::vector<std::string> words = split_words(command);
    std::string request = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words)
      request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    // Each allocates what the fixture needs for the reply's text, as often as PING does.
    const auto cost = [this](const std::string& bytes) {
      h.client().raw(bytes);
      const uint64_t before = allocations();
      h.client().raw(bytes);
      return allocations() - before;
    };
    EXPECT_LE(cost(request), cost("*1\r\n$4\r\nPING\r\n")) << command;
  }
}

}  // namespace
}  // namespace gyre::cmd
