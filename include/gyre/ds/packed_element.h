// An element of a packed collection (listpack, ziplist): bytes, or a 64-bit integer. Redis stores each string
// that is the canonical decimal form of an integer as that integer; an element made from text does the same,
// so the bytes that it is encoded to are Redis's.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "gyre/base/numbers.h"

namespace gyre::ds {

/// A value: it refers to the bytes it was made from, which must outlive it.
class PackedElement {
 public:
  /// Room for the digits of an integer.
  using Scratch = std::array<char, base::kInt64TextMax>;

  // Implicit, so that an array of elements can be written as a list of texts and numbers.
  template <std::signed_integral Integer>
    requires(!std::is_same_v<Integer, char>)
  PackedElement(Integer value) : number_(static_cast<uint64_t>(int64_t{value})) {}
  PackedElement(const char* text) : PackedElement(std::string_view(text)) {}
  PackedElement(std::string_view text) {
    if (const std::optional<int64_t> value = base::parse_int64(text)) {
      number_ = static_cast<uint64_t>(*value);
    } else {
      set(text);
    }
  }

  /// Bytes as they are, even if they could be an integer (as a writer other than Redis may have stored them).
  static PackedElement raw(std::string_view bytes) {
    PackedElement element(int64_t{0});
    element.set(bytes);
    return element;
  }
  /// This element as Redis would store it today.
  PackedElement canonical() const { return is_integer() ? *this : PackedElement(bytes()); }

  bool is_integer() const { return data_ == nullptr; }
  /// Requires is_integer().
  int64_t integer() const { return static_cast<int64_t>(number_); }
  /// Requires !is_integer().
  std::string_view bytes() const { return {data_, static_cast<size_t>(number_)}; }

  /// The element as a client sees it: its bytes, or its digits, which are put into `scratch`.
  std::string_view text(Scratch& scratch) const {
    if (!is_integer()) return bytes();
    return {scratch.data(), base::format_int64(integer(), scratch.data())};
  }

  /// Stored alike; "7" of raw() and 7 differ.
  friend bool operator==(const PackedElement& a, const PackedElement& b) {
    if (a.is_integer() != b.is_integer()) return false;
    return a.is_integer() ? a.number_ == b.number_ : a.bytes() == b.bytes();
  }

 private:
  void set(std::string_view bytes) {
    data_ = bytes.data() != nullptr ? bytes.data() : "";
    number_ = bytes.size();
  }

  const char* data_ = nullptr;  // null: an integer
  uint64_t number_;             // the integer, or the length
};

}  // namespace gyre::ds
