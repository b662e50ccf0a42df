// Commands on whole databases, and transactions over keys that go.
#include <map>
#include <set>

#include "fixture.h"

namespace gyre::cmd {
namespace {

class KeyspaceTest : public CommandTest {
 protected:
  /// All keys of a walk; every call's cursor goes through `options`.
  std::multiset<std::string> walk(const std::string& options) {
    std::multiset<std::string> found;
    std::string cursor = "0";
    do {
      const std::string reply = run("SCAN " + cursor + " " + options);
      const size_t space = reply.find(' ');
      cursor = reply.substr(1, space - 1);
      for (const std::string& key : split_words(reply.substr(space + 2, reply.size() - space - 4)))
        found.insert(key);
    } while (cursor != "0");
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(Reactors, KeyspaceTest, testing::Values(1u, 2u));

TEST_P(KeyspaceTest, Session) {
  steps({
      {"PING", "PONG"},
      {"PING hello", "hello"},
      {"PING a b", "-ERR wrong number of arguments for 'ping' command"},
      {"ECHO x", "x"},
      {"SELECT 16", "-ERR DB index is out of range"},
      {"SELECT -1", "-ERR DB index is out of range"},
      {"SELECT one", "-ERR value is not an integer or out of range"},
      {"SELECT 99999999999", "-ERR value is out of range, value must between -2147483648 and 2147483647"},
      {"SELECT 15", "OK"},
      {"SET k v", "OK"},
      {"SELECT 0", "OK"},
      {"GET k", "nil"},
      {"DBSIZE", ":0"},
  });
  EXPECT_THAT(run("TIME"), testing::MatchesRegex("\\[[0-9]+ [0-9]+\\]"));
}

TEST_P(KeyspaceTest, Keys) {
  steps({{"KEYS *", "[]"}, {"RANDOMKEY", "nil"}, {"SET foo:1 a", "OK"}, {"SET bar b", "OK"}});
  steps({{"KEYS foo*", "[foo:1]"}, {"KEYS ba[rz]", "[bar]"}, {"KEYS x*", "[]"}});
  EXPECT_THAT(run("KEYS *"), testing::AnyOf("[foo:1 bar]", "[bar foo:1]"));
  std::set<std::string> random;
  for (int i = 0; i < 200; ++i) random.insert(run("RANDOMKEY"));
  EXPECT_EQ(random, (std::set<std::string>{"foo:1", "bar"}));
}

TEST_P(KeyspaceTest, ScanFindsEveryKeyOnce) {
  std::multiset<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "key:" + std::to_string(i);
    run("SET " + key + " v");
    all.insert(key);
  }
  EXPECT_EQ(walk(""), all);
  EXPECT_EQ(walk("COUNT 1"), all);
  EXPECT_EQ(walk("COUNT 5000"), all);
  EXPECT_EQ(walk("COUNT 9223372036854775807"), all);
  EXPECT_EQ(walk("MATCH *"), all);
  EXPECT_EQ(walk("TYPE string COUNT 100"), all);
  EXPECT_EQ(walk("TYPE list").size(), 0u);
  EXPECT_EQ(walk("TYPE nonsense").size(), 0u);
  EXPECT_EQ(walk("MATCH key:1?? COUNT 50").size(), 100u);
  steps({
      {"SCAN x", "-ERR invalid cursor"},
      {"SCAN \"\" MATCH none COUNT 5000", "[0 []]"},
      {"SCAN 0 COUNT 0", "-ERR syntax error"},
      {"SCAN 0 COUNT x", "-ERR value is not an integer or out of range"},
      {"SCAN 0 COUNT", "-ERR syntax error"},
      {"SCAN 0 WHAT x", "-ERR syntax error"},
  });
  // Any cursor is answered.
  EXPECT_THAT(run("SCAN 18446744073709551615"), testing::StartsWith("["));
  EXPECT_THAT(run("SCAN 123456789 COUNT 3"), testing::StartsWith("["));
}

TEST_P(KeyspaceTest, ScanDeletesWhatHasExpired) {
  for (int i = 0; i < 300; ++i) run("SET key:" + std::to_string(i) + (i % 3 ? " v" : " v PX 5"));
  h.advance_ms(6);
  EXPECT_EQ(walk("COUNT 7 MATCH other*").size(), 0u);
  EXPECT_EQ(run("DBSIZE"), ":300");
  EXPECT_EQ(walk("COUNT 7").size(), 200u);
  EXPECT_EQ(run("DBSIZE"), ":200");
}

TEST_P(KeyspaceTest, ScanInsideATransactionStopsAtShardsItDoesNotHold) {
  for (int i = 0; i < 300; ++i) run("SET key:" + std::to_string(i) + " v");
  run("MULTI");
  run("SET key:1 w");
  run("SCAN 0 COUNT 1000");
  EXPECT_THAT(run("EXEC"), testing::StartsWith("[OK ["));
}

TEST_P(KeyspaceTest, Flush) {
  steps({{"MSET a 1 b 2 c 3", "OK"}, {"SELECT 1", "OK"}, {"SET d 4", "OK"}});
  steps({{"FLUSHDB", "OK"}, {"DBSIZE", ":0"}, {"SELECT 0", "OK"}, {"DBSIZE", ":3"}});
  EXPECT_EQ(h.client().call({"SET", "big", std::string(100000, 'x')}), "OK");
  steps({{"FLUSHALL ASYNC", "OK"},
         {"DBSIZE", ":0"},
         {"SET a 1", "OK"},
         {"FLUSHALL SYNC", "OK"},
         {"GET a", "nil"}});
  steps({{"FLUSHALL NOW", "-ERR syntax error"}, {"FLUSHDB SYNC ASYNC", "-ERR syntax error"}});
  h.environment.lazy_flush = true;
  steps({{"SET a 1 EX 100", "OK"}, {"FLUSHDB", "OK"}, {"DBSIZE", ":0"}});
  store::drain_lazyfree();
}

TEST_P(KeyspaceTest, SwapDb) {
  steps({
      {"SET k zero", "OK"},
      {"SWAPDB 0 1", "OK"},
      {"GET k", "nil"},
      {"SET k one EX 50", "OK"},
      {"SWAPDB 1 0", "OK"},
      {"GET k", "zero"},
      {"SELECT 1", "OK"},
      {"TTL k", ":50"},
      {"SWAPDB 1 1", "OK"},
      {"GET k", "one"},
      {"SWAPDB x 1", "-ERR invalid first DB index"},
      {"SWAPDB 1 x", "-ERR invalid second DB index"},
      {"SWAPDB 99999999999 1", "-ERR invalid first DB index"},
      {"SWAPDB 16 1", "-ERR DB index is out of range"},
      {"SWAPDB 1 -1", "-ERR DB index is out of range"},
  });
}

TEST_P(KeyspaceTest, TransactionsOverTheseCommands) {
  steps({
      {"MULTI", "OK"},
      {"SET a 1", "QUEUED"},
      {"INCR a", "QUEUED"},
      {"SELECT 1", "QUEUED"},
      {"SET b 1", "QUEUED"},
      {"FLUSHDB", "QUEUED"},
      {"DBSIZE", "QUEUED"},
      {"SELECT 0", "QUEUED"},
      {"KEYS *", "QUEUED"},
      {"EXEC", "[OK :2 OK OK OK :0 OK [a]]"},
  });
}

/// Whether a transaction of the first client goes through after `other` ran the commands.
class WatchTest : public CommandTest {
 protected:
  bool survives(const std::vector<const char*>& commands) {
    for (const char* command : commands) {
      const std::string reply = h.client(1).run(command);
      EXPECT_NE(reply[0], '-') << command << reply;
    }
    run("MULTI");
    run("PING");
    return run("EXEC") != "nil";
  }
};
INSTANTIATE_TEST_SUITE_P(Reactors, WatchTest, testing::Values(1u, 2u));

TEST_P(WatchTest, ChangesBreakIt) {
  for (const char* change :
       {"SET k w", "APPEND k w", "DEL k", "EXPIRE k 10", "RENAME k l", "MOVE k 5", "SETRANGE k 0 x",
        "FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "GETDEL k", "COPY other k REPLACE", "RENAME other k"}) {
    steps({{"FLUSHALL", "OK"}, {"SET k v", "OK"}, {"SET other v", "OK"}, {"WATCH k", "OK"}});
    EXPECT_FALSE(survives({change})) << change;
  }
  for (const char* change :
       {"GET k", "TTL k", "PERSIST k", "SETNX k x", "SET k x NX", "EXPIRE k 10 GT", "RENAMENX other k",
        "COPY other k", "SET none v", "DEL other", "MSETNX z 1 k 2", "SWAPDB 2 3"}) {
    steps({{"FLUSHALL", "OK"}, {"SET k v", "OK"}, {"SET other v", "OK"}, {"WATCH k", "OK"}});
    EXPECT_TRUE(survives({change})) << change;
  }
}

TEST_P(WatchTest, AKeyThatExpiresAfterWatchBreaksIt) {
  steps({{"SET k v PX 5", "OK"}, {"WATCH k", "OK"}});
  h.advance_ms(6);
  EXPECT_FALSE(survives({}));
  steps({{"SET k v PX 5", "OK"}, {"WATCH k", "OK"}});
  h.advance_ms(6);
  EXPECT_FALSE(survives({"EXISTS k"}));
}

TEST_P(WatchTest, AKeyThatHadExpiredBeforeWatchCountsAsAbsent) {
  for (const char* removal : {"PING", "DEL k", "EXISTS k", "FLUSHDB", "FLUSHALL", "SWAPDB 0 7"}) {
    steps({{"FLUSHALL", "OK"}, {"SET k v PX 5", "OK"}});
    h.advance_ms(6);
    steps({{"WATCH k", "OK"}});
    EXPECT_TRUE(survives({removal})) << removal;
  }
  for (const char* change : {"SET k w", "INCR k"}) {
    steps({{"FLUSHALL", "OK"}, {"SET k v PX 5", "OK"}});
    h.advance_ms(6);
    steps({{"WATCH k", "OK"}});
    EXPECT_FALSE(survives({change})) << change;
  }
  // Deleted and made anew: that is a change.
  steps({{"FLUSHALL", "OK"}, {"SET k v PX 5", "OK"}});
  h.advance_ms(6);
  steps({{"WATCH k", "OK"}});
  EXPECT_FALSE(survives({"DEL k", "SET k w"}));
}

TEST_P(WatchTest, SwapOfStaleKeys) {
  // Absent, replaced by a key that has expired: no change.
  steps({{"SELECT 1", "OK"}, {"SET k v PX 5", "OK"}, {"SELECT 0", "OK"}});
  h.advance_ms(6);
  steps({{"WATCH k", "OK"}});
  EXPECT_TRUE(survives({"SWAPDB 0 1"}));
  // Stale, replaced by a stale one.
  steps({{"FLUSHALL", "OK"},
         {"SET k v PX 5", "OK"},
         {"SELECT 1", "OK"},
         {"SET k v PX 5", "OK"},
         {"SELECT 0", "OK"}});
  h.advance_ms(6);
  steps({{"WATCH k", "OK"}});
  EXPECT_TRUE(survives({"SWAPDB 0 1"}));
  // Absent, replaced by one that is there.
  steps({{"FLUSHALL", "OK"}, {"SELECT 1", "OK"}, {"SET k v", "OK"}, {"SELECT 0", "OK"}, {"WATCH k", "OK"}});
  EXPECT_FALSE(survives({"SWAPDB 0 1"}));
}

}  // namespace
}  // namespace gyre::cmd
