// What a client may send as a listpack. Every reader trusts what passes here.
#include <gtest/gtest.h>

#include <random>

#include "packed_bytes.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

/// A listpack of `body`, with a right header but for the count.
std::string with_body(std::string_view body, uint16_t count) {
  std::string bytes(kListpackHeader, '\0');
  bytes += body;
  bytes += '\xff';
  store_little(bytes.data(), static_cast<uint32_t>(bytes.size()));
  store_little(bytes.data() + 4, count);
  return bytes;
}

bool body_valid(std::string_view hex, uint16_t count) {
  return listpack_valid(with_body(from_hex(hex), count), true);
}

TEST(ListpackValid, ChecksTheHeader) {
  const std::string good = listpack_of({"a", "1"});
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(listpack_valid(std::string_view(good).substr(0, size), false)) << size;
  }
  EXPECT_FALSE(listpack_valid(good + "x", false));
  std::string other = good;
  other.back() = '\xfe';
  EXPECT_FALSE(listpack_valid(other, false));
  other = good;
  other[0] = static_cast<char>(other[0] + 1);
  EXPECT_FALSE(listpack_valid(other, false));
  // The count is for the deep check.
  other = good;
  other[4] = 3;
  EXPECT_TRUE(listpack_valid(other, false));
  EXPECT_FALSE(listpack_valid(other, true));
  other[4] = 1;
  EXPECT_FALSE(listpack_valid(other, true));
  other[4] = other[5] = '\xff';
  EXPECT_TRUE(listpack_valid(other, true));
}

TEST(ListpackValid, ChecksEveryEncoding) {
  EXPECT_TRUE(body_valid("0501", 1));
  EXPECT_FALSE(body_valid("05", 1));
  EXPECT_FALSE(body_valid("0502", 1));
  EXPECT_FALSE(body_valid("0500", 1));
  EXPECT_TRUE(
      body_valid("826162"
                 "03",
                 1));
  EXPECT_FALSE(
      body_valid("836162"
                 "03",
                 1));
  EXPECT_FALSE(body_valid("8261", 1));
  EXPECT_TRUE(body_valid("c00102", 1));
  EXPECT_FALSE(body_valid("c001", 1));
  EXPECT_FALSE(body_valid("c0", 1));
  EXPECT_TRUE(body_valid("e0016103", 1));  // longer than needed, as Redis lets pass
  EXPECT_FALSE(
      body_valid("e00261"
                 "03",
                 1));
  EXPECT_FALSE(body_valid("e0", 1));
  EXPECT_TRUE(
      body_valid("f00100000061"
                 "06",
                 1));
  EXPECT_FALSE(
      body_valid("f00200000061"
                 "06",
                 1));
  for (const char* cut : {"f0", "f001", "f00100", "f0010000", "f001000000"})
    EXPECT_FALSE(body_valid(cut, 1)) << cut;
  EXPECT_TRUE(body_valid("f1010003", 1));
  EXPECT_TRUE(body_valid("f201000004", 1));
  EXPECT_TRUE(body_valid("f30100000005", 1));
  EXPECT_TRUE(body_valid("f4010000000000000009", 1));
  EXPECT_FALSE(body_valid("f40100000000000000", 1));
  for (const char* unknown : {"f501", "f601", "fa01", "fe01"})
    EXPECT_FALSE(body_valid(unknown, 1)) << unknown;
  EXPECT_FALSE(body_valid("0501ff0501", 2));  // an end mark inside
}

// A 32-bit length near its limit, with which the size of the element wraps to a small number.
TEST(ListpackValid, SurvivesLengthsThatWrap) {
  for (const char* low : {"fa", "fb", "fc", "fd", "fe", "ff"}) {
    EXPECT_FALSE(body_valid(std::string("f0") + low + "ffffff00000102030405", 1)) << low;
  }
}

TEST(ListpackValid, ChecksBacklens) {
  std::string body = from_hex("e080") + std::string(128, 'x');
  EXPECT_TRUE(listpack_valid(with_body(body + from_hex("0182"), 1), true));
  EXPECT_FALSE(listpack_valid(with_body(body + from_hex("0102"), 1), true));
  EXPECT_FALSE(listpack_valid(with_body(body + from_hex("0183"), 1), true));
  EXPECT_FALSE(listpack_valid(with_body(body + from_hex("8182"), 1), true));
  // More than five bytes of it.
  EXPECT_FALSE(listpack_valid(with_body(from_hex("86808080808080"
                                                 "87"),
                                        1),
                              true));
}

TEST(ListpackValid, AsksAboutEachElement) {
  const std::string bytes = listpack_of({"a", "7", "c"});
  Texts seen;
  EXPECT_TRUE(listpack_valid(bytes, [&](const PackedElement& element) {
    seen.push_back(text_of(element));
    return true;
  }));
  EXPECT_EQ(seen, (Texts{"a", "7", "c"}));
  EXPECT_FALSE(listpack_valid(bytes, [](const PackedElement& element) { return !element.is_integer(); }));
}

// Under AddressSanitizer this finds reads outside; otherwise, that what is accepted can be walked.
TEST(ListpackValid, AcceptsOnlyWhatCanBeWalkedBothWays) {
  const uint64_t seed = test_seed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const std::string good =
      listpack_of({"a", "7", std::string(70, 'x'), "-4000", "100000", "99999999999", "", "zz"});
  size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> bytes(good.begin(), good.end());  // exactly as large as it is
    for (uint64_t i = random() % 3 + 1; i > 0; --i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const std::string_view view(bytes.data(), bytes.size());
    if (!listpack_valid(view, true)) continue;
    ++accepted;
    Texts forwards = texts_of(view), backwards = texts_backwards(view);
    ASSERT_EQ(forwards, Texts(backwards.rbegin(), backwards.rend()));
    ASSERT_EQ(forwards.size(), ListpackView(view).count());
  }
  EXPECT_GT(accepted, 100u);
}

}  // namespace
}  // namespace gyre::ds
