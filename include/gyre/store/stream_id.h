// The ID of a stream's entry: milliseconds and a number among those of one millisecond.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "gyre/base/numbers.h"

namespace gyre::store {

struct StreamId {
  uint64_t ms = 0;
  uint64_t sequence = 0;
  friend auto operator<=>(const StreamId&, const StreamId&) = default;

  /// The smallest ID, which no entry has.
  static constexpr StreamId min() { return {}; }
  static constexpr StreamId max() { return {UINT64_MAX, UINT64_MAX}; }
  bool is_zero() const { return *this == min(); }
  /// The neighbours; false, and round to the other end, when there is none.
  bool increment() {
    if (++sequence == 0) return ++ms != 0;
    return true;
  }
  bool decrement() {
    if (sequence-- == 0) return ms-- != 0;
    return true;
  }
};

/// "ms-sequence", or with another sign between, for as long as the object lives.
class StreamIdText {
 public:
  explicit StreamIdText(StreamId id, char between = '-') {
    size_ = base::format_uint64(id.ms, text_);
    text_[size_++] = between;
    size_ += base::format_uint64(id.sequence, text_ + size_);
  }
  operator std::string_view() const {
    return {text_, size_};
  }  // NOLINT(google-explicit-constructor): it is one

 private:
  char text_[2 * base::kInt64TextMax + 1];
  size_t size_;
};

}  // namespace gyre::store
