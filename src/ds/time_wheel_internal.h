// Shared by the bodies of TimeWheel.
#pragma once

#include <cstdint>

#include "gyre/ds/time_wheel.h"

namespace gyre::ds {

/// A piece of a list: 3, 7, 15, 31 or 63 items behind one word, so that a short list is small and a long one
/// pays 8 bytes in 512. The word is {class : 8, count : 8, next : 48}.
struct TimeWheel::Chunk {
  static constexpr unsigned kClasses = 5;
  static constexpr uint64_t kPointer = (uint64_t{1} << 48) - 1;
  static constexpr uint64_t kOne = uint64_t{1} << 48;
  uint64_t head;

  uint64_t* items() { return &head + 1; }
  const uint64_t* items() const { return &head + 1; }
  Chunk* next() const { return reinterpret_cast<Chunk*>(head & kPointer); }
  void set_next(Chunk* chunk) { head = (head & ~kPointer) | reinterpret_cast<uint64_t>(chunk); }
  unsigned count() const { return static_cast<unsigned>(head >> 48) & 255; }
  unsigned size_class() const { return static_cast<unsigned>(head >> 56); }
  static size_t bytes_of(unsigned size_class) { return size_t{32} << size_class; }
  unsigned room() const { return (4u << size_class()) - 1 - count(); }
};

namespace internal {
inline uint64_t tick_of(int64_t ms) {
  return ms <= 0 ? 0 : static_cast<uint64_t>(ms) / TimeWheel::kQuantumMs;
}
}  // namespace internal

}  // namespace gyre::ds
