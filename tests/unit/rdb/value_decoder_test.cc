// Values of every type that RDB files have had, read whole and a byte at a time.
#include "gyre/rdb/value_decoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "value_decoder_fixture.h"

namespace gyre::rdb {
namespace {

using namespace std::string_literals;

std::string texts(const std::vector<std::string>& list) {
  std::string bytes = count(list.size());
  for (const std::string& element : list) bytes += text(element);
  return bytes;
}

std::string ziplist(const std::vector<std::string>& list) {
  std::string bytes(10, '\0');
  size_t previous = 0, last = bytes.size();
  for (const std::string& element : list) {
    last = bytes.size();
    bytes += static_cast<char>(previous);
    bytes += static_cast<char>(element.size());
    bytes += element;
    previous = bytes.size() - last;
  }
  bytes += '\xff';
  const auto total = static_cast<uint32_t>(bytes.size()), tail = static_cast<uint32_t>(last);
  const auto elements = static_cast<uint16_t>(list.size());
  std::memcpy(bytes.data(), &total, 4);
  std::memcpy(bytes.data() + 4, &tail, 4);
  std::memcpy(bytes.data() + 8, &elements, 2);
  return bytes;
}

std::string zipmap(const std::vector<std::string>& pairs) {
  std::string bytes(1, static_cast<char>(pairs.size() / 2));
  for (size_t i = 0; i < pairs.size(); i += 2) {
    bytes += static_cast<char>(pairs[i].size());
    bytes += pairs[i];
    bytes += static_cast<char>(pairs[i + 1].size());
    bytes += "\x02" + pairs[i + 1] + "??";  // two bytes unused
  }
  return bytes + '\xff';
}

std::string score(double value) {
  std::string bytes(sizeof(value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

TEST_F(ValueDecoderTest, Strings) {
  EXPECT_EQ(read(ValueType::kString, text("abc")), "embstr: abc");
  EXPECT_EQ(read(ValueType::kString, text("-12")), "int: -12");
  EXPECT_EQ(read(ValueType::kString, text("12345678901")), "int: 12345678901");
  EXPECT_EQ(read(ValueType::kString, text("")), "embstr: ");
}

TEST_F(ValueDecoderTest, Lists) {
  EXPECT_EQ(read(ValueType::kList, texts({"a", "1", "ccc"})), "listpack: list|a|1|ccc");
  EXPECT_EQ(read(ValueType::kList, count(0)), "empty");
  options.limits.list_max_listpack_size = 2;
  EXPECT_EQ(read(ValueType::kList, texts({"a", "1", "ccc"})), "quicklist: list|a|1|ccc");
  options.limits.list_max_listpack_size = -2;
  EXPECT_EQ(read(ValueType::kListZiplist, text(ziplist({"a", "12", "ccc"}))), "quicklist: list|a|12|ccc");
  EXPECT_EQ(read(ValueType::kListZiplist, text(ziplist({}))), "empty");
  EXPECT_EQ(read(ValueType::kListQuicklist, count(2) + text(ziplist({"a", "b"})) + text(ziplist({"3"}))),
            "listpack: list|a|b|3");
  const std::string node = count(kPackedNode) + text(listpack({"a", "-5"})),
                    none = count(kPackedNode) + text(listpack({}));
  EXPECT_EQ(read(ValueType::kListQuicklist2, count(1) + node), "listpack: list|a|-5");
  EXPECT_EQ(read(ValueType::kListQuicklist2, count(2) + node + node), "listpack: list|a|-5|a|-5");
  EXPECT_EQ(read(ValueType::kListQuicklist2, count(3) + none + node + none), "listpack: list|a|-5");
  EXPECT_EQ(read(ValueType::kListQuicklist2, count(1) + none), "empty");
  EXPECT_EQ(read(ValueType::kListQuicklist2, count(2) + node + count(kPlainNode) + text("plain")),
            "quicklist: list|a|-5|plain");
  EXPECT_EQ(read(ValueType::kListQuicklist2, count(1) + count(3) + text("x")),
            "Quicklist integrity check failed.");
  EXPECT_EQ(read(ValueType::kListQuicklist2, count(1) + count(kPackedNode) + text("x")),
            "Listpack integrity check failed.");
  EXPECT_EQ(read(ValueType::kListQuicklist, count(1) + text("x")), "Ziplist integrity check failed.");
}

TEST_F(ValueDecoderTest, Sets) {
  EXPECT_EQ(read(ValueType::kSet, texts({"3", "1", "2"})), "intset: set|1=|2=|3=");
  EXPECT_EQ(read(ValueType::kSet, texts({"3", "1", "b"})), "listpack: set|1=|3=|b=");
  EXPECT_EQ(read(ValueType::kSet, texts({"3", std::string(65, 'x')})),
            "hashtable: set|3=|" + std::string(65, 'x') + "=");
  EXPECT_EQ(read(ValueType::kSet, texts({"3", "b", "3"})), "Duplicate set members detected");
  EXPECT_EQ(read(ValueType::kSet, texts({"3", "3"})), "Duplicate set members detected");
  EXPECT_EQ(read(ValueType::kSet, texts({"3", std::string(65, 'x'), "3"})), "Duplicate set members detected");
  EXPECT_EQ(read(ValueType::kSet, count(0)), "empty");
  EXPECT_EQ(read(ValueType::kSetListpack, text(listpack({"a", "7"}))), "listpack: set|7=|a=");
  EXPECT_EQ(read(ValueType::kSetListpack, text(listpack({}))), "empty");
  options.limits = {.set_intset_entries = 2, .set_listpack_entries = 2};
  EXPECT_EQ(read(ValueType::kSet, texts({"3", "1", "2"})), "hashtable: set|1=|2=|3=");
  EXPECT_EQ(read(ValueType::kSetListpack, text(listpack({"a", "7", "c"}))), "hashtable: set|7=|a=|c=");
  const std::string intset("\x02\0\0\0\x03\0\0\0\x01\0\x02\0\x03\0", 14);
  EXPECT_EQ(read(ValueType::kSetIntset, text(intset)), "hashtable: set|1=|2=|3=");
  options.limits.set_intset_entries = 3;
  EXPECT_EQ(read(ValueType::kSetIntset, text(intset)), "intset: set|1=|2=|3=");
  EXPECT_EQ(read(ValueType::kSetIntset, text(intset.substr(0, 12))), "Intset integrity check failed.");
  EXPECT_EQ(read(ValueType::kSetIntset, text(std::string("\x02\0\0\0\x02\0\0\0\x02\0\x01\0", 12))),
            "Intset integrity check failed.");
}

TEST_F(ValueDecoderTest, Hashes) {
  EXPECT_EQ(read(ValueType::kHash, count(2) + text("b") + text("1") + text("a") + text("x")),
            "listpack: hash|a=x|b=1");
  EXPECT_EQ(read(ValueType::kHash, count(1) + text("b") + text(std::string(65, 'x'))),
            "hashtable: hash|b=" + std::string(65, 'x'));
  EXPECT_EQ(read(ValueType::kHash, count(2) + text("b") + text("1") + text("b") + text("x")),
            "Hash with dup elements");
  EXPECT_EQ(read(ValueType::kHash, count(0)), "empty");
  EXPECT_EQ(read(ValueType::kHashZipmap, text(zipmap({"a", "1", "b", "xy"}))), "listpack: hash|a=1|b=xy");
  EXPECT_EQ(read(ValueType::kHashZipmap, text(zipmap({"a", "1", "a", "xy"}))),
            "Hash zipmap with dup elements, or big length (2)");
  EXPECT_EQ(read(ValueType::kHashZipmap, text("\x01\x02")), "Zipmap integrity check failed.");
  EXPECT_EQ(read(ValueType::kHashZiplist, text(ziplist({"a", "1", "b", "xy"}))), "listpack: hash|a=1|b=xy");
  EXPECT_EQ(read(ValueType::kHashZiplist, text(ziplist({"a", "1", "b"}))),
            "Hash ziplist integrity check failed.");
  EXPECT_EQ(read(ValueType::kHashZiplist, text(ziplist({"a", "1", "a", "2"}))),
            "Hash ziplist integrity check failed.");
  EXPECT_EQ(read(ValueType::kHashListpack, text(listpack({"a", "1", "b", "xy"}))), "listpack: hash|a=1|b=xy");
  EXPECT_EQ(read(ValueType::kHashListpack, text(listpack({"a", "1", "b"}))),
            "Hash listpack integrity check failed.");
  options.limits.hash_entries = 1;
  EXPECT_EQ(read(ValueType::kHash, count(2) + text("b") + text("1") + text("a") + text("x")),
            "hashtable: hash|a=x|b=1");
  EXPECT_EQ(read(ValueType::kHash, count(2) + text("b") + text("1") + text("b") + text("x")),
            "Duplicate hash fields detected");
  EXPECT_EQ(read(ValueType::kHashZipmap, text(zipmap({"a", "1", "b", "xy"}))), "hashtable: hash|a=1|b=xy");
  EXPECT_EQ(read(ValueType::kHashZiplist, text(ziplist({"a", "1", "b", "xy"}))), "hashtable: hash|a=1|b=xy");
  EXPECT_EQ(read(ValueType::kHashListpack, text(listpack({"a", "1", "b", "xy"}))),
            "hashtable: hash|a=1|b=xy");
}

TEST_F(ValueDecoderTest, SortedSets) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(read(ValueType::kZset2,
                 count(3) + text("c") + score(kInfinity) + text("a") + score(1.5) + text("b") + score(-2)),
            "listpack: zset|a=1.5|b=-2|c=inf");
  EXPECT_EQ(read(ValueType::kZset2, count(1) + text("c") + score(std::numeric_limits<double>::quiet_NaN())),
            "Zset with NAN score detected");
  EXPECT_EQ(read(ValueType::kZset2, count(2) + text("c") + score(1) + text("c") + score(2)),
            "Duplicate zset fields detected");
  EXPECT_EQ(
      read(ValueType::kZset, count(3) + text("c") + "\xfe" + text("a") + "\x03" + "1.5" + text("b") + "\xff"),
      "listpack: zset|a=1.5|b=-inf|c=inf");
  EXPECT_EQ(read(ValueType::kZset, count(1) + text("c") + "\xfd"), "Zset with NAN score detected");
  EXPECT_EQ(read(ValueType::kZset, count(1) + text("c") + "\x01" + "x"), "Zset score is no number");
  EXPECT_EQ(read(ValueType::kZset2, count(0)), "empty");
  EXPECT_EQ(read(ValueType::kZsetZiplist, text(ziplist({"a", "1.5", "b", "2"}))), "listpack: zset|a=1.5|b=2");
  EXPECT_EQ(read(ValueType::kZsetListpack, text(listpack({"a", "1.5", "b", "2"}))),
            "listpack: zset|a=1.5|b=2");
  options.limits.zset_entries = 1;
  EXPECT_EQ(read(ValueType::kZset2, count(2) + text("a") + score(1.5) + text("b") + score(-2)),
            "skiplist: zset|a=1.5|b=-2");
  EXPECT_EQ(read(ValueType::kZsetZiplist, text(ziplist({"a", "1.5", "b", "2"}))), "skiplist: zset|a=1.5|b=2");
  EXPECT_EQ(read(ValueType::kZsetListpack, text(listpack({"a", "1.5", "b", "2"}))),
            "skiplist: zset|a=1.5|b=2");
  EXPECT_EQ(read(ValueType::kZsetListpack, text(listpack({"a", "1.5", "a", "2"}))),
            "Zset listpack integrity check failed.");
}

TEST_F(ValueDecoderTest, RepetitionsInPackedValuesAreFoundWhenAskedFor) {
  EXPECT_EQ(read(ValueType::kSetListpack, text(listpack({"a", "a"}))), "listpack: set|a=|a=");
  options.deep = true;
  EXPECT_EQ(read(ValueType::kSetListpack, text(listpack({"a", "a"}))),
            "Set listpack integrity check failed.");
  EXPECT_EQ(read(ValueType::kHashListpack, text(listpack({"a", "1", "a", "2"}))),
            "Hash listpack integrity check failed.");
  EXPECT_EQ(read(ValueType::kHashListpack, text(listpack({"a", "a"}))), "listpack: hash|a=a");
  EXPECT_EQ(read(ValueType::kZsetListpack, text(listpack({"a", "1", "a", "2"}))),
            "Zset listpack integrity check failed.");
}

TEST_F(ValueDecoderTest, WhatRedisDoesNotHaveEither) {
  EXPECT_EQ(read(ValueType::kModule, text("x")), "Unknown RDB encoding type 6");
  EXPECT_EQ(read(static_cast<ValueType>(8), text("x")), "Unknown RDB encoding type 8");
  EXPECT_EQ(read(static_cast<ValueType>(99), text("x")), "Unknown RDB encoding type 99");
  EXPECT_TRUE(ValueDecoder::known(7) && !ValueDecoder::known(8) && ValueDecoder::known(21) &&
              !ValueDecoder::known(22));
  ChunkBuilder id;
  length(id, 0x8104c1c4'1449'7401);
  EXPECT_TRUE(read(ValueType::kModule2, bytes_of(id))
                  .starts_with("The RDB file contains module data I can't load: no matching module type '"));
}

}  // namespace
}  // namespace gyre::rdb
