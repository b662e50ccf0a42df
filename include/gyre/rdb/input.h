// Reading the primitives of the RDB format (encoder.h has the grammar) from bytes that come in slices of any
// size.
//
// Each read either has all it needs, or takes nothing and says kMore: it is asked again once more has come.
// Only of a long string the bytes are taken as they come. So what is kept between slices is at most kRetained
// bytes, or one long string; that grows with what has really come, never with what a length promises.
//
// Pure, one owner at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gyre::rdb {

enum class Read : uint8_t {
  kDone,
  kMore,     // the bytes end here
  kCorrupt,  // reason() says why
};

class Input {
 public:
  /// Strings up to this length are read where they are.
  static constexpr size_t kRetained = size_t{64} << 10;

  /// `with_checksum`: checksum() will be asked.
  explicit Input(bool with_checksum = false) : with_checksum_(with_checksum) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// The bytes that follow. They must stay where they are up to keep(), or as long as something is read.
  void feed(std::string_view slice);
  /// Keeps what was not read, so that the slice may go.
  void keep();
  /// What was not read.
  std::string_view rest() const { return window_.substr(at_); }
  /// Bytes read since the start.
  uint64_t position() const { return before_ + at_; }
  /// CRC-64 of all bytes read.
  uint64_t checksum();

  Read byte(uint8_t* out);
  /// `size` bytes, at most kRetained. Valid until the next call.
  Read bytes(size_t size, std::string_view* out);
  template <class T>
  Read raw(T* out) {
    std::string_view from;
    const Read read = bytes(sizeof(T), &from);
    if (read == Read::kDone) __builtin_memcpy(out, from.data(), sizeof(T));
    return read;
  }
  /// A length, which may be anything but the greatest number.
  Read length(uint64_t* out);
  /// A number of any size, written like a length.
  Read number(uint64_t* out);
  /// A string in any of its forms. Valid until the next call.
  Read string(std::string_view* out);

  /// Notes why the bytes are no good (the first reason counts): kCorrupt.
  Read fail(std::string reason);
  const std::string& reason() const { return reason_; }

 private:
  /// The head of a string: what it says about the bytes that follow.
  struct StringHead {
    size_t size = 0;      // of the head
    uint64_t stored = 0;  // bytes that follow
    uint64_t full = 0;    // bytes of the string
    bool compressed = false;
  };
  struct Length {
    size_t size = 0;  // of the length itself; 0: the bytes end before
    uint64_t value = 0;
    bool encoded = false;  // value is the number of a special form of strings
    bool valid = true;
  };
  static Length parse_length(std::string_view from);
  Read string_head(StringHead* head);
  Read integer(uint64_t form, std::string_view* out);
  Read fill(std::string_view* out);
  Read expand(std::string_view stored, uint64_t full, std::string_view* out);
  void take(size_t size) { at_ += size; }
  void count_checksum();

  const bool with_checksum_;
  std::string_view window_;  // the slice, or pending_
  size_t at_ = 0;
  size_t summed_ = 0;    // of the window: what checksum_ has
  uint64_t before_ = 0;  // bytes before the window
  uint64_t checksum_ = 0;
  std::string pending_;
  bool filling_ = false;  // a long string
  StringHead head_;
  std::string long_;      // its bytes so far
  std::string expanded_;  // a string that was compressed
  std::array<char, 24> digits_;
  std::string reason_;
};

}  // namespace gyre::rdb
