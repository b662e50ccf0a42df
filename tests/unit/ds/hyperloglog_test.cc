#include "gyre/ds/hyperloglog.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "packed_bytes.h"

namespace gyre::ds {
namespace {

constexpr size_t kSparseMax = 3000;

std::string sparse_of(std::string_view runs) {
  return std::string(kEmptyHll.substr(0, kHllHeader)) + std::string(runs);
}

void add(std::string& bytes, std::string_view element, size_t sparse_max = kSparseMax) {
  ASSERT_NE(hll_raise(bytes, hll_mark(element), sparse_max), HllResult::kCorrupt);
}

// After PFADD k a b c d e f g of Redis 7.2.4.
TEST(HyperLogLogTest, BytesOfRedis) {
  std::string bytes(kEmptyHll);
  for (const char* element : {"a", "b", "c", "d", "e", "f", "g"}) add(bytes, element);
  EXPECT_EQ(hll_describe_runs(bytes),
            "Z:1646 v:1,1 Z:5645 v:1,1 Z:1085 v:2,1 z:57 v:1,1 Z:4274 v:2,1 Z:2445 v:1,1 Z:622 v:1,1 Z:603");
  EXPECT_EQ(hll_estimate(bytes), 7u);
  EXPECT_FALSE(hll_cached(bytes));
}

TEST(HyperLogLogTest, HeaderDecidesWhatIsOne) {
  EXPECT_TRUE(hll_valid(kEmptyHll));
  EXPECT_TRUE(hll_valid(kEmptyHll.substr(0, 16)));
  EXPECT_FALSE(hll_valid(kEmptyHll.substr(0, 15)));
  std::string bytes(kEmptyHll);
  bytes[4] = 2;
  EXPECT_FALSE(hll_valid(bytes));
  bytes[4] = 0;
  EXPECT_FALSE(hll_valid(bytes));
  bytes.resize(kHllDenseSize);
  EXPECT_TRUE(hll_valid(bytes));
  bytes[0] = 'h';
  EXPECT_FALSE(hll_valid(bytes));
}

TEST(HyperLogLogTest, SparseAndDenseHoldTheSameRegisters) {
  std::mt19937_64 random(4);
  std::string sparse(kEmptyHll), dense(kEmptyHll);
  ASSERT_TRUE(hll_make_dense(dense));
  std::vector<uint8_t> model(kHllRegisters);
  for (int i = 0; i < 6000; ++i) {
    const uint64_t number = random();
    const HllMark mark = hll_mark({reinterpret_cast<const char*>(&number), 8});
    const bool grows = mark.value > model[mark.index];
    if (grows) model[mark.index] = mark.value;
    ASSERT_EQ(hll_raise(sparse, mark, kSparseMax), grows ? HllResult::kChanged : HllResult::kSame);
    ASSERT_EQ(hll_dense_raise(dense.data(), mark), grows);
    ASSERT_EQ(hll_dense_register(dense, mark.index), model[mark.index]);
    ASSERT_TRUE(hll_is_dense(sparse) || sparse.size() <= kSparseMax);
    if (i % 300 != 0) continue;
    std::vector<uint8_t> merged(kHllRegisters), merged_dense(kHllRegisters);
    ASSERT_TRUE(hll_merge(sparse, merged.data()) && hll_merge(dense, merged_dense.data()));
    ASSERT_EQ(merged, model);
    ASSERT_EQ(merged_dense, model);
    ASSERT_EQ(hll_estimate(sparse), hll_estimate(dense));
    ASSERT_EQ(hll_estimate_registers(model.data()), hll_estimate(dense));
  }
  EXPECT_TRUE(hll_is_dense(sparse));
  EXPECT_NEAR(static_cast<double>(*hll_estimate(sparse)), 6000, 300);
}

// Searching on from where the last register was gives the same bytes as from the beginning.
TEST(HyperLogLogTest, AscendingMarksGoOnWhereTheyWere) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 30; ++round) {
    std::string from_start(kEmptyHll);
    const auto some_value = [&] { return static_cast<uint8_t>(1 + random() % 3); };
    const uint32_t dense_part = 200 + random() % 300;
    for (uint32_t i = 0; i < dense_part; ++i)
      hll_raise(from_start, {static_cast<uint32_t>(random() % 500), some_value()}, kSparseMax);
    std::string going_on = from_start;
    HllCursor search;
    for (uint32_t i = 0; i < 600; ++i) {
      if (random() % 3 == 0) continue;
      const HllMark mark{i, some_value()};
      ASSERT_EQ(hll_raise(from_start, mark, kSparseMax), hll_raise(going_on, mark, kSparseMax, &search));
      ASSERT_EQ(to_hex(from_start), to_hex(going_on));
    }
  }
}

TEST(HyperLogLogTest, ValuesAboveThirtyTwoMakeItDense) {
  std::string bytes(kEmptyHll);
  ASSERT_EQ(hll_raise(bytes, {7, 32}, kSparseMax), HllResult::kChanged);
  EXPECT_FALSE(hll_is_dense(bytes));
  ASSERT_EQ(hll_raise(bytes, {9, 33}, kSparseMax), HllResult::kChanged);
  ASSERT_TRUE(hll_is_dense(bytes));
  EXPECT_EQ(hll_dense_register(bytes, 7), 32);
  EXPECT_EQ(hll_dense_register(bytes, 9), 33);
}

TEST(HyperLogLogTest, CorruptRunsAreToldAndLeftAlone) {
  std::vector<uint8_t> registers(kHllRegisters);
  for (const std::string_view runs : {std::string_view(""), std::string_view("\x7f"),
                                      std::string_view("\x7f\xfe"), std::string_view("\x7f\xff\x00", 3),
                                      std::string_view("\x7f\xfd\x83"), std::string_view("\xff\xff\xff")}) {
    std::string bytes = sparse_of(runs);
    const std::string before = bytes;
    ASSERT_TRUE(hll_valid(bytes));
    EXPECT_FALSE(hll_estimate(bytes)) << to_hex(runs);
    EXPECT_FALSE(hll_merge(bytes, registers.data())) << to_hex(runs);
    EXPECT_FALSE(hll_make_dense(bytes)) << to_hex(runs);
    EXPECT_EQ(hll_raise(bytes, {16383, 40}, kSparseMax), HllResult::kCorrupt) << to_hex(runs);
    EXPECT_EQ(bytes, before);
  }
  // Values behind the last register: only the estimate minds.
  std::string behind = sparse_of("\x7f\xff\x80");
  EXPECT_FALSE(hll_estimate(behind));
  EXPECT_TRUE(hll_merge(behind, registers.data()));
  // A run of two bytes cut in half at the end reads as if zero followed; it is not changed.
  std::string cut = sparse_of("\x40\xfe\x7f");
  EXPECT_EQ(hll_estimate(cut), 0u);
  EXPECT_EQ(hll_raise(cut, {16383, 2}, kSparseMax), HllResult::kCorrupt);
}

TEST(HyperLogLogTest, RegistersThatNoHashGivesDoNoHarm) {
  for (const char byte : {'\xff', '\x55', '\x0c'}) {
    std::string bytes(kHllDenseSize, byte);
    std::memcpy(bytes.data(), kEmptyHll.data(), kHllHeader);
    bytes[4] = 0;
    EXPECT_TRUE(hll_estimate(bytes));
  }
}

}  // namespace
}  // namespace gyre::ds
