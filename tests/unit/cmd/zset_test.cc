// Sorted sets: ZADD and its options, ranges of all kinds, removal, combinations, walks. Every table runs with
// packed sets and with objects.
#include "fixture.h"
#include "gyre/ds/intset.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/store/trie_object.h"

namespace gyre::cmd {
namespace {

struct ZsetCase {
  unsigned reactors;
  bool packed;
};

class ZsetTest : public testing::TestWithParam<ZsetCase> {
 protected:
  ZsetTest() {
    if (!GetParam().packed) h.environment.zset.entries = 0;
  }
  void steps(const std::vector<Step>& list) { run_steps(h, list); }
  std::string run(std::string_view line) { return h.run(line); }
  const char* encoding() const { return GetParam().packed ? "listpack" : "skiplist"; }
  Harness h{GetParam().reactors};
};
INSTANTIATE_TEST_SUITE_P(Forms, ZsetTest,
                         testing::Values(ZsetCase{1, true}, ZsetCase{1, false}, ZsetCase{3, true},
                                         ZsetCase{3, false}));

TEST_P(ZsetTest, Adds) {
  steps({
      {"ZADD z 1 a 2 b 3 c", ":3"},
      {"ZADD z 1 a 5 b 4 d", ":1"},
      {"ZADD z CH 1 a 6 b 7 e", ":2"},
      {"ZRANGE z 0 -1 WITHSCORES", "[a 1 c 3 d 4 b 6 e 7]"},
      {"OBJECT ENCODING z", encoding()},
      {"TYPE z", "zset"},
      {"ZADD z NX 9 a 9 f", ":1"},
      {"ZADD z XX CH 2 a 9 g", ":1"},
      {"ZADD z GT CH 1 a 3 a", ":1"},
      {"ZADD z LT CH 5 a 2 a 1 h", ":2"},
      {"ZADD z INCR 1.5 a", "3.5"},
      {"ZADD z NX INCR 1 a", "nil"},
      {"ZADD z XX INCR 1 none", "nil"},
      {"ZADD z GT INCR -1 a", "nil"},
      {"ZINCRBY z -1.5 a", "2"},
      {"ZINCRBY z 3 new", "3"},
      {"ZSCORE z a", "2"},
      {"ZSCORE z none", "nil"},
      {"ZSCORE none a", "nil"},
      {"ZMSCORE z a none c", "[2 nil 3]"},
      {"ZMSCORE none a b", "[nil nil]"},
      {"ZCARD z", ":8"},
      {"ZCARD none", ":0"},
      {"ZADD none XX 1 a", ":0"},
      {"EXISTS none", ":0"},
  });
}

TEST_P(ZsetTest, RefusesToAdd) {
  steps({
      {"ZADD z 1", "-ERR wrong number of arguments for 'zadd' command"},
      {"ZADD z NX XX 1 a", "-ERR XX and NX options at the same time are not compatible"},
      {"ZADD z GT LT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible"},
      {"ZADD z NX GT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible"},
      {"ZADD z INCR 1 a 2 b", "-ERR INCR option supports a single increment-element pair"},
      {"ZADD z 1 a 2", "-ERR syntax error"},
      {"ZADD z NX CH", "-ERR syntax error"},
      {"ZADD z x a", "-ERR value is not a valid float"},
      {"ZADD z 1 a nan b", "-ERR value is not a valid float"},
      {"EXISTS z", ":0"},
      {"ZADD z inf a", ":1"},
      {"ZINCRBY z -inf a", "-ERR resulting score is not a number (NaN)"},
      {"ZSCORE z a", "inf"},
      {"SET s x", "OK"},
      {"ZADD s 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"ZADD s x a", "-ERR value is not a valid float"},
      {"ZRANGE s 0 -1", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"ZCARD s", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
  });
}

TEST_P(ZsetTest, Scores) {
  steps({
      {"ZADD z 0.1 a 1e20 b -inf c 3.0 d 1e300 e 123456789012345678 f 4611686018427387904 g 1e-7 h", ":8"},
      {"ZRANGE z 0 -1 WITHSCORES",
       "[c -inf h 1e-7 a 0.1 d 3 f 123456789012345680 g 4611686018427387904 b 1e+20 e "
       "1e+300]"},
  });
}

TEST_P(ZsetTest, Ranks) {
  steps({
      {"ZADD z 1 a 2 b 2 bb 3 c", ":4"},
      {"ZRANK z a", ":0"},
      {"ZRANK z bb", ":2"},
      {"ZREVRANK z a", ":3"},
      {"ZRANK z none", "nil"},
      {"ZRANK none a", "nil"},
      {"ZRANK z c WITHSCORE", "[:3 3]"},
      {"ZREVRANK z c withscore", "[:0 3]"},
      {"ZRANK z c WITHSCORES", "-ERR syntax error"},
      {"ZRANK z c WITHSCORE x", "-ERR wrong number of arguments for 'zrank' command"},
      {"ZCOUNT z 1 2", ":3"},
      {"ZCOUNT z (1 (3", ":2"},
      {"ZCOUNT z -inf +inf", ":4"},
      {"ZCOUNT z 3 1", ":0"},
      {"ZCOUNT z x 1", "-ERR min or max is not a float"},
      {"ZCOUNT none 1 2", ":0"},
  });
}

TEST_P(ZsetTest, Ranges) {
  steps({
      {"ZADD z 1 a 2 b 3 c 4 d", ":4"},
      {"ZRANGE z 1 2", "[b c]"},
      {"ZRANGE z -2 -1", "[c d]"},
      {"ZRANGE z -100 100", "[a b c d]"},
      {"ZRANGE z 3 1", "[]"},
      {"ZRANGE z 4 5", "[]"},
      {"ZRANGE z 0 0 REV", "[d]"},
      {"ZREVRANGE z 0 1 WITHSCORES", "[d 4 c 3]"},
      {"ZRANGE z (1 3 BYSCORE", "[b c]"},
      {"ZRANGE z 3 (1 BYSCORE REV", "[c b]"},
      {"ZRANGE z -inf inf BYSCORE LIMIT 1 2", "[b c]"},
      {"ZRANGE z inf -inf BYSCORE REV LIMIT 1 2 WITHSCORES", "[c 3 b 2]"},
      {"ZRANGE z -inf inf BYSCORE LIMIT 4 2", "[]"},
      {"ZRANGE z -inf inf BYSCORE LIMIT -1 2", "[]"},
      {"ZRANGE z -inf inf BYSCORE LIMIT 2 -1", "[c d]"},
      {"ZRANGE z 0 -1 LIMIT 0 1",
       "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"},
      {"ZRANGE z - + BYLEX WITHSCORES",
       "-ERR syntax error, WITHSCORES not supported in combination with BYLEX"},
      {"ZRANGE z a b", "-ERR value is not an integer or out of range"},
      {"ZRANGE z 1 2 BYSCORE BYLEX", "-ERR syntax error"},
      {"ZRANGEBYSCORE z 2 3", "[b c]"},
      {"ZRANGEBYSCORE z 2 3 WITHSCORES LIMIT 0 1", "[b 2]"},
      {"ZREVRANGEBYSCORE z 3 2", "[c b]"},
      {"ZREVRANGEBYSCORE z 3 2 REV", "-ERR syntax error"},
      {"ZRANGE none 0 -1", "[]"},
      {"ZRANGESTORE to z 1 2", ":2"},
      {"ZRANGE to 0 -1 WITHSCORES", "[b 2 c 3]"},
      {"ZRANGESTORE to z 0 -1 REV LIMIT 0 1",
       "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"},
      {"ZRANGESTORE z z 0 1 REV", ":2"},
      {"ZRANGE z 0 -1", "[c d]"},
      {"ZRANGESTORE z z 5 6", ":0"},
      {"EXISTS z", ":0"},
  });
}

TEST_P(ZsetTest, Names) {
  steps({
      {"ZADD z 0 a 0 b 0 c 0 12 0 d", ":5"},
      {"ZRANGE z - + BYLEX", "[12 a b c d]"},
      {"ZRANGE z [b (d BYLEX", "[b c]"},
      {"ZRANGE z (d [b BYLEX REV", "[c b]"},
      {"ZRANGEBYLEX z - [b LIMIT 1 5", "[a b]"},
      {"ZREVRANGEBYLEX z + (a LIMIT 0 2", "[d c]"},
      {"ZLEXCOUNT z [1 (b", ":2"},
      {"ZLEXCOUNT z + -", ":0"},
      {"ZLEXCOUNT z b c", "-ERR min or max not valid string range item"},
      {"ZREMRANGEBYLEX z (12 [b", ":2"},
      {"ZRANGE z 0 -1", "[12 c d]"},
      {"ZREMRANGEBYLEX z - +", ":3"},
      {"EXISTS z", ":0"},
  });
}

TEST_P(ZsetTest, Removes) {
  steps({
      {"ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g", ":7"},
      {"ZREM z a none g", ":2"},
      {"ZREMRANGEBYRANK z 0 0", ":1"},
      {"ZREMRANGEBYSCORE z (3 4", ":1"},
      {"ZRANGE z 0 -1", "[c e f]"},
      {"ZREM none a", ":0"},
      {"ZREM z c e f c", ":3"},
      {"EXISTS z", ":0"},
      {"ZADD z 1 a 2 b 3 c 4 d 5 e", ":5"},
      {"ZPOPMIN z", "[a 1]"},
      {"ZPOPMAX z 2", "[e 5 d 4]"},
      {"ZPOPMIN z 0", "[]"},
      {"ZPOPMIN z -1", "-ERR value is out of range, must be positive"},
      {"ZPOPMIN z 1 2", "-ERR syntax error"},
      {"ZMPOP 2 none z MIN", "[z [[b 2]]]"},
      {"ZMPOP 1 z MAX COUNT 5", "[z [[c 3]]]"},
      {"EXISTS z", ":0"},
      {"ZMPOP 1 z MAX", "nil"},
      {"ZMPOP 0 z MAX", "-ERR numkeys should be greater than 0"},
      {"ZMPOP 1 z MAX COUNT 0", "-ERR count should be greater than 0"},
      {"ZMPOP 1 z MAX COUNT 1 COUNT 2", "-ERR syntax error"},
      {"ZPOPMAX none", "[]"},
  });
}

TEST_P(ZsetTest, Combines) {
  steps({
      {"ZADD x 1 a 2 b 3 c", ":3"},
      {"ZADD y 10 b 20 c 30 d", ":3"},
      {"ZUNION 2 x y WITHSCORES", "[a 1 b 12 c 23 d 30]"},
      {"ZUNION 2 x y WEIGHTS 2 1 AGGREGATE MAX WITHSCORES", "[a 2 b 10 c 20 d 30]"},
      {"ZINTER 2 x y WITHSCORES AGGREGATE MIN", "[b 2 c 3]"},
      {"ZINTER 3 x y none", "[]"},
      {"ZDIFF 2 x y WITHSCORES", "[a 1]"},
      {"ZDIFF 2 x x", "[]"},
      {"ZINTERCARD 2 x y", ":2"},
      {"ZINTERCARD 2 x y LIMIT 1", ":1"},
      {"ZINTERCARD 2 x y LIMIT -1", "-ERR LIMIT can't be negative"},
      {"ZUNIONSTORE to 2 x y", ":4"},
      {"ZINTERSTORE x 2 x y WEIGHTS 1 0.5", ":2"},
      {"ZRANGE x 0 -1 WITHSCORES", "[b 7 c 13]"},
      {"ZDIFFSTORE to 2 x y", ":0"},
      {"EXISTS to", ":0"},
      {"ZUNION 0 x", "-ERR at least 1 input key is needed for 'zunion' command"},
      {"ZUNIONSTORE to 3 x y", "-ERR syntax error"},
      {"ZUNION 1 x WEIGHTS q", "-ERR weight value is not a float"},
      {"ZUNION 1 x WEIGHTS", "-ERR syntax error"},
      {"ZDIFF 1 x WEIGHTS 1", "-ERR syntax error"},
      {"ZUNION 1 x AGGREGATE avg", "-ERR syntax error"},
      {"ZADD inf inf a", ":1"},
      {"ZADD minus -inf a", ":1"},
      {"ZUNION 2 inf minus WITHSCORES", "[a 0]"},
      {"ZUNION 1 inf WEIGHTS 0 WITHSCORES", "[a 0]"},
  });
}

TEST_P(ZsetTest, CombinesWithSets) {
  store::Db db(store::Held::assume(), h.keyspace, 0, h.now_ms(), nullptr);
  std::string numbers(ds::kEmptyIntset);
  for (const int64_t number : {1, 2, 3})
    ds::IntsetEdit::add(ds::IntsetView(numbers), number).apply_to(numbers);
  db.put_packed(store::make_key("numbers"), nullptr, store::kSetIntset, numbers);
  ds::ListpackBuilder texts;
  for (const char* text : {"a", "2", "b"}) texts.add(text);
  const std::string list = texts.finish();
  db.put_packed(store::make_key("texts"), nullptr, store::kSetListpack, list);
  db.put_object(store::make_key("table"), nullptr, store::SetObject::from_packed(store::kSetListpack, list));
  steps({
      {"ZADD z 5 a 6 2", ":2"},
      {"ZUNION 2 numbers texts WITHSCORES", "[1 1 3 1 a 1 b 1 2 2]"},
      {"ZINTER 2 z texts WITHSCORES", "[a 6 2 7]"},
      {"ZINTER 2 z table WITHSCORES WEIGHTS 2 3", "[a 13 2 15]"},
      {"ZINTER 3 z table numbers WITHSCORES", "[2 8]"},
      {"ZDIFF 2 z numbers", "[a]"},
      {"ZDIFF 2 table z WITHSCORES", "[b 1]"},
      {"ZINTERCARD 2 table texts", ":3"},
      {"ZUNIONSTORE z 2 z numbers AGGREGATE MIN", ":4"},
      {"ZRANGE z 0 -1 WITHSCORES", "[1 1 2 1 3 1 a 5]"},
  });
}

TEST_P(ZsetTest, Walks) {
  for (int i = 0; i < 100; ++i) run("ZADD z " + std::to_string(i % 7) + " m" + std::to_string(i));
  std::string cursor = "0";
  size_t seen = 0;
  do {
    const std::string reply = run("ZSCAN z " + cursor + " COUNT 5");
    const size_t list = reply.find('[', 1);
    cursor = reply.substr(1, list - 2);
    for (const char byte : reply.substr(list)) seen += byte == 'm';
  } while (cursor != "0");
  EXPECT_EQ(seen, 100u);
  steps({
      {"ZSCAN z 0 MATCH m42 COUNT 1000", "[0 [m42 0]]"},
      {"ZSCAN none 0", "[0 []]"},
      {"ZSCAN none 0 WHAT", "[0 []]"},
      {"ZSCAN z x", "-ERR invalid cursor"},
      {"ZSCAN z 0 COUNT 0", "-ERR syntax error"},
      {"ZSCAN z 0 COUNT x", "-ERR value is not an integer or out of range"},
      {"ZSCAN z 0 TYPE zset", "-ERR syntax error"},
      {"ZRANDMEMBER none", "nil"},
      {"ZRANDMEMBER none 1", "[]"},
      {"ZRANDMEMBER z 0", "[]"},
      {"ZRANDMEMBER z 1 2", "-ERR syntax error"},
      {"ZADD one 1 a", ":1"},
      {"ZRANDMEMBER one", "a"},
      {"ZRANDMEMBER one -3 WITHSCORES", "[a 1 a 1 a 1]"},
      {"ZRANDMEMBER one 3", "[a]"},
  });
}

}  // namespace
}  // namespace gyre::cmd
