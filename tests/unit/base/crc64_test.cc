#include "gyre/base/crc64.h"

#include <gtest/gtest.h>

#include <string>

namespace gyre::base {
namespace {

TEST(Crc64, CheckValues) {
  EXPECT_EQ(crc64(0, ""), 0u);
  EXPECT_EQ(crc64(0, "123456789"), 0xe9c6d914c4b8d9caU);
}

TEST(Crc64, IsTheSameWhereverTheBytesAreCut) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 131 + 7));
  const uint64_t whole = crc64(0, bytes);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::string_view all = bytes;
    EXPECT_EQ(crc64(crc64(0, all.substr(0, cut)), all.substr(cut)), whole) << cut;
  }
}

TEST(Crc64, BytesAboveTheStepAndBelowAgreeWithOneByOne) {
  for (size_t size = 0; size < 40; ++size) {
    const std::string bytes(size, '\xa5');
    uint64_t single = 0;
    for (char c : bytes) single = crc64(single, {&c, 1});
    EXPECT_EQ(crc64(0, bytes), single) << size;
  }
}

}  // namespace
}  // namespace gyre::base
