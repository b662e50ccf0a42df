// Streams in the three forms that RDB files have had. Whole values are what Redis's DUMP gave.
#include <string>
#include <utility>
#include <vector>

#include "value_decoder_fixture.h"

namespace gyre::rdb {
namespace {

using namespace std::string_literals;
using store::StreamId;

constexpr std::string_view kBroken = "Stream listpack integrity check failed.";

std::string id(StreamId of) {
  std::string bytes;
  for (const uint64_t half : {of.ms, of.sequence}) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(half >> shift);
  }
  return bytes;
}

std::string time(uint64_t ms) { return {reinterpret_cast<const char*>(&ms), sizeof(ms)}; }

std::string numbers(const std::vector<uint64_t>& list) {
  std::string bytes;
  for (const uint64_t number : list) bytes += count(number);
  return bytes;
}

std::string node(StreamId key, const std::vector<std::string>& elements) {
  return text(id(key)) + text(listpack(elements));
}

std::string unhex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(value(digits[i]) << 4 | value(digits[i + 1]));
  return bytes;
}

/// 1-1 a b, 1-2 (deleted), 3-0 c d: what stands in a node with the key 1-1.
const std::vector<std::string> kNode = {"2", "1", "1",  "a", "0",  //
                                        "2", "0", "0",  "b", "4",  //
                                        "3", "0", "1",  "b", "4",  //
                                        "0", "2", "-1", "1", "c", "d", "6"};
/// Length, last ID, first ID, deleted ID, added.
const std::string kNumbers = numbers({2, 3, 0, 1, 1, 1, 2, 3});

class StreamDecoderTest : public ValueDecoderTest {
 protected:
  /// A stream of one node and no groups.
  std::string read_node(std::vector<std::string> elements, const std::string& after = kNumbers + count(0)) {
    return read(ValueType::kStream3, count(1) + node({1, 1}, elements) + after);
  }
  /// The same, with an element changed.
  std::string read_changed(size_t at, std::string element) {
    std::vector<std::string> elements = kNode;
    elements[at] = std::move(element);
    return read_node(elements);
  }
  /// A stream without entries and with these groups.
  std::string read_groups(uint64_t groups, const std::string& bytes) {
    return read(ValueType::kStream3, count(0) + numbers({0, 9, 9, 0, 0, 0, 0, 9}) + count(groups) + bytes);
  }
};

TEST_F(StreamDecoderTest, Today) {
  EXPECT_EQ(
      read(
          ValueType::kStream3,
          unhex(
              "0310000000000000000100000000000000014042420000001800020101010201816602846e616d6505000102010001"
              "0001010182763103050103010101010102018276320305010201020102010301827633030501ff10000000000000"
              "000400000000000000"
              "04c33c404214420000001800030100010201816602846e616d6505400c000020010604018276340305201a40000005"
              "200d0035600d40010006200d0036200d00ff10000000000000000700000000000000073b3b00000013000101010102"
              "01"
              "816602846e616d65050001030100010001070182763703050100010201dffa020101856f74686572068178020601ff"
              "06"
              "09010101070708"
              "0305656d70747909010500000167090108060000000000000001000000000000000137834c05a20100000100000000"
              "00"
              "000003000000000000000337834c05a201000001000000000000000400000000000000040068e5cf8b010000070000"
              "00"
              "0000000005000000000000000537834c05a2010000010000000000000006000000000000000637834c05a201000001"
              "00"
              "00000000000009000000000000000137834c05a2010000010205616c69636537834c05a201000037834c05a2010000"
              "03"
              "0000000000000001000000000000000100000000000000030000000000000003000000000000000400000000000000"
              "04"
              "03626f6237834c05a201000037834c05a2010000030000000000000005000000000000000500000000000000060000"
              "00"
              "0000000006000000000000000900000000000000010168030381ffffffffffffffff0001056361726f6c38834c05a2"
              "01"
              "0000ffffffffffffffff00")),
      "stream: stream 6 last 9-1 first 1-1 deleted 7-7 added 8"
      "|1-1 f=1 name=v1|3-3 f=3 name=v3|4-4 f=4 name=v4|5-5 f=5 name=v5|6-6 f=6 name=v6|9-1 other=x"
      "|group empty 9-1 read 5"
      "|group g 9-1 read 8 (1-1 1795385230135 1 alice) (3-3 1795385230135 1 alice) (4-4 1700000000000 7 "
      "alice)"
      " (5-5 1795385230135 1 bob) (6-6 1795385230135 1 bob) (9-1 1795385230135 1 bob)"
      "|consumer alice 1795385230135 1795385230135 3|consumer bob 1795385230135 1795385230135 3"
      "|group h 3-3 read -1|consumer carol 1795385230136 -1 0");
  EXPECT_EQ(read(ValueType::kStream3, numbers({0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) + text("g") + numbers({0, 0}) +
                                          count(UINT64_MAX) + numbers({0, 0})),
            "stream: stream 0 last 0-0 first 0-0 deleted 0-0 added 0|group g 0-0 read -1");
}

TEST_F(StreamDecoderTest, OlderForms) {
  const std::string stream = count(1) + node({1, 1}, kNode);
  const std::string group = text("g");
  const std::string rest = count(1) + id({1, 1}) + time(50) + count(2) + count(1) + text("c") + time(60);
  const std::string pending = count(1) + id({1, 1});
  const std::string entries = "|1-1 a=b|3-0 c=d|group g 1-1 read ";
  const std::string owner = " (1-1 50 2 c)|consumer c 60 ";
  EXPECT_EQ(read(ValueType::kStream,
                 stream + numbers({2, 3, 0}) + count(1) + group + numbers({1, 1}) + rest + pending),
            "stream: stream 2 last 3-0 first 1-1 deleted 0-0 added 2" + entries + "1" + owner + "60 1");
  EXPECT_EQ(
      read(ValueType::kStream2, stream + kNumbers + count(1) + group + numbers({1, 1, 7}) + rest + pending),
      "stream: stream 2 last 3-0 first 1-1 deleted 1-2 added 3" + entries + "7" + owner + "60 1");
  EXPECT_EQ(read(ValueType::kStream3,
                 stream + kNumbers + count(1) + group + numbers({1, 1, 7}) + rest + time(55) + pending),
            "stream: stream 2 last 3-0 first 1-1 deleted 1-2 added 3" + entries + "7" + owner + "55 1");
}

TEST_F(StreamDecoderTest, WhatRedis70Leaves) {
  // XSETID went below an entry that had been deleted; XTRIM MINID left a node without live entries.
  EXPECT_EQ(
      read(ValueType::kStream2,
           unhex("011000000000000000010000000000000001c32f3e073e00000019000301400007816102000102010020010381"
                 "620204200a0001c00a0003200ce00215000460200101ff030205010103010400")),
      "stream: stream 3 last 2-5 first 1-1 deleted 3-1 added 4|1-1 a=b|2-1 a=b|2-5 a=b");
  EXPECT_EQ(
      read(ValueType::kStream2,
           unhex("011000000000000000010000000000000001c327330e3300000014000001030101018161024008000020010381"
                 "6202046013e0000a0002a00a0101ff000301000003010300")),
      "stream: stream 0 last 3-1 first 0-0 deleted 3-1 added 3");
}

TEST_F(StreamDecoderTest, NodesAreLookedThrough) {
  EXPECT_EQ(read_node(kNode), "stream: stream 2 last 3-0 first 1-1 deleted 1-2 added 3|1-1 a=b|3-0 c=d");
  // Counts, the terminator, flags and deltas that are no numbers, wrong numbers of elements, wrong order.
  const std::vector<std::pair<size_t, std::string>> changes = {
      {0, "1"},  {0, "3"},  {0, "x"},   {0, "-1"},
      {1, "0"},  {1, "2"},  {1, "x"},   {2, "0"},
      {2, "2"},  {2, "-1"}, {2, "x"},   {2, "999999999999"},
      {4, "1"},  {4, "x"},  {5, "x"},   {5, "0"},
      {5, "3"},  {6, "x"},  {6, "9"},   {6, "-1"},
      {7, "x"},  {9, "3"},  {9, "5"},   {9, "x"},
      {10, "2"}, {15, "2"}, {16, "0"},  {17, ""},
      {18, "0"}, {18, "2"}, {18, "-1"}, {18, "9223372036854775807"},
      {21, "5"},
  };
  for (const auto& [at, element] : changes)
    EXPECT_EQ(read_changed(at, element), kBroken) << at << " " << element;
  std::vector<std::string> elements = kNode;
  while (elements.pop_back(), !elements.empty()) EXPECT_EQ(read_node(elements), kBroken) << elements.size();
  elements = kNode;
  elements.emplace_back("0");
  EXPECT_EQ(read_node(elements), kBroken);
  EXPECT_EQ(read_node({}), "Empty listpack inside stream");
  EXPECT_EQ(read(ValueType::kStream3, count(1) + text(id({1, 1})) + text("bytes")), kBroken);
  options.deep = true;
  EXPECT_EQ(read_node({}), kBroken);
}

TEST_F(StreamDecoderTest, NodesFollowOneAnother) {
  const std::vector<std::string> one = {"1", "0", "1", "a", "0", "2", "0", "0", "b", "4"};
  const auto two = [&](StreamId second) {
    return read(ValueType::kStream3, count(2) + node({1, 1}, kNode) + node(second, one) +
                                         numbers({3, 9, 9, 1, 1, 0, 0, 3}) + count(0));
  };
  EXPECT_EQ(two({3, 1}), "stream: stream 3 last 9-9 first 1-1 deleted 0-0 added 3|1-1 a=b|3-0 c=d|3-1 a=b");
  EXPECT_EQ(two({1, 1}), "Listpack re-added with existing key");
  for (const StreamId second : {StreamId{0, 9}, StreamId{1, 2}, StreamId{3, 0}})
    EXPECT_EQ(two(second), kBroken);
  EXPECT_EQ(read(ValueType::kStream3, count(1) + node({0, 0}, one)), kBroken);
  EXPECT_EQ(read(ValueType::kStream3, count(1) + text("1-1") + text(listpack(one))),
            "Stream node key entry is not the size of a stream ID");
}

TEST_F(StreamDecoderTest, NumbersFit) {
  for (const uint64_t length : {0, 1, 3})
    EXPECT_EQ(read_node(kNode, numbers({length, 3, 0, 1, 1, 1, 2, 3}) + count(0)),
              "Stream length inconsistent with rax entries");
  EXPECT_EQ(read(ValueType::kStream, numbers({0, 1, 0, 0, 0})),
            "Stream length inconsistent with rax entries");
  EXPECT_EQ(read_node(kNode, numbers({2, 2, 9, 1, 1, 1, 2, 3}) + count(0)),
            "Stream last ID is below its entries");
  EXPECT_EQ(read_node({"0", "1", "1", "a", "0", "3", "4", "0", "b", "4"},
                      numbers({0, 3, 0, 0, 0, 0, 0, 1}) + count(0)),
            "stream: stream 0 last 3-0 first 0-0 deleted 0-0 added 1");
}

TEST_F(StreamDecoderTest, GroupsAreWhole) {
  const std::string group = text("g") + numbers({9, 9, 9});
  const std::string none = numbers({0, 0});
  const auto pending = [](uint64_t ms) { return id({ms, 0}) + time(5) + count(1); };
  const auto consumer = [](const char* name, uint64_t owns) {
    return text(name) + time(6) + time(7) + count(owns);
  };
  const std::string begin = group + count(2) + pending(2) + pending(1);
  const std::string prefix = "stream: stream 0 last 9-9 first 0-0 deleted 0-0 added 9|group g 9-9 read 9";
  EXPECT_EQ(
      read_groups(2, group + none + text("a\0b"s) + numbers({9, 9, 9}) + none),
      "stream: stream 0 last 9-9 first 0-0 deleted 0-0 added 9|group a\0b 9-9 read 9|group g 9-9 read 9"s);
  EXPECT_EQ(read_groups(1, begin + count(2) + consumer("d", 1) + id({2, 0}) + consumer("c", 1) + id({1, 0})),
            prefix + " (1-0 5 1 c) (2-0 5 1 d)|consumer c 6 7 1|consumer d 6 7 1");
  EXPECT_EQ(read_groups(2, group + none + group), "Duplicated consumer group name g");
  EXPECT_EQ(read_groups(1, group + count(2) + pending(1) + pending(1)),
            "Duplicated global PEL entry loading stream consumer group");
  EXPECT_EQ(read_groups(1, group + count(0) + count(2) + consumer("c", 0) + text("c")),
            "Duplicate stream consumer detected.");
  EXPECT_EQ(read_groups(1, begin + count(1) + consumer("c", 1) + id({3, 0})),
            "Consumer entry not found in group global PEL");
  constexpr const char* kTwice = "Duplicated consumer PEL entry  loading a stream consumer group";
  EXPECT_EQ(read_groups(1, begin + count(1) + consumer("c", 2) + id({1, 0}) + id({1, 0})), kTwice);
  EXPECT_EQ(read_groups(1, begin + count(2) + consumer("c", 1) + id({1, 0}) + consumer("d", 1) + id({1, 0})),
            kTwice);
  EXPECT_EQ(read_groups(1, begin + count(1) + consumer("c", 1) + id({1, 0})),
            "Stream CG PEL entry without consumer");
  EXPECT_EQ(read_groups(1, begin + count(0)), "Stream CG PEL entry without consumer");
}

}  // namespace
}  // namespace gyre::rdb
