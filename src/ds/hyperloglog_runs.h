// One run of a sparse HyperLogLog. Private to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gyre/ds/hyperloglog.h"

namespace gyre::ds {

inline constexpr uint32_t kHllLongZeros = 0x40, kHllValues = 0x80;

struct HllRun {
  uint32_t length;  // registers
  uint8_t value, size;
};

/// Requires at < bytes.size(). A second byte that is missing counts as zero, which is what Redis finds there.
inline HllRun read_run(std::string_view bytes, size_t at) {
  const uint32_t byte = byte_at(bytes.data() + at);
  if (byte & kHllValues) return {(byte & 3) + 1, static_cast<uint8_t>((byte >> 2 & 31) + 1), 1};
  if (!(byte & kHllLongZeros)) return {byte + 1, 0, 1};
  const uint32_t second = at + 1 < bytes.size() ? byte_at(bytes.data() + at + 1) : 0u;
  return {((byte & 63) << 8 | second) + 1, 0, 2};
}

/// Calls each(index, value) for the registers that are not zero. False when the runs do not add up. As in
/// Redis values behind the last register end it, so that they do no harm if all registers were there.
template <class Each>
bool for_sparse_registers(std::string_view bytes, Each&& each) {
  uint64_t index = 0;
  for (size_t at = kHllHeader; at < bytes.size();) {
    const HllRun run = read_run(bytes, at);
    if (run.value != 0) {
      if (index + run.length > kHllRegisters) break;
      for (uint32_t i = 0; i < run.length; ++i) each(static_cast<uint32_t>(index) + i, run.value);
    }
    index += run.length;
    at += run.size;
  }
  return index == kHllRegisters;
}

}  // namespace gyre::ds
