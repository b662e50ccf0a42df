#include "gyre/ds/bit_string.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace gyre::ds {
namespace {

/// Bit by bit: too simple to be wrong.
bool bit_at(std::string_view bytes, uint64_t i) {
  return i / 8 < bytes.size() && (static_cast<uint8_t>(bytes[i / 8]) >> (7 - i % 8) & 1) != 0;
}

std::string random_bytes(std::mt19937_64& random, size_t size, unsigned density) {
  std::string bytes(size, density == 2 ? '\xff' : '\0');
  for (char& byte : bytes) {
    if (density == 1) byte = static_cast<char>(random());
    if (density != 1 && random() % 40 == 0) byte = static_cast<char>(random());
  }
  return bytes;
}

TEST(BitStringTest, CountsAndFindsInEveryRange) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    const std::string bytes = random_bytes(random, 1 + random() % 120, random() % 3);
    const uint64_t bits = bytes.size() * 8;
    uint64_t first = random() % bits, last = random() % bits;
    if (first > last) std::swap(first, last);
    uint64_t count = 0;
    std::optional<uint64_t> position[2];
    for (uint64_t i = first; i <= last; ++i) {
      const bool bit = bit_at(bytes, i);
      count += bit;
      if (!position[bit]) position[bit] = i;
    }
    ASSERT_EQ(count_bits(bytes, first, last), count);
    ASSERT_EQ(find_bit(bytes, false, first, last), position[0]);
    ASSERT_EQ(find_bit(bytes, true, first, last), position[1]);
    ASSERT_EQ(count_bits(bytes), count_bits(bytes, 0, bits - 1));
  }
  EXPECT_EQ(count_bits(""), 0u);
}

TEST(BitStringTest, CombinesSourcesOfDifferentLengths) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> texts(1 + random() % 5);
    size_t size = 0;
    for (std::string& text : texts) {
      text = random_bytes(random, random() % (round % 10 == 0 ? 40000 : 100), 1);
      size = std::max(size, text.size());
    }
    const std::vector<std::string_view> sources(texts.begin(), texts.end());
    for (const auto operation :
         {BitOperation::kAnd, BitOperation::kOr, BitOperation::kXor, BitOperation::kNot}) {
      std::string expected(size, '\0'), result(size, 'x');
      for (size_t i = 0; i < size; ++i) {
        const auto byte = [&](const std::string& text) { return i < text.size() ? text[i] : '\0'; };
        expected[i] = byte(texts[0]);
        for (size_t j = 1; j < texts.size(); ++j) {
          if (operation == BitOperation::kAnd) expected[i] = static_cast<char>(expected[i] & byte(texts[j]));
          if (operation == BitOperation::kOr) expected[i] = static_cast<char>(expected[i] | byte(texts[j]));
          if (operation == BitOperation::kXor) expected[i] = static_cast<char>(expected[i] ^ byte(texts[j]));
        }
        if (operation == BitOperation::kNot) expected[i] = static_cast<char>(~expected[i]);
      }
      combine_bits(operation, sources, result.data(), size);
      ASSERT_EQ(result, expected);
    }
  }
}

TEST(BitStringTest, FieldsOfEveryWidthAtEveryBit) {
  std::mt19937_64 random(3);
  for (unsigned bits = 1; bits <= 64; ++bits) {
    for (const bool is_signed : {true, false}) {
      if (bits == 64 && !is_signed) continue;
      const BitField field{is_signed, static_cast<uint8_t>(bits)};
      for (uint64_t offset = 0; offset < 20; ++offset) {
        std::string bytes = random_bytes(random, (offset + bits + 7) / 8, 1);
        const std::string before = bytes;
        const auto value = static_cast<int64_t>(random());
        write_field(bytes.data(), offset, field, value);
        for (uint64_t i = 0; i < bytes.size() * 8; ++i) {
          const bool inside = i >= offset && i < offset + bits;
          const bool wanted = inside ? (value >> (bits - 1 - (i - offset)) & 1) != 0 : bit_at(before, i);
          ASSERT_EQ(bit_at(bytes, i), wanted);
        }
        int64_t expected = value;
        if (bits < 64) {
          expected = static_cast<int64_t>(static_cast<uint64_t>(value) << (64 - bits));
          expected = is_signed ? expected >> (64 - bits)
                               : static_cast<int64_t>(static_cast<uint64_t>(expected) >> (64 - bits));
        }
        ASSERT_EQ(read_field(bytes, offset, field), expected);
      }
    }
  }
  EXPECT_EQ(read_field("\xff", 4, {false, 8}), 0xf0);
  EXPECT_EQ(read_field("\xff", uint64_t{1} << 62, {true, 64}), 0);
}

TEST(BitStringTest, OverflowInEveryMode) {
  const auto add = [](BitField field, BitOverflow mode, int64_t value, int64_t increment) {
    bool overflowed;
    const int64_t result = add_to_field(field, mode, value, increment, &overflowed);
    return std::pair(overflowed, result);
  };
  using Result = std::pair<bool, int64_t>;
  constexpr BitField kI8{true, 8}, kU8{false, 8}, kI64{true, 64}, kU63{false, 63}, kI1{true, 1};
  EXPECT_EQ(add(kI8, BitOverflow::kWrap, 127, 1), Result(true, -128));
  EXPECT_EQ(add(kI8, BitOverflow::kSaturate, 127, 1), Result(true, 127));
  EXPECT_EQ(add(kI8, BitOverflow::kSaturate, -100, -100), Result(true, -128));
  EXPECT_EQ(add(kI8, BitOverflow::kFail, 100, 28).first, true);
  EXPECT_EQ(add(kI8, BitOverflow::kFail, 100, 27), Result(false, 127));
  EXPECT_EQ(add(kI8, BitOverflow::kWrap, 300, 0), Result(true, 44));
  EXPECT_EQ(add(kU8, BitOverflow::kWrap, 250, 10), Result(true, 4));
  EXPECT_EQ(add(kU8, BitOverflow::kSaturate, 250, 10), Result(true, 255));
  EXPECT_EQ(add(kU8, BitOverflow::kSaturate, 5, -6), Result(true, 0));
  EXPECT_EQ(add(kU8, BitOverflow::kSaturate, -1, 0), Result(true, 255));
  EXPECT_EQ(add(kI64, BitOverflow::kWrap, INT64_MAX, 1), Result(true, INT64_MIN));
  EXPECT_EQ(add(kI64, BitOverflow::kSaturate, INT64_MIN, -1), Result(true, INT64_MIN));
  EXPECT_EQ(add(kI64, BitOverflow::kFail, INT64_MIN, INT64_MAX), Result(false, -1));
  EXPECT_EQ(add(kU63, BitOverflow::kWrap, INT64_MAX, 1), Result(true, 0));
  EXPECT_EQ(add(kI1, BitOverflow::kWrap, 0, 1), Result(true, -1));
  EXPECT_EQ(add(kI1, BitOverflow::kSaturate, -1, -1), Result(true, -1));
}

}  // namespace
}  // namespace gyre::ds
