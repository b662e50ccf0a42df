#include "gyre/ds/zipmap.h"

#include <gtest/gtest.h>

#include "packed_bytes.h"

namespace gyre::ds {
namespace {

Texts walk(const ZipmapView& map) {
  Texts texts;
  for (size_t at = map.begin(); at != map.end(); at = map.next(at)) {
    const ZipmapPair pair = map.get(at);
    texts.emplace_back(pair.field);
    texts.emplace_back(pair.value);
  }
  return texts;
}

void expect_pairs(const std::string& bytes, const Texts& texts) {
  ASSERT_TRUE(zipmap_valid(bytes, true));
  EXPECT_EQ(walk(ZipmapView(bytes)), texts);
  EXPECT_EQ(ZipmapView(bytes).count(), texts.size() / 2);
}

TEST(Zipmap, ReadsWhatOldServersWrote) {
  // From an RDB file of Redis 2.4.
  expect_pairs(from_hex("020266310200763102663202007632ff"), {"f1", "v1", "f2", "v2"});
  // With bytes left over by a shorter value.
  expect_pairs(from_hex("0203666f6f0202626178780568656c6c6f0500776f726c64ff"),
               {"foo", "ba", "hello", "world"});
}

TEST(Zipmap, ReadsLongLengthsAndUnknownCounts) {
  const std::string field(254, 'f'), value(300, 'v');
  expect_pairs(from_hex("01fefe000000") + field + from_hex("fe2c01000000") + value + "\xff", {field, value});
  expect_pairs(from_hex("fe0161010062ff"), {"a", "b"});
}

TEST(Zipmap, ChecksForeignBytes) {
  const std::string good = from_hex("0203666f6f0202626178780568656c6c6f0500776f726c64ff");
  EXPECT_TRUE(zipmap_valid(good, true));
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(zipmap_valid(good.substr(0, size), true)) << size;
  // Each cut once more, closed by an end mark.
  for (size_t size = 0; size + 1 < good.size(); ++size)
    EXPECT_FALSE(zipmap_valid(good.substr(0, size) + "\xff", true)) << size;
  EXPECT_FALSE(zipmap_valid(from_hex("00ff"), true));  // Redis has no empty hashes
  EXPECT_TRUE(zipmap_valid(from_hex("00ff"), false));
  EXPECT_FALSE(zipmap_valid(from_hex("020161010062ff"), true));  // count
  EXPECT_FALSE(zipmap_valid(from_hex("010161010262ff"), true));  // more unused than there is
  EXPECT_FALSE(zipmap_valid(from_hex("0101610100"
                                     "62"
                                     "ff"
                                     "ff"),
                            true));
  // A length in five bytes that fits into one; a length that wraps with the unused bytes.
  EXPECT_FALSE(zipmap_valid(from_hex("01fe0100000061010062ff"), true));
  EXPECT_FALSE(zipmap_valid(from_hex("010161feffffffff0162ff"), true));
}

}  // namespace
}  // namespace gyre::ds
