// How short headers ("$32\r\n", ":7\r\n", "*3\r\n") and short bodies get into a reply without calls: a table
// of the decimal texts below 256 with CR LF behind them, each padded to eight bytes so that copying one is
// one store.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "gyre/base/numbers.h"

namespace gyre::resp::detail {

constexpr uint64_t kHeaderTableSize = 256;

struct HeaderText {
  char text[7];  // digits, CR, LF, padding
  uint8_t size;  // digits and CR LF
};

constexpr std::array<HeaderText, kHeaderTableSize> make_header_table() {
  std::array<HeaderText, kHeaderTableSize> table{};
  for (unsigned n = 0; n < kHeaderTableSize; n++) {
    HeaderText& entry = table[n];
    uint8_t size = 0;
    if (n >= 100) entry.text[size++] = static_cast<char>('0' + n / 100);
    if (n >= 10) entry.text[size++] = static_cast<char>('0' + n / 10 % 10);
    entry.text[size++] = static_cast<char>('0' + n % 10);
    entry.text[size++] = '\r';
    entry.text[size++] = '\n';
    entry.size = size;
  }
  return table;
}

inline constexpr std::array<HeaderText, kHeaderTableSize> kHeaderTable = make_header_table();

/// Writes type, n and CR LF; returns the end. Requires room for 32 bytes (it may write beyond the end it
/// returns).
inline char* put_header(char* p, char type, uint64_t n) {
  *p++ = type;
  if (n < kHeaderTableSize) [[likely]] {
    const HeaderText& entry = kHeaderTable[n];
    std::memcpy(p, &entry, sizeof(entry));
    return p + entry.size;
  }
  p += base::format_uint64(n, p);
  std::memcpy(p, "\r\n", 2);
  return p + 2;
}

/// memcpy for bodies that are mostly short: up to 64 bytes in overlapping words, without a call. Returns the
/// end.
inline char* copy_short(char* to, const char* from, size_t n) {
  if (n >= 16) [[likely]] {
    if (n > 64) {
      std::memcpy(to, from, n);
      return to + n;
    }
    std::memcpy(to, from, 16);
    if (n > 32) {
      std::memcpy(to + 16, from + 16, 16);
      std::memcpy(to + n - 32, from + n - 32, 16);
    }
    std::memcpy(to + n - 16, from + n - 16, 16);
  } else if (n >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + n - 8, from + n - 8, 8);
  } else if (n >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + n - 4, from + n - 4, 4);
  } else if (n > 0) {
    to[0] = from[0];
    to[n / 2] = from[n / 2];
    to[n - 1] = from[n - 1];
  }
  return to + n;
}

}  // namespace gyre::resp::detail
