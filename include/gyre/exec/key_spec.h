// Where a command's keys are among its arguments and what is done to them: the key specifications of Redis 7
// (https://redis.io/docs/reference/key-specs/). Constant data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace gyre::exec {

/// What happens to a key (one of kRo..kRm) and to the user's data in it (any of kAccess..kDelete).
namespace keyflag {
inline constexpr uint16_t kRo = 1 << 0;              // reads the key, not necessarily its data
inline constexpr uint16_t kRw = 1 << 1;              // changes the value it finds
inline constexpr uint16_t kOw = 1 << 2;              // replaces the value whatever it was
inline constexpr uint16_t kRm = 1 << 3;              // removes the key
inline constexpr uint16_t kAccess = 1 << 4;          // returns or copies the data
inline constexpr uint16_t kUpdate = 1 << 5;          // changes data, maybe depending on what was there
inline constexpr uint16_t kInsert = 1 << 6;          // adds data, never touching what was there
inline constexpr uint16_t kDelete = 1 << 7;          // deletes data explicitly
inline constexpr uint16_t kNotKey = 1 << 8;          // routed like a key in a cluster, but is none
inline constexpr uint16_t kIncomplete = 1 << 9;      // there may be keys that the spec does not find
inline constexpr uint16_t kVariableFlags = 1 << 10;  // what is done depends on other arguments
}  // namespace keyflag

/// Positions count from the command name (0).
struct KeySpec {
  enum class Begin : uint8_t { kIndex, kKeyword, kUnknown };
  enum class Find : uint8_t { kRange, kKeyNum, kUnknown };

  uint16_t flags = 0;
  Begin begin = Begin::kIndex;
  Find find = Find::kRange;
  int16_t begin_at = 0;      // kIndex: the position; kKeyword: where the search starts, negative from the end
  int16_t last_key = 0;      // kRange: relative to the first key; negative: from the end
  int16_t key_step = 1;      // kRange, kKeyNum
  int16_t limit = 0;         // kRange with last_key -1: only the first 1/limit of the rest; 0 and 1 mean all
  int16_t key_num_at = 0;    // kKeyNum: where the count is, relative to the begin
  int16_t first_key = 0;     // kKeyNum: where the first key is, relative to the begin
  std::string_view keyword;  // kKeyword
  std::string_view notes;
};

/// The key specs of a row, held in line.
class KeySpecs {
 public:
  static constexpr size_t kMax = 3;

  constexpr KeySpecs() = default;
  constexpr KeySpecs(std::initializer_list<KeySpec> specs) {
    for (const KeySpec& spec : specs)
      specs_[size_++] = spec;  // more than kMax does not compile in a constant
  }
  constexpr const KeySpec* begin() const { return specs_; }
  constexpr const KeySpec* end() const { return specs_ + size_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const KeySpec& operator[](size_t i) const { return specs_[i]; }

 private:
  uint8_t size_ = 0;
  KeySpec specs_[kMax];
};

namespace notation {

/// One key at a fixed position.
constexpr KeySpec key_at(int16_t position, uint16_t flags, std::string_view notes = {}) {
  return {.flags = flags, .begin_at = position, .notes = notes};
}
/// Keys from a position to `last` (relative to it; negative: from the end), every `step` arguments.
constexpr KeySpec keys_from(int16_t position, uint16_t flags, int16_t last = -1, int16_t step = 1) {
  return {.flags = flags, .begin_at = position, .last_key = last, .key_step = step};
}
/// A count at `position`, followed by that many keys from `first` arguments after it.
constexpr KeySpec counted_keys(int16_t position, uint16_t flags, int16_t first = 1, int16_t step = 1) {
  return {.flags = flags,
          .find = KeySpec::Find::kKeyNum,
          .begin_at = position,
          .key_step = step,
          .first_key = first};
}

/// Keys that no position tells.
constexpr KeySpec unknown_keys(uint16_t flags, std::string_view notes) {
  return {.flags = flags,
          .begin = KeySpec::Begin::kUnknown,
          .find = KeySpec::Find::kUnknown,
          .notes = notes};
}

}  // namespace notation
}  // namespace gyre::exec
