// HyperLogLogs in Redis's format, byte for byte: 16384 registers of 6 bits, as a string.
//
//   hyperloglog = "HYLL" encoding:1 unused:3 cardinality:8 registers
//
// `encoding` is 0 (dense) or 1 (sparse). `cardinality`, little-endian, is the last estimate; its highest bit
// set: it is out of date. Dense registers lie one behind the other, 6 bits each from the lowest bit of the
// first byte on: 12288 bytes. Sparse ones are runs:
//
//   00nnnnnn            n+1 registers (1 to 64) are zero
//   01nnnnnn nnnnnnnn   n+1 registers (1 to 16384) are zero
//   1vvvvvnn            n+1 registers (1 to 4) are v+1 (1 to 32)
//
// A string becomes one by hll_valid() alone: it says nothing of the runs, which anybody may have written with
// SET. Every function here takes runs as they come, reads nothing outside the string, and says when they do
// not add up. Pure functions over memory of the caller; any thread. Method: Otmar Ertl, arXiv:1702.01284.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gyre/ds/little_endian.h"

namespace gyre::ds {

inline constexpr size_t kHllHeader = 16, kHllRegisters = 16384;
inline constexpr size_t kHllDenseSize = kHllHeader + kHllRegisters * 6 / 8;
inline constexpr std::string_view kEmptyHll{"HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff", 18};

/// Has the header of a HyperLogLog, and the size if dense.
bool hll_valid(std::string_view bytes);

// All below require hll_valid().

inline bool hll_is_dense(std::string_view bytes) { return bytes[4] == 0; }
/// The estimate in the header; nothing when it is out of date.
inline std::optional<uint64_t> hll_cached(std::string_view bytes) {
  const auto cardinality = load_little<uint64_t>(bytes.data() + 8);
  return cardinality >> 63 ? std::nullopt : std::optional(cardinality);
}
inline void hll_set_cached(char* bytes, uint64_t cardinality) { store_little(bytes + 8, cardinality); }
inline void hll_outdate(char* bytes) { bytes[15] = static_cast<char>(bytes[15] | '\x80'); }

/// MurmurHash64A, as Redis hashes elements.
uint64_t hll_hash(std::string_view element);

/// What an element asks for: register `index` is to be at least `value` (1 to 51).
struct HllMark {
  uint32_t index;
  uint8_t value;
};
HllMark hll_mark(std::string_view element);

// ---- dense ----
inline uint8_t hll_dense_register(std::string_view bytes, uint32_t index) {
  const size_t bit = size_t{index} * 6, at = kHllHeader + bit / 8;
  const unsigned next = at + 1 < bytes.size() ? byte_at(bytes.data() + at + 1) : 0u;
  return static_cast<uint8_t>((byte_at(bytes.data() + at) | next << 8) >> (bit & 7) & 63);
}
/// Raises a register; false when it is that high already.
bool hll_dense_raise(char* bytes, HllMark mark);

// ---- sparse ----
/// A run: where it is and which register is its first.
struct HllCursor {
  size_t at = kHllHeader;
  uint32_t first = 0;
};
/// The run that holds a register.
struct HllPlace {
  HllCursor run, before;        // `before`: the run before it, or itself
  HllCursor search;             // where to search for a higher register after this one was raised
  uint32_t length = 0;          // registers in the run
  uint8_t value = 0, size = 0;  // their value; bytes of the run
};
/// Finds the run of register `index`, searching from `from`, which is the beginning or the `search` of a
/// place found for a lower register. Nothing when the runs end before it.
std::optional<HllPlace> hll_sparse_find(std::string_view bytes, uint32_t index, HllCursor from = {});

enum class HllResult : uint8_t { kSame, kChanged, kCorrupt };
/// Raises a register of either encoding, as Redis does: a sparse one becomes dense when it would be larger
/// than `sparse_max` bytes or the value is above 32. `search`, if given, is where to search from, and
/// receives where to go on with a higher register. The cached estimate is then out of date if the string
/// stayed sparse, else it is left alone. After kCorrupt the string is unchanged.
HllResult hll_raise(std::string& bytes, HllMark mark, size_t sparse_max, HllCursor* search = nullptr);
/// The same for a sparse string whose run has been found and whose value is lower.
HllResult hll_sparse_raise(std::string& bytes, const HllPlace& place, HllMark mark, size_t sparse_max);
/// Changes the encoding; false, and nothing changed, when the runs do not add up.
bool hll_make_dense(std::string& bytes);

/// The runs as PFDEBUG DECODE shows them, whatever they add up to: "Z:100 v:3,2 z:5".
std::string hll_describe_runs(std::string_view bytes);

// ---- registers, a byte each, and estimates ----
/// Raises each of kHllRegisters registers to what it is in `bytes`; false when the runs do not add up (then
/// registers may have been raised).
bool hll_merge(std::string_view bytes, uint8_t* registers);
/// The estimate; nothing when the runs do not add up.
std::optional<uint64_t> hll_estimate(std::string_view bytes);
/// Of kHllRegisters registers, each below 64.
uint64_t hll_estimate_registers(const uint8_t* registers);

}  // namespace gyre::ds
