#include "gyre/ds/ziplist.h"

#include <gtest/gtest.h>

#include <random>

#include "packed_bytes.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

Texts walk(const ZiplistView& list) {
  Texts texts;
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at))
    texts.push_back(text_of(list.get(at)));
  return texts;
}

Texts walk_back(const ZiplistView& list) {
  Texts texts;
  for (uint32_t at = list.last(); at != list.end(); at = list.prev(at))
    texts.insert(texts.begin(), text_of(list.get(at)));
  return texts;
}

void expect_elements(const std::string& bytes, const Texts& texts) {
  ASSERT_TRUE(ziplist_valid(bytes, true));
  const ZiplistView list(bytes);
  EXPECT_EQ(list.count(), texts.size());
  EXPECT_EQ(walk(list), texts);
  EXPECT_EQ(walk_back(list), texts);
}

/// A ziplist of entries given as hex without their first field.
std::string ziplist_of(const std::vector<std::string>& encoded, bool long_previous = false) {
  std::string bytes(kZiplistHeader, '\0');
  size_t previous = 0, last = kZiplistHeader;
  for (const std::string& entry : encoded) {
    last = bytes.size();
    if (long_previous || previous >= 254) {
      std::string field(5, '\xfe');
      store_little(field.data() + 1, static_cast<uint32_t>(previous));
      bytes += field;
    } else {
      bytes += static_cast<char>(previous);
    }
    bytes += entry;
    previous = bytes.size() - last;
  }
  bytes += '\xff';
  store_little(bytes.data(), static_cast<uint32_t>(bytes.size()));
  store_little(bytes.data() + 4, static_cast<uint32_t>(last));
  store_little(bytes.data() + 8, static_cast<uint16_t>(encoded.size()));
  return bytes;
}

// From RDB files of old versions of Redis.
TEST(Ziplist, ReadsWhatOldServersWrote) {
  expect_elements(
      from_hex(
          "3000000025000000080000c0010004c0020004c0030004016103016203016303d0a086010006e000bca06501000000ff"),
      {"1", "2", "3", "a", "b", "c", "100000", "6000000000"});
  expect_elements(from_hex("200000001b000000060000016103c0010004016203c0020004016303c00300ff"),
                  {"a", "1", "b", "2", "c", "3"});
  expect_elements(from_hex("1b00000016000000040000026631040276310402663204027632ff"),
                  {"f1", "v1", "f2", "v2"});
  expect_elements(from_hex("1900000016000000040000036f6e6505f2020374776f05f3ff"), {"one", "1", "two", "2"});
  expect_elements(from_hex("0d0000000a000000010000f8ff"), {"7"});
}

TEST(Ziplist, ReadsEveryEncoding) {
  std::vector<std::string> entries;
  for (const char* hex : {"f1", "fd", "fe80", "fe7f", "c00080", "c0ff7f", "f0000080", "f0ffff7f", "f0ffffff",
                          "d000000080", "e00000000000000080", "00", "0161"}) {
    entries.push_back(from_hex(hex));
  }
  entries.push_back(from_hex("3f") + std::string(63, 'x'));
  entries.push_back(from_hex("4040") + std::string(64, 'y'));
  entries.push_back(from_hex("4100") + std::string(256, 'z'));
  entries.push_back(from_hex("8000004000") + std::string(16384, 'w'));
  entries.push_back(from_hex("bf00000003") + "abc");  // the low bits of the first byte mean nothing
  const Texts texts = {"0",
                       "12",
                       "-128",
                       "127",
                       "-32768",
                       "32767",
                       "-8388608",
                       "8388607",
                       "-1",
                       "-2147483648",
                       "-9223372036854775808",
                       "",
                       "a",
                       std::string(63, 'x'),
                       std::string(64, 'y'),
                       std::string(256, 'z'),
                       std::string(16384, 'w'),
                       "abc"};
  expect_elements(ziplist_of(entries), texts);
  expect_elements(ziplist_of(entries, true), texts);
}

TEST(Ziplist, EmptyAndUncounted) {
  std::string bytes = ziplist_of({});
  EXPECT_EQ(to_hex(bytes), "0b0000000a0000000000ff");
  expect_elements(bytes, {});
  bytes = ziplist_of({from_hex("f2"), from_hex("f3")});
  bytes[8] = bytes[9] = '\xff';
  expect_elements(bytes, {"1", "2"});
}

TEST(Ziplist, ChecksForeignBytes) {
  const std::string good = ziplist_of({from_hex("0161"), from_hex("f2"), from_hex("c00100")});
  const auto changed = [&](size_t at, char to) {
    std::string bytes = good;
    bytes[at] = to;
    return bytes;
  };
  EXPECT_TRUE(ziplist_valid(good, true));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(ziplist_valid(good.substr(0, size), false));
  EXPECT_FALSE(ziplist_valid(good + "x", false));
  EXPECT_FALSE(ziplist_valid(changed(4, 100), false));     // tail outside
  EXPECT_FALSE(ziplist_valid(changed(4, 10), true));       // tail at another entry
  EXPECT_FALSE(ziplist_valid(changed(8, 2), true));        // count
  EXPECT_FALSE(ziplist_valid(changed(10, 1), true));       // something before the first entry
  EXPECT_FALSE(ziplist_valid(changed(13, 4), true));       // wrong size of the entry before
  EXPECT_FALSE(ziplist_valid(changed(14, '\xff'), true));  // no encoding
  EXPECT_FALSE(ziplist_valid(changed(14, '\xc1'), true));  // no encoding
  EXPECT_FALSE(ziplist_valid(changed(11, 40), true));      // a string beyond the end
  EXPECT_FALSE(ziplist_valid(changed(16, '\xe0'), true));  // an integer beyond the end
  EXPECT_FALSE(ziplist_valid(changed(13, '\xff'), true));  // an end mark inside
  EXPECT_FALSE(ziplist_valid(changed(11, '\x80'), true));  // a 32-bit length
  EXPECT_FALSE(ziplist_valid(good, [](const PackedElement& element) { return !element.is_integer(); }));
  EXPECT_FALSE(ziplist_valid(ziplist_of({from_hex("80ffffffff") + "abc"}), true));
}

TEST(Ziplist, AcceptsOnlyWhatCanBeWalkedBothWays) {
  const uint64_t seed = test_seed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const std::string good =
      ziplist_of({from_hex("0161"), from_hex("f2"), from_hex("4040") + std::string(64, 'y'),
                  from_hex("c00100"), from_hex("fe05"), from_hex("e00000000000000080"), from_hex("00")});
  size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> bytes(good.begin(), good.end());  // exactly as large as it is
    for (uint64_t i = random() % 2 + 1; i > 0; --i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const std::string_view view(bytes.data(), bytes.size());
    if (!ziplist_valid(view, true)) continue;
    ++accepted;
    const ZiplistView list(view);
    ASSERT_EQ(walk(list), walk_back(list));
    ASSERT_EQ(list.count(), walk(list).size());
  }
  EXPECT_GT(accepted, 100u);
}

}  // namespace
}  // namespace gyre::ds
