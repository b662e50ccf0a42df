#include "fixture.h"

namespace gyre::cmd {
namespace {

using BitmapTest = CommandTest;
INSTANTIATE_TEST_SUITE_P(Reactors, BitmapTest, testing::Values(1u, 3u));

TEST_P(BitmapTest, SingleBits) {
  steps({
      {"GETBIT k 5", ":0"},
      {"SETBIT k 1 1", ":0"},
      {"SETBIT k 1 1", ":1"},
      {"GET k", "@"},
      {"SET n 1234", "OK"},
      {"SETBIT n 0 0", ":0"},
      {"OBJECT ENCODING n", "raw"},
      {"SETBIT n 7 0", ":1"},
      {"GET n", "0234"},
      {"SETBIT k 4294967296 1", "-ERR bit offset is not an integer or out of range"},
      {"SETBIT k 0 2", "-ERR bit is not an integer or out of range"},
  });
  h.environment.limit = 100;
  steps({{"SETBIT k 799 0", ":0"}, {"SETBIT k 800 0", "-ERR bit offset is not an integer or out of range"}});
}

TEST_P(BitmapTest, Ranges) {
  steps({
      {"SET k foobar", "OK"},
      {"BITCOUNT k", ":26"},
      {"BITCOUNT k 1 1", ":6"},
      {"BITCOUNT k 5 30 BIT", ":17"},
      {"BITCOUNT k 0", "-ERR syntax error"},
      {"BITCOUNT none 0", ":0"},
      {"SET k \"\\xff\\xf0\\x00\"", "OK"},
      {"BITPOS k 0", ":12"},
      {"BITPOS k 1 2", ":-1"},
      {"BITPOS k 1 7 15 BIT", ":7"},
      {"SET k \"\\xff\\xff\"", "OK"},
      {"BITPOS k 0", ":16"},
      {"BITPOS k 0 0 -1", ":-1"},
      {"BITPOS none 0", ":0"},
      {"BITPOS none 1", ":-1"},
      {"BITPOS k 2", "-ERR The bit argument must be 1 or 0."},
  });
}

TEST_P(BitmapTest, Combining) {
  steps({
      {"MSET a abc b 12 k 1", "OK"},
      {"BITOP OR k a b", ":3"},
      {"GET k", "qrc"},
      {"BITOP AND k a none", ":3"},
      {"BITOP XOR a a a", ":3"},
      {"BITCOUNT a", ":0"},
      {"BITOP AND k none", ":0"},
      {"EXISTS k", ":0"},
      {"SET k 12 EX 10", "OK"},
      {"BITOP OR k b", ":2"},
      {"OBJECT ENCODING k", "raw"},
      {"TTL k", ":-1"},
      {"BITOP NOT k a b", "-ERR BITOP NOT must be called with a single source key."},
      {"BITOP NAND k a", "-ERR syntax error"},
  });
  // Long enough for values of their own.
  for (const char c : {'a', 'b'}) h.client().call({"SET", std::string(1, c), std::string(5000, c)});
  EXPECT_EQ(run("BITOP OR a a b"), ":5000");
  EXPECT_EQ(run("GET a"), std::string(5000, 'a' | 'b'));
}

TEST_P(BitmapTest, WhatOnlyGrowsTellsNoWatcher) {
  h.run("SET k a");
  h.run("WATCH k");
  EXPECT_EQ(h.client(1).run("BITFIELD k OVERFLOW FAIL INCRBY i6 #18 -79"), "[nil]");
  h.run("MULTI");
  h.run("STRLEN k");
  EXPECT_EQ(h.run("EXEC"), "[:15]");
  h.run("WATCH k");
  h.client(1).run("BITFIELD k OVERFLOW FAIL SET i6 #38 1");
  h.run("MULTI");
  h.run("STRLEN k");
  EXPECT_EQ(h.run("EXEC"), "nil");
}

TEST_P(BitmapTest, Fields) {
  steps({
      {"BITFIELD k SET i8 0 100 INCRBY i8 0 100", "[:0 :-56]"},
      {"BITFIELD k OVERFLOW SAT INCRBY u4 #2 20 OVERFLOW FAIL INCRBY u4 #2 1 GET u4 #2", "[:15 nil :15]"},
      {"BITFIELD_RO k GET u8 0 GET i4 8", "[:200 :-1]"},
      {"BITFIELD_RO k SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand"},
      {"BITFIELD k", "[]"},
      {"BITFIELD k GET u64 0",
       "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."},
      {"BITFIELD k OVERFLOW x", "-ERR Invalid OVERFLOW type specified"},
      {"BITFIELD k GET u8", "-ERR syntax error"},
      {"BITFIELD fresh OVERFLOW FAIL SET u8 8 256", "[nil]"},
      {"STRLEN fresh", ":2"},
  });
}

}  // namespace
}  // namespace gyre::cmd
