#include "gyre/rdb/input.h"

#include <gtest/gtest.h>
#include <lzf.h>

#include <string>
#include <vector>

#include "gyre/base/crc64.h"
#include "gyre/rdb/encoder.h"

namespace gyre::rdb {
namespace {

using namespace std::string_literals;

std::string bytes_of(ChunkBuilder& builder) {
  std::string all;
  for (const Chunk& piece : builder.take()) all += piece.view();
  return all;
}

/// Reads strings from bytes fed `step` at a time.
std::vector<std::string> strings(std::string_view bytes, size_t step, Input& input) {
  std::vector<std::string> texts;
  for (size_t at = 0; at < bytes.size(); at += step) {
    // A slice of its own, which goes: what is not kept shows up in ASan.
    const std::string slice(bytes.substr(at, step));
    input.feed(slice);
    std::string_view text;
    Read read;
    while ((read = input.string(&text)) == Read::kDone) texts.emplace_back(text);
    if (read == Read::kCorrupt) return texts;
    input.keep();
  }
  return texts;
}

TEST(Input, StringsOfAllForms) {
  std::vector<std::string> texts = {"",
                                    "a",
                                    "12",
                                    "-300",
                                    "100000",
                                    "-2147483648",
                                    "2147483648",
                                    std::string(63, 'b'),
                                    std::string(64, 'c'),
                                    std::string(20'000, 'd'),
                                    std::string(300'000, 'e')};
  for (int i = 0; i < 1000; ++i) texts.push_back("text " + std::to_string(i * i));
  for (const bool compress : {false, true}) {
    ChunkBuilder builder;
    for (const std::string& text : texts) string(builder, text, compress);
    const std::string bytes = bytes_of(builder);
    for (const size_t step : {size_t{1}, size_t{7}, size_t{1000}, size_t{70'000}, bytes.size()}) {
      Input input(/*with_checksum=*/true);
      EXPECT_EQ(strings(bytes, step, input), texts) << step;
      EXPECT_EQ(input.position(), bytes.size());
      EXPECT_EQ(input.checksum(), base::crc64(0, bytes));
    }
  }
}

TEST(Input, LongCompressedStringsComeInSlices) {
  // Longer than what is kept, so that the compressed bytes are gathered as they come.
  std::string text;
  for (uint64_t i = 0; text.size() < 300'000; ++i) text += std::to_string(base::crc64(i, "noise")) + "-----";
  std::string stored(text.size(), '\0');
  const unsigned size = lzf_compress(text.data(), static_cast<unsigned>(text.size()), stored.data(),
                                     static_cast<unsigned>(stored.size()));
  ASSERT_GT(size, Input::kRetained);
  stored.resize(size);
  ChunkBuilder builder;
  builder.append('\xc3');
  length(builder, stored.size());
  length(builder, text.size());
  builder.append(stored);
  const std::string bytes = bytes_of(builder);
  for (const size_t step : {size_t{999}, bytes.size()}) {
    Input input;
    EXPECT_EQ(strings(bytes, step, input), std::vector<std::string>{text});
  }
}

TEST(Input, LengthsOfAllForms) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{63}, uint64_t{64}, uint64_t{16383}, uint64_t{16384},
                               uint64_t{UINT32_MAX}, uint64_t{UINT32_MAX} + 1, UINT64_MAX - 1}) {
    ChunkBuilder builder;
    length(builder, value);
    const std::string bytes = bytes_of(builder);
    Input input;
    uint64_t read = 0;
    for (size_t i = 0; i + 1 < bytes.size(); ++i) {
      input.feed(std::string_view(bytes).substr(i, 1));
      EXPECT_EQ(input.length(&read), Read::kMore);
    }
    input.feed(std::string_view(bytes).substr(bytes.size() - 1));
    EXPECT_EQ(input.length(&read), Read::kDone);
    EXPECT_EQ(read, value);
  }
}

TEST(Input, WhatIsCorruptIsSaid) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x82", "Unknown length encoding 130 in rdbLoadLen()"},
      {"\xc4", "Unknown RDB string encoding type 4"},
      {"\xff", "Unknown RDB string encoding type 63"},
      {"\x81\xff\xff\xff\xff\xff\xff\xff\xff"s, "Length out of range"},
      {"\xc3\x02\x05\x00\x41"s, "Invalid LZF compressed string"},  // two bytes give one
      {"\xc3\x02\x01\x00\x41\x41"s, ""},                           // this is right
      {"\xc3\x00\x00"s, "Invalid LZF compressed string"},
      {"\xc3\x02\x81\x00\x00\x00\x10\x00\x00\x00\x00\x00\x41"s, "Invalid LZF compressed string"},
  };
  for (const auto& [bytes, reason] : cases) {
    Input input;
    input.feed(bytes);
    std::string_view text;
    EXPECT_EQ(input.string(&text), reason.empty() ? Read::kDone : Read::kCorrupt) << reason;
    EXPECT_EQ(input.reason(), reason);
  }
}

TEST(Input, ALengthThatPromisesTooMuchTakesNoMemory) {
  Input input;
  std::string_view text;
  const std::string head = "\x81\x00\x7f\xff\xff\xff\xff\xff\xff"s;
  input.feed(head);
  EXPECT_EQ(input.string(&text), Read::kMore);
  const std::string more(100'000, 'x');
  for (int i = 0; i < 10; ++i) {
    input.feed(more);
    EXPECT_EQ(input.string(&text), Read::kMore);
    input.keep();
  }
  EXPECT_EQ(input.position(), head.size() + 1'000'000);
}

}  // namespace
}  // namespace gyre::rdb
