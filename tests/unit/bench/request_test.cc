#include "request.h"

#include <gtest/gtest.h>

#include "gyre/base/memory.h"
#include "workload.h"

namespace gyre::bench {
namespace {

class RequestTest : public testing::Test {
 public:
  void use(std::string_view key_format, std::string_view sizes, KeySpec spec) {
    std::string error;
    ASSERT_TRUE(format.parse(key_format, &error)) << error;
    ASSERT_TRUE(value_sizes.parse(sizes, &error)) << error;
    keys = spec;
    pool = std::make_unique<ValuePool>(value_sizes.largest(), false, 1);
    source = std::make_unique<FieldSource>(keys, 0, 1, format, value_sizes, *pool, 1);
  }
  std::string made(std::string_view text) {
    RequestTemplate request;
    std::string error;
    EXPECT_TRUE(request.parse(text, &error)) << error;
    request.prepare(keys, format, value_sizes);
    request.append(out, *source);
    std::string scratch;
    std::string bytes(out.flatten(scratch));
    out.clear();
    return bytes;
  }

  KeySpec keys;
  KeyFormat format;
  ValueSizes value_sizes;
  std::unique_ptr<ValuePool> pool;
  std::unique_ptr<FieldSource> source;
  base::OutBuffer out;
};

TEST_F(RequestTest, FixedFields) {
  use("key:%012d", "3", {Distribution::kSequential, 1000, 0.99});
  EXPECT_EQ(made("SET __key__ __data__"), "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000000\r\n$3\r\nxxx\r\n");
  EXPECT_EQ(made("GET a__key__b"), "*2\r\n$3\r\nGET\r\n$18\r\nakey:000000000001b\r\n");
  EXPECT_EQ(made("PING"), "*1\r\n$4\r\nPING\r\n");
}

TEST_F(RequestTest, LengthsThatVary) {
  use("key:N", "2", {Distribution::kSequential, 11, 0.99});
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(made("GET __key__"), "*2\r\n$3\r\nGET\r\n$5\r\nkey:" + std::to_string(i) + "\r\n");
  EXPECT_EQ(made("SET __key__:__int__ __data__"), "*3\r\n$3\r\nSET\r\n$8\r\nkey:9:10\r\n$2\r\nxx\r\n");
}

TEST_F(RequestTest, RandIntIsThatOfRedisBenchmark) {
  use("key:N", "2", {Distribution::kUniform, 1, 0.99});
  EXPECT_EQ(made("INCR c:__rand_int__"), "*2\r\n$4\r\nINCR\r\n$14\r\nc:000000000000\r\n");
}

TEST_F(RequestTest, QuotesAndEscapes) {
  use("key:N", "2", {Distribution::kUniform, 1, 0.99});
  EXPECT_EQ(made(R"(SET "a b\x00\"" 'c d' "")"),
            std::string("*4\r\n$3\r\nSET\r\n$5\r\na b\0\"\r\n$3\r\nc d\r\n$0\r\n\r\n", 39));
  RequestTemplate request;
  std::string error;
  EXPECT_FALSE(request.parse("SET \"a", &error));
  EXPECT_FALSE(request.parse("   ", &error));
}

TEST_F(RequestTest, LargeValuesNeedNoReservation) {
  use("key:N", "100000", {Distribution::kUniform, 1, 0.99});
  EXPECT_EQ(made("SET __key__ __data__"),
            "*3\r\n$3\r\nSET\r\n$5\r\nkey:0\r\n$100000\r\n" + std::string(100'000, 'x') + "\r\n");
}

TEST_F(RequestTest, MakingARequestDoesNotAllocate) {
  use("key:N", "10-100", {Distribution::kZipf, 1'000'000, 0.99});
  RequestTemplate request;
  std::string error;
  ASSERT_TRUE(request.parse("SET __key__ __data__", &error));
  request.prepare(keys, format, value_sizes);
  request.append(out, *source);  // takes its chunk
  const int64_t before = base::allocated_bytes();
  for (int i = 0; i < 50; ++i) request.append(out, *source);
  EXPECT_EQ(base::allocated_bytes(), before);
}

TEST(ValueSizes, Forms) {
  ValueSizes sizes;
  std::string error;
  base::Random random(5);
  ASSERT_TRUE(sizes.parse("1kb", &error));
  EXPECT_TRUE(sizes.fixed());
  EXPECT_EQ(sizes.draw(random), 1024u);
  ASSERT_TRUE(sizes.parse("10-12", &error));
  size_t least = 100, most = 0;
  for (int i = 0; i < 1000; ++i) {
    least = std::min(least, sizes.draw(random));
    most = std::max(most, sizes.draw(random));
  }
  EXPECT_EQ(least, 10u);
  EXPECT_EQ(most, 12u);
  ASSERT_TRUE(sizes.parse("8:3,100-200:1", &error));
  EXPECT_EQ(sizes.largest(), 200u);
  int small = 0;
  for (int i = 0; i < 10'000; ++i) small += sizes.draw(random) == 8;
  EXPECT_NEAR(small, 7500, 250);
  for (const char* text : {"", "x", "3-1", "4:0", "4:-1", "4,", "600mb"})
    EXPECT_FALSE(sizes.parse(text, &error)) << text;
}

TEST(Workload, MixHasItsWeights) {
  Workload workload;
  std::string error;
  ASSERT_TRUE(workload.add_mix("set:30,get:60,incr", &error)) << error;
  ASSERT_TRUE(workload.add_template("LPUSH l x", 9, &error)) << error;
  KeyFormat format;
  ASSERT_TRUE(format.parse("key:N", &error));
  workload.prepare({}, format, {});
  EXPECT_EQ(workload.describe(), "set:30,get:60,incr:1,LPUSH l x:9");
  base::Random random(11);
  std::vector<int> counts(4);
  for (int i = 0; i < 100'000; ++i) counts.at(workload.draw(random))++;
  EXPECT_NEAR(counts[0], 30'000, 800);
  EXPECT_NEAR(counts[1], 60'000, 800);
  EXPECT_NEAR(counts[2], 1'000, 200);
  EXPECT_NEAR(counts[3], 9'000, 500);
}

TEST(Workload, RefusesNonsense) {
  for (const char* text : {"", "set:", "set:0", "set:-1", "nosuch", "set:1,,get:1", "set:x"}) {
    Workload workload;
    std::string error;
    EXPECT_FALSE(workload.add_mix(text, &error)) << text;
    EXPECT_FALSE(error.empty()) << text;
  }
}

TEST(Workload, EveryBuiltinParses) {
  for (const std::string& name : Workload::builtin_names()) {
    Workload workload;
    std::string error;
    EXPECT_TRUE(workload.add_builtin(name, 1, &error)) << error;
    EXPECT_EQ(workload.describe(), name);
  }
}

}  // namespace
}  // namespace gyre::bench
