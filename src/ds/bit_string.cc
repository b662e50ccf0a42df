#include "gyre/ds/bit_string.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "gyre/ds/little_endian.h"

namespace gyre::ds {
namespace {

using Wide = unsigned __int128;

uint64_t load_word(const char* at) { return load_little<uint64_t>(at); }

/// Set bits of one byte under a mask.
uint64_t count_masked(char byte, uint8_t mask) {
  return static_cast<uint64_t>(std::popcount(static_cast<uint8_t>(static_cast<uint8_t>(byte) & mask)));
}
/// The bits of a byte from `first` on, and those up to `last`.
uint8_t mask_from(uint64_t first) { return static_cast<uint8_t>(0xff >> (first & 7)); }
uint8_t mask_to(uint64_t last) { return static_cast<uint8_t>(0xff << (7 - (last & 7))); }

/// The first byte in [from, to) that is not `skipped`, or `to`.
size_t skip_bytes(std::string_view bytes, size_t from, size_t to, uint8_t skipped) {
  const uint64_t word = skipped ? ~uint64_t{0} : 0;
  while (from + 32 <= to) {
    const char* const at = bytes.data() + from;
    if (((load_word(at) ^ word) | (load_word(at + 8) ^ word) | (load_word(at + 16) ^ word) |
         (load_word(at + 24) ^ word)) != 0)
      break;
    from += 32;
  }
  while (from + 8 <= to && load_word(bytes.data() + from) == word) from += 8;
  while (from < to && static_cast<uint8_t>(bytes[from]) == skipped) ++from;
  return from;
}

template <class Combine>
void combine_block(char* into, const char* from, size_t size, Combine combine) {
  for (size_t i = 0; i < size; ++i) into[i] = static_cast<char>(combine(into[i], from[i]));
}

/// The part of a source that lies in a block.
std::string_view part_of(std::string_view source, size_t at, size_t size) {
  return at < source.size() ? source.substr(at, size) : std::string_view();
}

/// The bytes that a field touches, as one number with the field `below` bits above its end.
struct Window {
  size_t at, size;
  unsigned below;
};
Window window_of(uint64_t offset, BitField field) {
  const unsigned in_byte = offset & 7, end = in_byte + field.bits;
  const size_t size = (end + 7) / 8;
  return {static_cast<size_t>(offset >> 3), size, static_cast<unsigned>(size * 8 - end)};
}

uint64_t low_bits(unsigned bits) { return bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1; }

/// The low bits of `value` as the field's number.
int64_t as_field(BitField field, uint64_t value) {
  value &= low_bits(field.bits);
  if (field.is_signed && (value >> (field.bits - 1)) != 0) value |= ~low_bits(field.bits);
  return static_cast<int64_t>(value);
}

uint64_t wrapping_difference(int64_t a, int64_t b) {
  return static_cast<uint64_t>(a) - static_cast<uint64_t>(b);
}

enum class Beyond { kNeither, kAbove, kBelow };

Beyond signed_overflow(unsigned bits, int64_t value, int64_t increment) {
  const auto max = static_cast<int64_t>(low_bits(bits - 1)), min = -max - 1;
  const auto room_above = static_cast<int64_t>(wrapping_difference(max, value));
  const auto room_below = static_cast<int64_t>(wrapping_difference(min, value));
  if (value > max || (increment > room_above && (bits != 64 || (value >= 0 && increment > 0))))
    return Beyond::kAbove;
  if (value < min || (increment < room_below && (bits != 64 || (value < 0 && increment < 0))))
    return Beyond::kBelow;
  return Beyond::kNeither;
}

Beyond unsigned_overflow(unsigned bits, uint64_t value, int64_t increment) {
  const uint64_t max = low_bits(bits);
  if (value > max || (increment > 0 && static_cast<uint64_t>(increment) > max - value)) return Beyond::kAbove;
  if (increment < 0 && increment < -static_cast<int64_t>(value)) return Beyond::kBelow;
  return Beyond::kNeither;
}

}  // namespace

uint64_t count_bits(std::string_view bytes) {
  // Four sums, so that the additions do not wait for each other.
  uint64_t sums[4] = {};
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 32; at += 32, left -= 32) {
    for (size_t i = 0; i < 4; ++i) sums[i] += static_cast<uint64_t>(std::popcount(load_word(at + 8 * i)));
  }
  for (; left >= 8; at += 8, left -= 8) sums[0] += static_cast<uint64_t>(std::popcount(load_word(at)));
  for (; left > 0; ++at, --left) sums[1] += count_masked(*at, 0xff);
  return sums[0] + sums[1] + sums[2] + sums[3];
}

uint64_t count_bits(std::string_view bytes, uint64_t first, uint64_t last) {
  const size_t from = first >> 3, to = last >> 3;
  if (from == to) return count_masked(bytes[from], mask_from(first) & mask_to(last));
  return count_masked(bytes[from], mask_from(first)) + count_bits(bytes.substr(from + 1, to - from - 1)) +
         count_masked(bytes[to], mask_to(last));
}

std::optional<uint64_t> find_bit(std::string_view bytes, bool bit, uint64_t first, uint64_t last) {
  const uint8_t skipped = bit ? 0 : 0xff;
  const size_t to = last >> 3;
  size_t from = first >> 3;
  uint8_t mask = mask_from(first);
  for (;;) {
    if (from == to) mask &= mask_to(last);
    const auto wanted = static_cast<uint8_t>((static_cast<uint8_t>(bytes[from]) ^ skipped) & mask);
    if (wanted != 0) return uint64_t{from} * 8 + static_cast<uint64_t>(std::countl_zero(wanted));
    if (from == to) return std::nullopt;
    from = skip_bytes(bytes, from + 1, to, skipped);
    mask = 0xff;
  }
}

void combine_bits(BitOperation operation, std::span<const std::string_view> sources, char* result,
                  size_t size) {
  // A block of the result stays in the nearest cache while all sources pass over it.
  constexpr size_t kBlock = 16 * 1024;
  for (size_t at = 0; at < size; at += kBlock) {
    const size_t block = std::min(kBlock, size - at);
    char* const into = result + at;
    const std::string_view begin = part_of(sources[0], at, block);
    if (!begin.empty()) std::memcpy(into, begin.data(), begin.size());
    std::memset(into + begin.size(), 0, block - begin.size());
    if (operation == BitOperation::kNot) {
      for (size_t i = 0; i < block; ++i) into[i] = static_cast<char>(~into[i]);
      continue;
    }
    for (const std::string_view source : sources.subspan(1)) {
      const std::string_view part = part_of(source, at, block);
      switch (operation) {
        case BitOperation::kAnd:
          combine_block(into, part.data(), part.size(), [](char a, char b) { return a & b; });
          std::memset(into + part.size(), 0, block - part.size());
          break;
        case BitOperation::kOr:
          combine_block(into, part.data(), part.size(), [](char a, char b) { return a | b; });
          break;
        default:
          combine_block(into, part.data(), part.size(), [](char a, char b) { return a ^ b; });
          break;
      }
    }
  }
}

int64_t read_field(std::string_view bytes, uint64_t offset, BitField field) {
  const Window window = window_of(offset, field);
  Wide all = 0;
  for (size_t i = 0; i < window.size; ++i) {
    const size_t at = window.at + i;
    all = all << 8 | (at < bytes.size() ? static_cast<uint8_t>(bytes[at]) : 0);
  }
  return as_field(field, static_cast<uint64_t>(all >> window.below));
}

void write_field(char* bytes, uint64_t offset, BitField field, int64_t value) {
  const Window window = window_of(offset, field);
  const Wide mask = Wide{low_bits(field.bits)} << window.below;
  const Wide wanted = (Wide{static_cast<uint64_t>(value)} << window.below) & mask;
  for (size_t i = 0; i < window.size; ++i) {
    const size_t shift = 8 * (window.size - 1 - i);
    char& byte = bytes[window.at + i];
    byte = static_cast<char>((static_cast<uint8_t>(byte) & ~static_cast<uint8_t>(mask >> shift)) |
                             static_cast<uint8_t>(wanted >> shift));
  }
}

int64_t add_to_field(BitField field, BitOverflow mode, int64_t value, int64_t increment, bool* overflowed) {
  const Beyond beyond = field.is_signed
                            ? signed_overflow(field.bits, value, increment)
                            : unsigned_overflow(field.bits, static_cast<uint64_t>(value), increment);
  *overflowed = beyond != Beyond::kNeither;
  const uint64_t sum = static_cast<uint64_t>(value) + static_cast<uint64_t>(increment);
  if (!*overflowed) return static_cast<int64_t>(sum);
  if (mode == BitOverflow::kWrap) return as_field(field, sum);
  const auto max = static_cast<int64_t>(low_bits(field.is_signed ? field.bits - 1u : field.bits));
  if (beyond == Beyond::kAbove) return max;
  return field.is_signed ? -max - 1 : 0;
}

}  // namespace gyre::ds
