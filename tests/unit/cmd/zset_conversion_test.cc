// When a sorted set stops being packed.
#include "fixture.h"

namespace gyre::cmd {
namespace {

class ZsetConversionTest : public CommandTest {};
INSTANTIATE_TEST_SUITE_P(Reactors, ZsetConversionTest, testing::Values(1u, 3u));

TEST_P(ZsetConversionTest, Converts) {
  h.environment.zset.entries = 3;
  h.environment.zset.value_bytes = 5;
  steps({
      {"ZADD z 1 a 2 b 3 c", ":3"},
      {"OBJECT ENCODING z", "listpack"},
      {"PEXPIRE z 100000", ":1"},
      {"ZADD z 1 a", ":0"},
      {"OBJECT ENCODING z", "listpack"},
      {"ZADD z 4 d", ":1"},
      {"OBJECT ENCODING z", "skiplist"},
      {"PTTL z", ":100000"},
      {"ZRANGE z 0 -1 WITHSCORES", "[a 1 b 2 c 3 d 4]"},
      {"ZADD y 1 abcde", ":1"},
      {"OBJECT ENCODING y", "listpack"},
      {"ZADD y 1 abcdef", ":1"},
      {"OBJECT ENCODING y", "skiplist"},
      {"ZADD w 1 a 1 a 1 a 1 a", ":1"},
      {"OBJECT ENCODING w", "skiplist"},
      {"ZUNIONSTORE to 1 w", ":1"},
      {"OBJECT ENCODING to", "listpack"},
      {"ZRANGESTORE to z 0 0", ":1"},
      {"OBJECT ENCODING to", "listpack"},
      {"ZRANGESTORE to z 1 1 BYSCORE", ":1"},
      {"OBJECT ENCODING to", "skiplist"},
  });
}

}  // namespace
}  // namespace gyre::cmd
