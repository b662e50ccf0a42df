// Unaligned little-endian fields of Redis's packed formats.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace gyre::ds {

static_assert(std::endian::native == std::endian::little, "fields are copied as they are in memory");

template <typename Integer>
inline Integer load_little(const char* at) {
  Integer value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

template <typename Integer>
inline void store_little(char* at, Integer value) {
  std::memcpy(at, &value, sizeof(value));
}

/// Three bytes, sign extended.
inline int64_t load_little24(const char* at) {
  const auto low = load_little<uint16_t>(at);
  return int64_t{static_cast<int8_t>(at[2])} * 65536 + low;
}

inline uint8_t byte_at(const char* at) { return static_cast<uint8_t>(*at); }

}  // namespace gyre::ds
