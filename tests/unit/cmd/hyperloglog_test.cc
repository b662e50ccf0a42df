#include "fixture.h"

namespace gyre::cmd {
namespace {

using HyperLogLogTest = CommandTest;
INSTANTIATE_TEST_SUITE_P(Reactors, HyperLogLogTest, testing::Values(1u, 3u));

TEST_P(HyperLogLogTest, AddsCountsAndMerges) {
  steps({
      {"PFCOUNT h", ":0"},
      {"PFADD h", ":1"},
      {"PFADD h", ":0"},
      {"PFADD h a b c a", ":1"},
      {"PFADD h c", ":0"},
      {"PFCOUNT h", ":3"},
      {"PFADD i c d", ":1"},
      {"PFCOUNT h i none", ":4"},
      {"PFMERGE h i none", "OK"},
      {"PFCOUNT h", ":4"},
      {"OBJECT ENCODING h", "raw"},
      {"PFDEBUG ENCODING h", "sparse"},
      {"PFDEBUG TODENSE h", ":1"},
      {"PFDEBUG TODENSE h", ":0"},
      {"PFDEBUG ENCODING h", "dense"},
      {"PFADD h e", ":1"},
      {"PFADD h e", ":0"},
      {"PFCOUNT h", ":5"},
      {"PFMERGE i h", "OK"},
      {"STRLEN i", ":12304"},
      {"PFCOUNT i", ":5"},
      {"PFSELFTEST", "OK"},
  });
}

TEST_P(HyperLogLogTest, BecomesDenseAtTheLimit) {
  h.environment.hll_sparse_max = 30;
  for (int i = 0; i < 4; ++i) run("PFADD h " + std::to_string(i));
  EXPECT_EQ(run("PFDEBUG ENCODING h"), "sparse");
  for (int i = 4; i < 10; ++i) run("PFADD h " + std::to_string(i));
  EXPECT_EQ(run("PFDEBUG ENCODING h"), "dense");
  EXPECT_EQ(run("PFCOUNT h"), ":10");
}

TEST_P(HyperLogLogTest, WhatIsNoneIsRefusedAndStays) {
  const char* const none = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
  const char* const corrupt = "-INVALIDOBJ Corrupted HLL object detected";
  run("SET s text");
  run("SET n 12345678901234567");
  for (const char* key : {"s", "n"}) {
    EXPECT_EQ(run(std::string("PFADD ") + key + " x"), none);
    EXPECT_EQ(run(std::string("PFCOUNT ") + key), none);
    EXPECT_EQ(run(std::string("PFMERGE d ") + key), none);
  }
  const std::string value("HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\x10", 18);
  h.client().call({"SET", "h", value});
  EXPECT_EQ(run("PFCOUNT h"), corrupt);
  EXPECT_EQ(run("PFMERGE h"), corrupt);
  EXPECT_EQ(run("PFCOUNT h h"), corrupt);
  EXPECT_EQ(run("PFDEBUG TODENSE h"), corrupt);
  EXPECT_EQ(h.client().call({"GET", "h"}), value);
  steps({{"PFDEBUG GETREG none", "-ERR The specified key does not exist"}, {"EXISTS d", ":0"}});
}

}  // namespace
}  // namespace gyre::cmd
