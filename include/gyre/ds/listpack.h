// Reading listpacks: Redis's packed sequence of strings and integers, byte for byte.
//
//   listpack = total:4 count:2 element* 0xff         little-endian; count 65535: unknown, or more than 65534
//   element  = encoded backlen
//   encoded  = 0nnnnnnn                              integer 0 to 127
//            | 10nnnnnn byte*n                       string of up to 63 bytes
//            | 110nnnnn n:1                          13-bit signed integer, high bits first
//            | 1110nnnn n:1 byte*n                   string of up to 4095 bytes, high bits of the length
//            first | 0xf0 n:4 byte*n                       longer string | 0xf1 n:2 | 0xf2 n:3 | 0xf3 n:4 |
//            0xf4 n:8      signed integers, little-endian
//   backlen  = the size of `encoded` in 1 to 5 groups of 7 bits, the most significant first; every byte but
//   the first
//              of them has its high bit set, so that it can be read backwards from the next element
//
// A position is an element's offset in bytes from the start of the listpack. end(), the offset of the last
// byte, stands for "no element": it is what next() of the last, prev() of the first and a search without
// result give, and inserting there appends.
//
// Views are values over memory of somebody else; pure functions, any thread. Everything but listpack_valid()
// and listpack_check_element() trusts the bytes: they were made here or have been validated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gyre/base/check.h"
#include "gyre/ds/little_endian.h"
#include "gyre/ds/packed_element.h"

namespace gyre::ds {

constexpr uint32_t kListpackHeader = 6;
constexpr uint32_t kListpackCountUnknown = 65535;
constexpr uint8_t kListpackEnd = 0xff;
/// Where Redis stops growing a listpack, far from the limit of the format.
constexpr size_t kListpackSafeBytes = size_t{1} << 30;
constexpr std::string_view kEmptyListpack{"\x07\0\0\0\0\0\xff", 7};

/// Bytes of the backlen of an element whose encoding has `encoded` bytes. 16383 takes three, 2097151 four:
/// Redis's limits are one short of what fits.
constexpr uint32_t listpack_backlen_bytes(uint64_t encoded) {
  return encoded <= 127 ? 1 : encoded < 16383 ? 2 : encoded < 2097151 ? 3 : encoded < 268435455 ? 4 : 5;
}

/// What an element takes in a listpack, with its backlen.
size_t listpack_element_size(const PackedElement& element);

/// True when `add` more bytes of content stay within Redis's limit of 1 GB.
constexpr bool listpack_safe_to_add(size_t size, size_t add) { return size + add <= kListpackSafeBytes; }

class ListpackView {
 public:
  explicit ListpackView(std::string_view bytes)
      : bytes_(bytes.data()), size_(static_cast<uint32_t>(bytes.size())) {
    GYRE_CHECK(load_little<uint32_t>(bytes_) == bytes.size());
  }

  std::string_view bytes() const { return {bytes_, size_}; }
  size_t size() const { return size_; }
  bool empty() const { return begin() == end(); }
  /// What the header says: kListpackCountUnknown means that one has to walk.
  uint32_t header_count() const { return load_little<uint16_t>(bytes_ + 4); }
  /// Elements. Constant time up to 65534 of them.
  size_t count() const {
    return header_count() != kListpackCountUnknown ? header_count() : count_between(begin(), end());
  }
  /// Elements from position `from` up to, without, `to`.
  size_t count_between(uint32_t from, uint32_t to) const;

  static constexpr uint32_t begin() { return kListpackHeader; }
  uint32_t end() const { return size_ - 1; }
  uint32_t first() const { return begin(); }
  uint32_t last() const { return prev(end()); }
  /// Requires at != end().
  uint32_t next(uint32_t at) const { return at + element_bytes(bytes_ + at); }
  /// end() when `at` is the first (or there is none).
  uint32_t prev(uint32_t at) const {
    if (at == begin()) return end();
    const uint8_t low = byte_at(bytes_ + at - 1);
    return low < 128 ? at - low - 1 : long_prev(at);
  }
  /// The element number `index` from the front, or with -1, -2 ... from the back; end() when there is none.
  /// Walks from the nearer side when the count is known.
  uint32_t seek(int64_t index) const;
  /// `count` elements on, or end() when there are fewer.
  uint32_t skip(uint32_t at, size_t count) const {
    while (count-- > 0 && at != end()) at = next(at);
    return at;
  }

  /// Requires at != end(). The element points into the listpack.
  PackedElement get(uint32_t at) const { return decode(bytes_ + at); }
  /// Compares as Redis: bytes with bytes, an integer with the value of a canonical number. False at end().
  bool equals(uint32_t at, std::string_view text) const;
  /// The first element equal to `text`, of those at `from` and then after each `skip` others: with skip 1 and
  /// from the first the fields of a hash, and so the members of a sorted set.
  uint32_t find(uint32_t from, std::string_view text, uint32_t skip = 0) const;

 private:
  static uint32_t element_bytes(const char* at) {
    const uint8_t head = byte_at(at);
    if (head < 0x80) return 2;
    if (head < 0xc0) return 2 + (head & 63);
    return long_element_bytes(at);
  }
  static uint32_t long_element_bytes(const char* at) {
    const uint8_t head = byte_at(at);
    if (head < 0xe0) return 3;
    if (head < 0xf0) {
      const uint32_t encoded = 2 + ((head & 15u) << 8 | byte_at(at + 1));
      return encoded <= 127 ? encoded + 1 : encoded + 2;
    }
    if (head == 0xf0) {
      const uint32_t encoded = 5 + load_little<uint32_t>(at + 1);
      return encoded + listpack_backlen_bytes(encoded);
    }
    return head == 0xf4 ? 10 : head - 0xf1u + 4;
  }
  static PackedElement decode(const char* at) {
    const uint8_t head = byte_at(at);
    if (head < 0x80) return int64_t{head};
    if (head < 0xc0) return PackedElement::raw({at + 1, size_t{head} & 63});
    return decode_long(at);
  }
  static PackedElement decode_long(const char* at);
  uint32_t long_prev(uint32_t at) const;

  const char* bytes_;
  uint32_t size_;
};

/// The size of the element at offset `at`, with its backlen, or 0 when it is malformed or reaches beyond the
/// last byte. `at` is below bytes.size() - 1. Reads nothing outside `bytes`.
size_t listpack_check_element(std::string_view bytes, size_t at);

/// Without `deep`: size, header and last byte. With it: every element, both directions, and the count. As
/// strict as Redis's sanitizer, so a client's payload that passes may be read and edited by everything here.
bool listpack_valid(std::string_view bytes, bool deep);

/// The same, deep, asking `accept(PackedElement)` about each element in turn. The header has been checked
/// before.
template <typename Accept>
bool listpack_valid(std::string_view bytes, Accept accept) {
  if (!listpack_valid(bytes, false)) return false;
  const ListpackView view(bytes);
  size_t at = kListpackHeader, count = 0;
  while (at < view.end() && byte_at(bytes.data() + at) != kListpackEnd) {
    const size_t size = listpack_check_element(bytes, at);
    if (size == 0 || !accept(view.get(static_cast<uint32_t>(at)))) return false;
    at += size;
    ++count;
  }
  return at == view.end() && (view.header_count() == kListpackCountUnknown || view.header_count() == count);
}

}  // namespace gyre::ds
