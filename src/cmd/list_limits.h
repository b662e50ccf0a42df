// What list-max-listpack-size says of one listpack. Private to this module.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace gyre::cmd {

struct PackedListLimits {
  size_t bytes;
  uint64_t count = UINT64_MAX;
  bool by_count = false;  // elements are limited; then the bytes are for safety

  explicit PackedListLimits(int max_size) {
    constexpr int kClasses = 5;
    constexpr size_t kSmallestClass = 4096, kSafe = 8192;
    if (max_size < 0) {
      bytes = kSmallestClass << (-std::max(max_size, -kClasses) - 1);
    } else {
      bytes = kSafe;
      count = static_cast<uint64_t>(std::max(1, max_size));
      by_count = true;
    }
  }
  bool exceeded(size_t with_bytes, uint64_t with_count) const {
    return with_bytes > bytes || with_count > count;
  }
  /// A list that shrank is packed below half of the limits only, so that it does not go to and fro.
  bool half_full(size_t with_bytes, uint64_t with_count) const {
    return (by_count || with_bytes <= bytes / 2) && with_count <= count / 2;
  }
};

}  // namespace gyre::cmd
