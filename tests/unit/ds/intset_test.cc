#include "gyre/ds/intset.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "packed_bytes.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

bool add(std::string& bytes, int64_t value) {
  const IntsetEdit edit = IntsetEdit::add(IntsetView(bytes), value);
  edit.apply_to(bytes);
  EXPECT_EQ(bytes.size(), edit.new_size());
  return edit.changes();
}

bool remove(std::string& bytes, int64_t value) {
  const IntsetEdit edit = IntsetEdit::remove(IntsetView(bytes), value);
  edit.apply_to(bytes);
  return edit.changes();
}

std::string intset_of(std::initializer_list<int64_t> values) {
  std::string bytes(kEmptyIntset);
  for (const int64_t value : values) EXPECT_TRUE(add(bytes, value));
  return bytes;
}

std::vector<int64_t> members_of(std::string_view bytes) {
  const IntsetView set(bytes);
  std::vector<int64_t> members;
  for (uint32_t i = 0; i < set.count(); ++i) members.push_back(set.get(i));
  return members;
}

// From DUMP payloads of Redis 7.2.4 after the same commands.
TEST(Intset, BytesAreRediss) {
  EXPECT_EQ(to_hex(intset_of({5, -5, 100, 32767, -32768})), "02000000050000000080fbff05006400ff7f");
  EXPECT_EQ(to_hex(intset_of({5, -5, 100, 32768})), "0400000004000000fbffffff050000006400000000800000");
  EXPECT_EQ(to_hex(intset_of({5, -5, 100, 2147483648})),
            "0800000004000000fbffffffffffffff050000000000000064000000000000000000008000000000");
  std::string bytes = intset_of({5, -5, 100, -32769});
  EXPECT_TRUE(remove(bytes, -32769));
  EXPECT_EQ(to_hex(bytes), "0400000003000000fbffffff0500000064000000");
  bytes = intset_of({1, 70000, INT64_MIN});
  EXPECT_EQ(to_hex(bytes), "0800000003000000000000000000008001000000000000007011010000000000");
}

TEST(Intset, WidensAtEitherEnd) {
  for (const int64_t value :
       {int64_t{32768}, int64_t{-32769}, int64_t{1} << 31, -(int64_t{1} << 31) - 1, INT64_MAX}) {
    std::string bytes = intset_of({1, 2, 3});
    EXPECT_EQ(IntsetView(bytes).width(), 2u);
    EXPECT_TRUE(add(bytes, value));
    EXPECT_EQ(IntsetView(bytes).width(), intset_width(value));
    std::vector<int64_t> expected = {1, 2, 3};
    expected.insert(value < 0 ? expected.begin() : expected.end(), value);
    EXPECT_EQ(members_of(bytes), expected);
  }
}

TEST(Intset, EmptyHasNoMember) {
  std::string bytes(kEmptyIntset);
  EXPECT_FALSE(IntsetView(bytes).contains(0));
  EXPECT_FALSE(remove(bytes, 0));
  EXPECT_EQ(bytes, kEmptyIntset);
}

TEST(Intset, WidthFollowsTheLimits) {
  EXPECT_EQ(intset_width(32767), 2u);
  EXPECT_EQ(intset_width(-32768), 2u);
  EXPECT_EQ(intset_width(32768), 4u);
  EXPECT_EQ(intset_width(INT32_MAX), 4u);
  EXPECT_EQ(intset_width(INT32_MIN), 4u);
  EXPECT_EQ(intset_width(int64_t{INT32_MAX} + 1), 8u);
}

TEST(Intset, WritesWholeSets) {
  for (const std::vector<int64_t>& members :
       {std::vector<int64_t>{}, {5}, {-40000, 1}, {1, 2, int64_t{1} << 40}, {INT64_MIN, 0}}) {
    std::string bytes(intset_size(members), '\0');
    write_intset(members, bytes.data());
    EXPECT_EQ(members_of(bytes), members);
    std::string one_by_one(kEmptyIntset);
    for (const int64_t member : members) add(one_by_one, member);
    EXPECT_EQ(bytes, one_by_one);
  }
}

TEST(Intset, RandomEditsMatchASet) {
  const uint64_t seed = test_seed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const int shift : {57, 50, 40, 20, 0}) {
    std::string bytes(kEmptyIntset);
    std::set<int64_t> model;
    for (int i = 0; i < 2000; ++i) {
      const int64_t value = static_cast<int64_t>(random()) >> shift;
      if (random() % 3 == 0) {
        ASSERT_EQ(remove(bytes, value), model.erase(value) > 0);
      } else {
        ASSERT_EQ(add(bytes, value), model.insert(value).second);
      }
      const int64_t other = static_cast<int64_t>(random()) >> shift;
      ASSERT_EQ(IntsetView(bytes).contains(other), model.contains(other));
      ASSERT_EQ(intset_valid(bytes, true), !model.empty());
    }
    ASSERT_EQ(members_of(bytes), std::vector<int64_t>(model.begin(), model.end()));
    if (model.empty()) continue;
    EXPECT_EQ(IntsetView(bytes).min(), *model.begin());
    EXPECT_EQ(IntsetView(bytes).max(), *model.rbegin());
  }
}

TEST(Intset, ChecksForeignBytes) {
  const std::string good = intset_of({1, 2, 3});
  EXPECT_TRUE(intset_valid(good, true));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(intset_valid(good.substr(0, size), false));
  EXPECT_FALSE(intset_valid(good + "x", false));
  EXPECT_FALSE(intset_valid(kEmptyIntset, false));  // Redis has no empty sets
  for (const char width : {0, 1, 3, 5, 16}) {
    std::string bytes = good;
    bytes[0] = width;
    EXPECT_FALSE(intset_valid(bytes, false));
  }
  std::string twice = good;
  twice[10] = 1;
  EXPECT_TRUE(intset_valid(twice, false));
  EXPECT_FALSE(intset_valid(twice, true));
  twice[10] = 4;
  EXPECT_FALSE(intset_valid(twice, true));
  // count * width wraps in 32 bits.
  EXPECT_FALSE(intset_valid(from_hex("0800000001000020") + std::string(8, '\0'), false));
}

}  // namespace
}  // namespace gyre::ds
