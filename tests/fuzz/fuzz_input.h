// Takes choices off a fuzzer's input; what is missing at its end reads as zero.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gyre::fuzz {

class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::string_view bytes(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  uint8_t byte() {
    const std::string_view taken = bytes(1);
    return taken.empty() ? 0 : static_cast<uint8_t>(taken[0]);
  }
  uint64_t number() {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }

 private:
  std::string_view rest_;
};

/// The first byte decides what the rest is: a program of edits, or bytes of foreign origin.
inline void run_either(const uint8_t* data, size_t size, void (*program)(std::string_view), void (*foreign)(std::string_view)) {
  if (size == 0) return;
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  (data[0] & 1 ? program : foreign)(rest);
}

}  // namespace gyre::fuzz
