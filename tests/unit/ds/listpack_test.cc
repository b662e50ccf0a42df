#include "gyre/ds/listpack.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "packed_bytes.h"

namespace gyre::ds {
namespace {

const Texts kIntegers = {"0",
                         "1",
                         "63",
                         "64",
                         "127",
                         "128",
                         "-1",
                         "4095",
                         "4096",
                         "-4096",
                         "-4097",
                         "32767",
                         "32768",
                         "-32768",
                         "-32769",
                         "8388607",
                         "8388608",
                         "-8388608",
                         "-8388609",
                         "2147483647",
                         "2147483648",
                         "-2147483648",
                         "-2147483649",
                         "9223372036854775807",
                         "-9223372036854775808"};

const Texts kAlmostIntegers = {"",
                               "a",
                               "-",
                               "-0",
                               "01",
                               "+1",
                               "1.5",
                               " 1",
                               "9223372036854775808",
                               "-9223372036854775809",
                               "18446744073709551616",
                               "99999999999999999999999999999",
                               std::string("abc\0def", 7)};

// The bytes in these tests are from DUMP payloads of Redis 7.2.4.

TEST(Listpack, IntegersAreRedissBytes) {
  EXPECT_EQ(to_hex(listpack_of(kIntegers)),
            "810000001900000101013f0140017f01c08002dfff02cfff02f1001003d00002f1ffef03f1ff7f03f200800004f10080"
            "03f2ff7fff"
            "04f2ffff7f04f30000800005f200008004f3ffff7fff05f3ffffff7f05f4000000800000000009f30000008005f4ffff"
            "ff7fffffff"
            "ff09f4ffffffffffffff7f09f4000000000000008009ff");
}

TEST(Listpack, TextsThatLookLikeIntegersAreRedissBytes) {
  EXPECT_EQ(to_hex(listpack_of(kAlmostIntegers)),
            "8d0000000d008001816102812d02822d300382303103822b310383312e350482203103933932323333373230333638"
            "353437373538303814942d393232333337323033363835343737353830391594313834343637343430373337303935"
            "3531363136159d39393939393939393939393939393939393939393939393939393939391e876162630064656608ff");
}

struct LengthCase {
  size_t length;
  const char* head;
  const char* tail;  // after the bytes
};

TEST(Listpack, StringsOfEveryLengthAreRedissBytes) {
  const LengthCase cases[] = {
      {62, "470000000100be", "3fff"},
      {63, "480000000100bf", "40ff"},
      {64, "4a0000000100e040", "42ff"},
      {65, "4b0000000100e041", "43ff"},
      {124, "860000000100e07c", "7eff"},
      {125, "870000000100e07d", "7fff"},
      {126, "890000000100e07e", "0180ff"},
      {127, "8a0000000100e07f", "0181ff"},
      {4094, "091000000100effe", "2080ff"},
      {4095, "0a1000000100efff", "2081ff"},
      {4096, "0e1000000100f000100000", "2085ff"},
      {16376, "064000000100f0f83f0000", "7ffdff"},
      {16377, "074000000100f0f93f0000", "7ffeff"},
      {16378, "094000000100f0fa3f0000", "00ffffff"},
      {16379, "0a4000000100f0fb3f0000", "018080ff"},
  };
  for (const LengthCase& c : cases) {
    const std::string text(c.length, 'x');
    EXPECT_EQ(listpack_of({text}), from_hex(c.head) + text + from_hex(c.tail)) << c.length;
  }
}

TEST(Listpack, BacklensGrowWhereRedissGrow) {
  EXPECT_EQ(listpack_backlen_bytes(127), 1u);
  EXPECT_EQ(listpack_backlen_bytes(128), 2u);
  EXPECT_EQ(listpack_backlen_bytes(16382), 2u);
  EXPECT_EQ(listpack_backlen_bytes(16383), 3u);
  EXPECT_EQ(listpack_backlen_bytes(2097150), 3u);
  EXPECT_EQ(listpack_backlen_bytes(2097151), 4u);
  EXPECT_EQ(listpack_backlen_bytes(268435454), 4u);
  EXPECT_EQ(listpack_backlen_bytes(268435455), 5u);
}

TEST(Listpack, WalksBothWays) {
  Texts texts = kIntegers;
  texts.insert(texts.end(), kAlmostIntegers.begin(), kAlmostIntegers.end());
  for (const size_t length : {62, 63, 64, 125, 126, 4095, 4096, 16377, 16378, 2097145, 2097146, 2097147}) {
    texts.push_back(std::string(length, 'y'));
  }
  const std::string bytes = listpack_of(texts);
  EXPECT_TRUE(listpack_valid(bytes, true));
  EXPECT_EQ(ListpackView(bytes).count(), texts.size());
  EXPECT_EQ(texts_of(bytes), texts);
  Texts backwards = texts_backwards(bytes);
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(backwards, texts);
}

TEST(Listpack, EmptyHasNoElement) {
  const ListpackView list(kEmptyListpack);
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.count(), 0u);
  EXPECT_EQ(list.first(), list.end());
  EXPECT_EQ(list.last(), list.end());
  EXPECT_EQ(list.seek(0), list.end());
  EXPECT_EQ(list.seek(-1), list.end());
  EXPECT_EQ(list.find(list.first(), "a"), list.end());
  EXPECT_TRUE(listpack_valid(kEmptyListpack, true));
}

TEST(Listpack, SeeksFromBothEnds) {
  const std::string bytes = listpack_of({"a", "1", "c", "2", "e"});
  const ListpackView list(bytes);
  const Texts texts = texts_of(bytes);
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(text_of(list.get(list.seek(i))), texts[static_cast<size_t>(i)]);
    EXPECT_EQ(list.seek(i - 5), list.seek(i));
  }
  for (const int64_t outside : {int64_t{5}, int64_t{-6}, INT64_MAX, INT64_MIN})
    EXPECT_EQ(list.seek(outside), list.end());
}

TEST(Listpack, SeeksWithoutAKnownCount) {
  std::string bytes = listpack_of({"a", "b", "c"});
  bytes[4] = bytes[5] = '\xff';
  ASSERT_TRUE(listpack_valid(bytes, true));
  const ListpackView list(bytes);
  EXPECT_EQ(list.count(), 3u);
  EXPECT_EQ(text_of(list.get(list.seek(2))), "c");
  EXPECT_EQ(text_of(list.get(list.seek(-3))), "a");
  EXPECT_EQ(list.seek(3), list.end());
  EXPECT_EQ(list.seek(-4), list.end());
  EXPECT_EQ(list.seek(INT64_MIN), list.end());
}

TEST(Listpack, FindsAsRedisCompares) {
  const std::string long_text(300, 'z');
  const std::string bytes =
      listpack_of({"name", "gyre", "7", "name", "-5", long_text, "", "007", "1234567890123"});
  const ListpackView list(bytes);
  const auto index_of = [&](std::string_view text, int64_t from = 0, uint32_t skip = 0) {
    const uint32_t at = list.find(list.seek(from), text, skip);
    return at == list.end() ? -1 : static_cast<int>(list.count_between(list.begin(), at));
  };
  EXPECT_EQ(index_of("name"), 0);
  EXPECT_EQ(index_of("name", 1), 3);
  EXPECT_EQ(index_of("gyre"), 1);
  EXPECT_EQ(index_of("7"), 2);
  EXPECT_EQ(index_of("-5"), 4);
  EXPECT_EQ(index_of(long_text), 5);
  EXPECT_EQ(index_of(""), 6);
  EXPECT_EQ(index_of("007"), 7);
  EXPECT_EQ(index_of("1234567890123"), 8);
  EXPECT_EQ(index_of("07"), -1);
  EXPECT_EQ(index_of("nam"), -1);
  EXPECT_EQ(index_of("gyre", 0, 1), -1);  // a value, no field
  EXPECT_EQ(index_of("7", 0, 1), 2);
  EXPECT_EQ(index_of("name", 1, 1), 3);
  EXPECT_EQ(index_of("1234567890123", 0, 2), -1);
  EXPECT_EQ(index_of("", 0, 2), 6);

  EXPECT_TRUE(list.equals(list.seek(2), "7"));
  EXPECT_FALSE(list.equals(list.seek(2), "07"));
  EXPECT_TRUE(list.equals(list.seek(7), "007"));
  EXPECT_FALSE(list.equals(list.end(), ""));
}

TEST(Listpack, FindsByteStringsOfEveryLength) {
  for (size_t length = 1; length < 70; ++length) {
    const std::string text(length, 'q');
    Texts texts;
    for (size_t i = 0; i < length; ++i) {  // differ in one place each
      texts.push_back(text);
      texts.back()[i] = 'r';
    }
    texts.push_back(text);
    const std::string bytes = listpack_of(texts);
    const ListpackView list(bytes);
    EXPECT_EQ(list.find(list.first(), text), list.last()) << length;
  }
}

// Another writer may store a number as a string, or an integer wider than needed; Redis accepts and compares
// both.
TEST(Listpack, FindsWhatOthersStoredOtherwise) {
  const std::string bytes = from_hex(
      "120000000300823737038162"
      "02f1070003ff");
  ASSERT_TRUE(listpack_valid(bytes, true));
  const ListpackView list(bytes);
  EXPECT_EQ(list.find(list.first(), "77"), list.seek(0));
  EXPECT_EQ(list.find(list.first(), "7"), list.seek(2));
  EXPECT_FALSE(list.get(list.seek(0)).is_integer());
  EXPECT_EQ(list.get(list.seek(0)).canonical(), PackedElement(int64_t{77}));
}

TEST(PackedElement, KnowsCanonicalIntegers) {
  EXPECT_TRUE(PackedElement("-9223372036854775808").is_integer());
  EXPECT_FALSE(PackedElement("9223372036854775808").is_integer());
  EXPECT_FALSE(PackedElement(std::string_view()).is_integer());
  EXPECT_EQ(PackedElement(std::string_view()).bytes(), "");
  EXPECT_EQ(PackedElement("12"), PackedElement(int64_t{12}));
  EXPECT_FALSE(PackedElement::raw("12") == PackedElement(int64_t{12}));
  PackedElement::Scratch scratch;
  EXPECT_EQ(PackedElement(INT64_MIN).text(scratch), "-9223372036854775808");
}

TEST(Listpack, StopsGrowingAtOneGigabyte) {
  EXPECT_TRUE(listpack_safe_to_add(0, size_t{1} << 30));
  EXPECT_FALSE(listpack_safe_to_add(1, size_t{1} << 30));
}

}  // namespace
}  // namespace gyre::ds
