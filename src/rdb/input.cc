#include "gyre/rdb/input.h"

#include <lzf.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "gyre/base/crc64.h"
#include "gyre/base/numbers.h"

namespace gyre::rdb {

namespace {

constexpr unsigned kForm6 = 0, kForm14 = 1, kFormEncoded = 3;
constexpr uint8_t kLength32 = 0x80, kLength64 = 0x81;
constexpr uint64_t kInt8 = 0, kInt16 = 1, kInt32 = 2, kLzf = 3;
/// No three bytes of LZF stand for more.
constexpr uint64_t kMostExpansion = 264;
/// Redis takes this length for "could not be read".
constexpr uint64_t kNoLength = std::numeric_limits<uint64_t>::max();

template <class T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace

void Input::count_checksum() {
  if (with_checksum_ && at_ > summed_)
    checksum_ = base::crc64(checksum_, window_.substr(summed_, at_ - summed_));
  summed_ = at_;
}

uint64_t Input::checksum() {
  count_checksum();
  return checksum_;
}

void Input::feed(std::string_view slice) {
  count_checksum();
  before_ += at_;
  if (!filling_ && long_.capacity() > 0) long_ = std::string();
  if (at_ == window_.size()) {
    window_ = slice;
    pending_.clear();
  } else {
    // What is left is in pending_ if keep() was called.
    if (window_.data() == pending_.data()) {
      pending_.erase(0, at_);
    } else {
      pending_.assign(window_.substr(at_));
    }
    pending_ += slice;
    window_ = pending_;
  }
  at_ = summed_ = 0;
}

void Input::keep() {
  if (window_.data() != pending_.data() || at_ == window_.size()) feed({});
}

Read Input::fail(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
  return Read::kCorrupt;
}

Read Input::byte(uint8_t* out) { return raw(out); }

Read Input::bytes(size_t size, std::string_view* out) {
  if (window_.size() - at_ < size) return Read::kMore;
  *out = window_.substr(at_, size);
  take(size);
  return Read::kDone;
}

Input::Length Input::parse_length(std::string_view from) {
  if (from.empty()) return {};
  const auto first = static_cast<uint8_t>(from[0]);
  const unsigned form = first >> 6;
  if (form == kForm6 || form == kFormEncoded) return {1, first & 63U, form == kFormEncoded, true};
  if (form == kForm14) {
    if (from.size() < 2) return {};
    return {2, (first & 63U) << 8 | static_cast<uint8_t>(from[1]), false, true};
  }
  if (first != kLength32 && first != kLength64) return {1, first, false, false};
  const size_t size = first == kLength32 ? sizeof(uint32_t) : sizeof(uint64_t);
  if (from.size() < 1 + size) return {};
  return {1 + size,
          size == sizeof(uint32_t) ? __builtin_bswap32(load<uint32_t>(from.data() + 1))
                                   : __builtin_bswap64(load<uint64_t>(from.data() + 1)),
          false, true};
}

Read Input::number(uint64_t* out) {
  const Length length = parse_length(rest());
  if (length.size == 0) return Read::kMore;
  if (!length.valid)
    return fail("Unknown length encoding " + std::to_string(length.value) + " in rdbLoadLen()");
  take(length.size);
  *out = length.value;
  return Read::kDone;
}

Read Input::length(uint64_t* out) {
  const Read read = number(out);
  if (read == Read::kDone && *out == kNoLength) return fail("Length out of range");
  return read;
}

Read Input::string_head(StringHead* head) {
  const Length length = parse_length(rest());
  if (length.size == 0) return Read::kMore;
  if (!length.valid)
    return fail("Unknown length encoding " + std::to_string(length.value) + " in rdbLoadLen()");
  if (!length.encoded) {
    if (length.value == kNoLength) return fail("Length out of range");
    *head = {length.size, length.value, length.value, false};
    return Read::kDone;
  }
  if (length.value != kLzf) return fail("Unknown RDB string encoding type " + std::to_string(length.value));
  const Length stored = parse_length(rest().substr(1));
  if (stored.size == 0) return Read::kMore;
  const Length full = parse_length(rest().substr(1 + stored.size));
  if (full.size == 0 && stored.valid) return Read::kMore;
  if (!stored.valid || !full.valid || stored.value > std::numeric_limits<unsigned>::max() ||
      full.value > std::numeric_limits<unsigned>::max() || full.value / kMostExpansion > stored.value)
    return fail("Invalid LZF compressed string");
  *head = {1 + stored.size + full.size, stored.value, full.value, true};
  return Read::kDone;
}

Read Input::integer(uint64_t form, std::string_view* out) {
  const size_t size = form == kInt8 ? 1 : form == kInt16 ? 2 : 4;
  if (rest().size() < 1 + size) return Read::kMore;
  const char* const at = rest().data() + 1;
  const int64_t value = form == kInt8    ? load<int8_t>(at)
                        : form == kInt16 ? load<int16_t>(at)
                                         : load<int32_t>(at);
  take(1 + size);
  *out = {digits_.data(), base::format_int64(value, digits_.data())};
  return Read::kDone;
}

Read Input::string(std::string_view* out) {
  if (filling_) return fill(out);
  if (at_ < window_.size()) {
    const auto first = static_cast<uint8_t>(window_[at_]);
    if (first >> 6 == kFormEncoded && (first & 63) <= kInt32) return integer(first & 63, out);
  }
  StringHead head;
  if (const Read read = string_head(&head); read != Read::kDone) return read;
  if (rest().size() - head.size >= head.stored) {
    const std::string_view stored = rest().substr(head.size, head.stored);
    if (head.compressed) {
      const Read read = expand(stored, head.full, out);
      if (read == Read::kDone) take(head.size + stored.size());
      return read;
    }
    take(head.size + stored.size());
    *out = stored;
    return Read::kDone;
  }
  if (head.stored <= kRetained) return Read::kMore;
  take(head.size);
  head_ = head;
  filling_ = true;
  long_.clear();
  return fill(out);
}

Read Input::fill(std::string_view* out) {
  const size_t part = std::min<uint64_t>(head_.stored - long_.size(), rest().size());
  long_ += rest().substr(0, part);
  take(part);
  if (long_.size() < head_.stored) return Read::kMore;
  filling_ = false;
  if (head_.compressed) return expand(long_, head_.full, out);
  *out = long_;
  return Read::kDone;
}

Read Input::expand(std::string_view stored, uint64_t full, std::string_view* out) {
  // The memory of an exceptional string is not kept for ever.
  if (expanded_.capacity() > kRetained && full <= kRetained) expanded_ = std::string();
  expanded_.resize(full);
  if (stored.empty() || full == 0 ||
      lzf_decompress(stored.data(), static_cast<unsigned>(stored.size()), expanded_.data(),
                     static_cast<unsigned>(full)) != full)
    return fail("Invalid LZF compressed string");
  *out = expanded_;
  return Read::kDone;
}

}  // namespace gyre::rdb
