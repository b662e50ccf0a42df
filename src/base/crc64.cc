#include "gyre/base/crc64.h"

#include <array>
#include <bit>
#include <cstring>

namespace gyre::base {

namespace {

constexpr uint64_t kReflectedPolynomial = 0x95ac9329ac4bc9b5;
constexpr unsigned kBytesAStep = 8;

using Tables = std::array<std::array<uint64_t, 256>, kBytesAStep>;

/// tables[n][b]: what byte b contributes when n further bytes follow it in the step.
constexpr Tables make_tables() {
  Tables tables{};
  for (unsigned b = 0; b < 256; ++b) {
    uint64_t crc = b;
    for (unsigned bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReflectedPolynomial : 0);
    tables[0][b] = crc;
  }
  for (unsigned n = 1; n < kBytesAStep; ++n) {
    for (unsigned b = 0; b < 256; ++b)
      tables[n][b] = (tables[n - 1][b] >> 8) ^ tables[0][tables[n - 1][b] & 0xff];
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

static_assert(std::endian::native == std::endian::little, "a step reads eight bytes as a little-endian word");

uint64_t crc64(uint64_t crc, std::string_view bytes) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= kBytesAStep; left -= kBytesAStep, at += kBytesAStep) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= crc;
    crc = kTables[7][word & 0xff] ^ kTables[6][(word >> 8) & 0xff] ^ kTables[5][(word >> 16) & 0xff] ^
          kTables[4][(word >> 24) & 0xff] ^ kTables[3][(word >> 32) & 0xff] ^
          kTables[2][(word >> 40) & 0xff] ^ kTables[1][(word >> 48) & 0xff] ^ kTables[0][word >> 56];
  }
  for (; left != 0; --left, ++at) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(*at)) & 0xff];
  return crc;
}

}  // namespace gyre::base
