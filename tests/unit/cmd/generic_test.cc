// Commands on keys of any type: deletion, expiry, renaming, copying, OBJECT.
#include "fixture.h"

namespace gyre::cmd {
namespace {

class GenericTest : public CommandTest {};
INSTANTIATE_TEST_SUITE_P(Reactors, GenericTest, testing::Values(1u, 2u));

TEST_P(GenericTest, Expiry) {
  steps({
      {"EXPIRE none 10", ":0"},
      {"TTL none", ":-2"},
      {"PTTL none", ":-2"},
      {"EXPIRETIME none", ":-2"},
      {"SET k v", "OK"},
      {"TTL k", ":-1"},
      {"PERSIST k", ":0"},
      {"EXPIRE k 10", ":1"},
      {"TTL k", ":10"},
      {"PEXPIRE k 1499", ":1"},
      {"TTL k", ":1"},
      {"PEXPIRE k 1500", ":1"},
      {"TTL k", ":2"},
      {"PERSIST k", ":1"},
      {"TTL k", ":-1"},
      {"PEXPIREAT k 99999999999999", ":1"},
      {"PEXPIRETIME k", ":99999999999999"},
      {"EXPIRETIME k", ":100000000000"},
      {"EXPIREAT k 9999999999", ":1"},
      {"PEXPIRETIME k", ":9999999999000"},
      {"PEXPIREAT k 9223372036854770000", ":1"},
      {"EXISTS k", ":1"},
      {"EXPIRE k 9223372036854776", "-ERR invalid expire time in 'expire' command"},
      {"EXPIRE k -9223372036854776", "-ERR invalid expire time in 'expire' command"},
      {"EXPIREAT k 9223372036854776", "-ERR invalid expire time in 'expireat' command"},
      {"PEXPIRE k 9223372036854770000", "-ERR invalid expire time in 'pexpire' command"},
      {"EXPIRE k x", "-ERR value is not an integer or out of range"},
      {"EXPIRE k 0", ":1"},
      {"EXISTS k", ":0"},
      {"SET k v", "OK"},
      {"PEXPIREAT k -9223372036854770000", ":1"},
      {"EXISTS k", ":0"},
  });
}

TEST_P(GenericTest, ExpiryConditions) {
  steps({
      {"SET k v", "OK"},
      {"EXPIRE k 100 XX", ":0"},
      {"EXPIRE k 100 GT", ":0"},
      {"EXPIRE k 100 XX LT", ":0"},
      {"EXPIRE k 100 LT", ":1"},
      {"EXPIRE k 200 NX", ":0"},
      {"EXPIRE k 200 LT", ":0"},
      {"EXPIRE k 100 GT", ":0"},
      {"EXPIRE k 200 XX GT", ":1"},
      {"TTL k", ":200"},
      {"EXPIRE k 150 lt xx", ":1"},
      {"PERSIST k", ":1"},
      {"EXPIRE k 100 NX", ":1"},
      {"EXPIRE k -1 GT", ":0"},
      {"EXPIRE k -1 LT", ":1"},
      {"EXISTS k", ":0"},
      {"EXPIRE k 1 AB", "-ERR Unsupported option AB"},
      {"EXPIRE k 1 NX GT", "-ERR NX and XX, GT or LT options at the same time are not compatible"},
      {"EXPIRE k 1 GT LT", "-ERR GT and LT options at the same time are not compatible"},
  });
}

TEST_P(GenericTest, KeysGoWhenTheirTimeComes) {
  steps({{"MSET a 1 b 2 c 3", "OK"}, {"PEXPIRE a 100", ":1"}, {"PEXPIRE b 200", ":1"}});
  h.advance_ms(100);
  steps({{"PTTL a", ":0"}, {"GET a", "1"}});
  h.advance_ms(1);
  steps({
      {"DBSIZE", ":3"},
      {"GET a", "nil"},
      {"DBSIZE", ":2"},
      {"PTTL b", ":99"},
      {"SET b x KEEPTTL", "OK"},
      {"PTTL b", ":99"},
      {"APPEND b y", ":2"},
      {"PTTL b", ":99"},
  });
  h.advance_ms(100);
  steps({
      {"KEYS *", "[c]"},
      {"DEL b", ":0"},
      {"EXISTS a b c", ":1"},
      {"APPEND b z", ":1"},
      {"TTL b", ":-1"},
      {"SET c 3 PX 1", "OK"},
  });
  h.advance_ms(2);
  steps({{"SCAN 0 COUNT 10000", "[0 [b]]"}, {"DBSIZE", ":1"}, {"RANDOMKEY", "b"}, {"SET b v PX 1", "OK"}});
  h.advance_ms(2);
  steps({{"RANDOMKEY", "nil"}, {"DBSIZE", ":0"}});
}

TEST_P(GenericTest, Rename) {
  steps({
      {"RENAME a b", "-ERR no such key"},
      {"RENAME a a", "-ERR no such key"},
      {"SET a 1 EX 100", "OK"},
      {"RENAME a a", "OK"},
      {"RENAMENX a a", ":0"},
      {"RENAME a b", "OK"},
      {"EXISTS a", ":0"},
      {"TTL b", ":100"},
      {"SET c old EX 5", "OK"},
      {"RENAMENX b c", ":0"},
      {"RENAME b c", "OK"},
      {"GET c", "1"},
      {"TTL c", ":100"},
      {"RENAMENX c d", ":1"},
      {"MGET a b c d", "[nil nil nil 1]"},
      {"SET e plain", "OK"},
      {"RENAME e d", "OK"},
      {"TTL d", ":-1"},
      {"DBSIZE", ":1"},
  });
}

TEST_P(GenericTest, MoveAndCopy) {
  steps({
      {"SET k v EX 100", "OK"},
      {"MOVE k 0", "-ERR source and destination objects are the same"},
      {"MOVE k 16", "-ERR DB index is out of range"},
      {"MOVE k -1", "-ERR DB index is out of range"},
      {"MOVE k x", "-ERR value is not an integer or out of range"},
      {"MOVE none 1", ":0"},
      {"MOVE k 1", ":1"},
      {"EXISTS k", ":0"},
      {"SET k w", "OK"},
      {"MOVE k 1", ":0"},
      {"SELECT 1", "OK"},
      {"GET k", "v"},
      {"TTL k", ":100"},
      {"COPY k l", ":1"},
      {"TTL l", ":100"},
      {"COPY k l", ":0"},
      {"SET k new", "OK"},
      {"COPY k l REPLACE", ":1"},
      {"GET l", "new"},
      {"TTL l", ":-1"},
      {"COPY k k", "-ERR source and destination objects are the same"},
      {"COPY k k DB 1", "-ERR source and destination objects are the same"},
      {"COPY k k DB 2", ":1"},
      {"COPY k k DB 16", "-ERR DB index is out of range"},
      {"COPY k k DB", "-ERR syntax error"},
      {"COPY k l WHAT", "-ERR syntax error"},
      {"COPY none l REPLACE", ":0"},
      {"SELECT 2", "OK"},
      {"GET k", "new"},
  });
}

TEST_P(GenericTest, ACopyOfALargeValueIsItsOwn) {
  const std::string value(5000, 'v');
  EXPECT_EQ(h.client().call({"SET", "k", value}), "OK");
  steps({{"COPY k l", ":1"}, {"SETRANGE k 0 x", ":5000"}, {"GETRANGE l 0 0", "v"}, {"APPEND l w", ":5001"}});
  steps({{"STRLEN k", ":5000"}, {"RENAME l m", "OK"}, {"STRLEN m", ":5001"}, {"MOVE m 3", ":1"}});
  steps({{"SELECT 3", "OK"}, {"GETRANGE m 4999 -1", "vw"}, {"DEL m", ":1"}});
}

TEST_P(GenericTest, TypeAndObject) {
  steps({
      {"TYPE none", "none"},
      {"SET k 123", "OK"},
      {"TYPE k", "string"},
      {"OBJECT ENCODING k", "int"},
      {"OBJECT ENCODING none", "nil"},
      {"OBJECT REFCOUNT k", ":2147483647"},
      {"SET k text", "OK"},
      {"OBJECT REFCOUNT k", ":1"},
      {"OBJECT ENCODING k", "embstr"},
      {"SET k 12345678901234567890123456789012345678901234", "OK"},
      {"OBJECT ENCODING k", "embstr"},
      {"SET k 123456789012345678901234567890123456789012345", "OK"},
      {"OBJECT ENCODING k", "raw"},
      {"OBJECT IDLETIME k", ":0"},
  });
  h.advance_ms(10000);
  steps({{"OBJECT IDLETIME k", ":10"}, {"TTL k", ":-1"}, {"EXISTS k", ":1"}, {"TYPE k", "string"}});
  steps({{"OBJECT IDLETIME k", ":10"}, {"TOUCH k", ":1"}, {"OBJECT IDLETIME k", ":0"}});
  EXPECT_THAT(run("OBJECT FREQ k"), testing::StartsWith("-ERR An LFU maxmemory policy is not selected"));
  h.environment.lfu = true;
  h.keyspace.access_policy = store::AccessPolicy::kLfu;
  EXPECT_THAT(run("OBJECT IDLETIME k"), testing::StartsWith("-ERR An LFU maxmemory policy is selected"));
  steps({{"SET f v", "OK"}, {"OBJECT FREQ f", ":5"}, {"OBJECT FREQ none", "nil"}});
  EXPECT_THAT(run("OBJECT HELP"), testing::StartsWith("[OBJECT <subcommand>"));
}

TEST_P(GenericTest, HitsAndMisses) {
  steps({{"SET k v", "OK"}, {"GET k", "v"}, {"GET x", "nil"}, {"EXISTS k x", ":1"}, {"TTL k", ":-1"}});
  uint64_t hits = 0, misses = 0;
  for (unsigned i = 0; i < h.keyspace.shard_count(); ++i) {
    hits += h.keyspace.shard(i).counters().hits.get();
    misses += h.keyspace.shard(i).counters().misses.get();
  }
  EXPECT_EQ(hits, 3u);
  EXPECT_EQ(misses, 2u);
}

}  // namespace
}  // namespace gyre::cmd
