#include "gyre/base/sha1.h"

#include <gtest/gtest.h>

#include <string>

namespace gyre::base {
namespace {

std::string hex(const Sha1::Digest& digest) {
  std::string text;
  for (uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// The examples of FIPS 180 and RFC 3174.
TEST(Sha1, KnownMessages) {
  EXPECT_EQ(hex(Sha1::of("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(Sha1::of("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(Sha1::of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(hex(Sha1::of(std::string(1'000'000, 'a'))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

// Wherever a message is cut into updates, and however its length lies to the block, the digest is the same.
TEST(Sha1, AnyCut) {
  for (size_t size = 0; size <= 200; ++size) {
    const std::string text(size, 'x');
    const std::string whole = hex(Sha1::of(text));
    for (size_t cut = 0; cut <= size; cut += 7) {
      Sha1 sha;
      sha.update(std::string_view(text).substr(0, cut));
      sha.update(std::string_view(text).substr(cut));
      EXPECT_EQ(hex(sha.finish()), whole) << size << " cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace gyre::base
