// Bits in byte strings, as Redis numbers them: bit 0 is the most significant bit of byte 0. Counting,
// searching and combining work on words of eight bytes; fields are integers of 1 to 64 bits at any bit, most
// significant bit first. Pure functions over memory of the caller; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gyre::ds {

/// The number of bits that are set.
uint64_t count_bits(std::string_view bytes);
/// The same among the bits first to last, both included. Requires first <= last < 8 * bytes.size().
uint64_t count_bits(std::string_view bytes, uint64_t first, uint64_t last);

/// The first bit from `first` to `last`, both included, that is `bit`. Requires first <= last < 8 *
/// bytes.size().
std::optional<uint64_t> find_bit(std::string_view bytes, bool bit, uint64_t first, uint64_t last);

enum class BitOperation : uint8_t { kAnd, kOr, kXor, kNot };
/// Combines the sources into `result`, which has `size` bytes and overlaps none of them; a source that is
/// shorter goes on with zeros. Requires at least one source, none longer than `size`; kNot takes the first
/// alone.
void combine_bits(BitOperation operation, std::span<const std::string_view> sources, char* result,
                  size_t size);

/// What an integer field is: Redis's i1 to i64 and u1 to u63.
struct BitField {
  bool is_signed = false;
  uint8_t bits = 1;
};

/// The field at bit `offset`; bits behind the end are zero. `offset` may be anything.
int64_t read_field(std::string_view bytes, uint64_t offset, BitField field);
/// Requires that the memory reaches to the field's last bit. Of `value` the low bits are taken.
void write_field(char* bytes, uint64_t offset, BitField field, int64_t value);

enum class BitOverflow : uint8_t { kWrap, kSaturate, kFail };
/// value + increment as the field can hold it; *overflowed says whether that differs from the sum. With kFail
/// the result means nothing then. Requires a `value` that fits, or an increment of 0 (setting to any value).
///
/// In the signed case the distances to the limits wrap at 64 bits, as they do in Redis: to saturate a value
/// below -2^63 + 2^(bits-1) gives the upper limit.
int64_t add_to_field(BitField field, BitOverflow mode, int64_t value, int64_t increment, bool* overflowed);

}  // namespace gyre::ds
