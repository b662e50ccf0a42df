// Text for a report that a signal handler writes: a buffer on the stack that goes to the log when it is full
// or at the end. Async-signal-safe throughout: no memory is allocated and no lock taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "gyre/base/log.h"

namespace gyre::server {

class RawText {
 public:
  RawText() = default;
  RawText(const RawText&) = delete;
  RawText& operator=(const RawText&) = delete;
  ~RawText() { flush(); }

  RawText& text(std::string_view s) {
    while (!s.empty()) {
      if (size_ == sizeof(bytes_)) flush();
      const size_t part = s.size() < sizeof(bytes_) - size_ ? s.size() : sizeof(bytes_) - size_;
      std::memcpy(bytes_ + size_, s.data(), part);
      size_ += part;
      s.remove_prefix(part);
    }
    return *this;
  }
  RawText& decimal(int64_t value) {
    if (value < 0) text("-");
    return digits(value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value), 10, 1);
  }
  /// "0x..." with at least `least` digits.
  RawText& hex(uint64_t value, unsigned least = 1) { return text("0x").digits(value, 16, least); }
  RawText& pointer(const void* address) { return hex(reinterpret_cast<uintptr_t>(address)); }
  /// Seconds with one decimal.
  RawText& seconds(int64_t us) {
    return decimal(us / 1'000'000).text(".").decimal(us / 100'000 % 10).text(" s");
  }

  /// What has not gone to the log so far.
  std::string_view view() const { return {bytes_, size_}; }
  void clear() { size_ = 0; }
  void flush() {
    if (size_ != 0) base::log_raw(view());
    size_ = 0;
  }

 private:
  RawText& digits(uint64_t value, unsigned base, unsigned least) {
    char reversed[20];
    unsigned n = 0;
    for (; value != 0 || n < least; value /= base) reversed[n++] = "0123456789abcdef"[value % base];
    char out[20];
    for (unsigned i = 0; i < n; ++i) out[i] = reversed[n - 1 - i];
    return text({out, n});
  }

  char bytes_[1024];
  size_t size_ = 0;
};

}  // namespace gyre::server
