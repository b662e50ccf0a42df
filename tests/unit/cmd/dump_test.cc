// DUMP and RESTORE. The payloads are stock's.
#include "fixture.h"

namespace gyre::cmd {
namespace {

class DumpTest : public CommandTest {};

INSTANTIATE_TEST_SUITE_P(Reactors, DumpTest, testing::Values(1, 3));

constexpr const char* kString = "\"\\x00\\x01\\x76\\x0b\\x00\\xf8\\xd7\\x73\\xc1\\xe4\\xa7\\x63\\x47\"";
constexpr const char* kHash =
    "\"\\x10\\x0c\\x0c\\x00\\x00\\x00\\x02\\x00\\x81\\x61\\x02\\x01\\x01\\xff\\x0b\\x00\\xed\\x79\\x2e\\x9b\\"
    "x57\\x88\\x0d\\x52\"";

std::string restore(std::string_view key, const char* payload, std::string_view options = "0",
                    std::string_view more = "") {
  return "RESTORE " + std::string(key) + " " + std::string(options) + " " + payload + " " + std::string(more);
}

TEST_P(DumpTest, GoesAndComes) {
  run("SET k v");
  EXPECT_EQ(run("DUMP none"), "nil");
  const std::string payload = h.client().call({"DUMP", "k"});
  EXPECT_EQ(payload, std::string("\x00\x01\x76\x0b\x00\xf8\xd7\x73\xc1\xe4\xa7\x63\x47", 13));
  EXPECT_EQ(h.client().call({"RESTORE", "l", "0", payload}), "OK");
  EXPECT_EQ(run("GET l"), "v");
  for (const std::string key : {"zset", "set", "ints", "big"}) {
    if (key == "zset") run("ZADD zset 1 a 2.5 b");
    if (key == "set") run("SADD set a b 3");
    if (key == "ints") run("SADD ints 1 2 3");
    if (key == "big") h.client().call({"SETRANGE", "big", "100000", "x"});
    EXPECT_EQ(h.client().call({"RESTORE", "copy", "0", h.client().call({"DUMP", key}), "REPLACE"}), "OK");
    EXPECT_EQ(run("OBJECT ENCODING copy"), run("OBJECT ENCODING " + key));
    EXPECT_EQ(h.client().call({"DUMP", "copy"}), h.client().call({"DUMP", key}));
  }
}

TEST_P(DumpTest, Options) {
  EXPECT_EQ(run(restore("k", kString, "500")), "OK");
  EXPECT_EQ(run("PTTL k"), ":500");
  EXPECT_EQ(run(restore("k", kString)), "-BUSYKEY Target key name already exists.");
  EXPECT_EQ(run(restore("k", kString, "0", "REPLACE IDLETIME 100")), "OK");
  EXPECT_EQ(run("PTTL k"), ":-1");
  EXPECT_EQ(run("OBJECT IDLETIME k"), ":100");
  EXPECT_EQ(run(restore("k", kString, "1", "REPLACE ABSTTL")), "OK");
  EXPECT_EQ(run("EXISTS k"), ":0");
  EXPECT_EQ(run(restore("k", kString, "9223372036854775807", "ABSTTL")), "OK");
  EXPECT_EQ(run("PEXPIRETIME k"), ":9223372036854775807");
  EXPECT_EQ(run(restore("h", kHash)), "OK");
  EXPECT_EQ(run("TYPE h"), "hash");
  EXPECT_EQ(run("OBJECT ENCODING h"), "listpack");
}

TEST_P(DumpTest, Errors) {
  run("SET k old");
  EXPECT_EQ(run("RESTORE n 0 x WHAT"), "-ERR syntax error");
  EXPECT_EQ(run("RESTORE n 0 x IDLETIME 1 FREQ 1"), "-ERR syntax error");
  EXPECT_EQ(run("RESTORE n 0 x IDLETIME -1"), "-ERR Invalid IDLETIME value, must be >= 0");
  EXPECT_EQ(run("RESTORE n 0 x FREQ 256"), "-ERR Invalid FREQ value, must be >= 0 and <= 255");
  EXPECT_EQ(run("RESTORE n x x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(run("RESTORE n -1 x"), "-ERR Invalid TTL value, must be >= 0");
  EXPECT_EQ(run("RESTORE k x x"), "-BUSYKEY Target key name already exists.");
  EXPECT_EQ(run("RESTORE n 0 x"), "-ERR DUMP payload version or checksum are wrong");
  EXPECT_EQ(run("RESTORE k 0 \"\\x00\\x01\\x76\\x0b\\x00\\xf8\\xd7\\x73\\xc1\\xe4\\xa7\\x63\\x48\" REPLACE"),
            "-ERR DUMP payload version or checksum are wrong");
  h.environment.skip_checksum = true;
  EXPECT_EQ(run("RESTORE k 0 \"\\x00\\x01\\x76\\x0c\\x00\\xf8\\xd7\\x73\\xc1\\xe4\\xa7\\x63\\x48\" REPLACE"),
            "-ERR DUMP payload version or checksum are wrong");
  for (const char* value : {"", "\\x10\\x02xx", "\\x02\\x05\\x01a", "\\x63\\x01a", "\\x02\\x00",
                            "\\x02\\x02\\x01a\\x01a", "\\xfe\\x01", "\\x07\\x05"})
    EXPECT_EQ(run("RESTORE k 0 \"" + std::string(value) + "\\x0b\\x0012345678\" REPLACE"),
              "-ERR Bad data format")
        << value;
  EXPECT_EQ(run("GET k"), "old");
}

TEST_P(DumpTest, RepetitionsAreLookedForWhenAskedFor) {
  h.environment.skip_checksum = true;
  const std::string twice =
      "\"\\x14\\x0d\\x0d\\x00\\x00\\x00\\x02\\x00\\x81a\\x02\\x81a\\x02\\xff\\x0b\\x0012345678\"";
  EXPECT_EQ(run("RESTORE s 0 " + twice), "OK");
  h.environment.sanitize = true;
  EXPECT_EQ(run("RESTORE t 0 " + twice), "-ERR Bad data format");
}

}  // namespace
}  // namespace gyre::cmd
