// Sets of integers in Redis's intset layout, byte for byte: an ascending array whose members all have the
// smallest width that the widest of them needs, or ever needed (removing never narrows).
//
//   intset = width:4 (2, 4 or 8) count:4 member*       little-endian, signed
//
// Views are values over memory of somebody else, edits work in memory of the caller: first planned, which
// gives the new size, then applied in place to memory with room for the larger of both sizes. Pure functions,
// any thread. Everything but intset_valid() trusts the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gyre/base/check.h"
#include "gyre/ds/little_endian.h"
#include "gyre/ds/packed_edit.h"

namespace gyre::ds {

constexpr size_t kIntsetHeader = 8;
constexpr std::string_view kEmptyIntset{"\x02\0\0\0\0\0\0\0", 8};

/// Bytes of a member: 2, 4 or 8.
constexpr uint32_t intset_width(int64_t value) {
  return value == static_cast<int16_t>(value) ? 2 : value == static_cast<int32_t>(value) ? 4 : 8;
}

class IntsetView {
 public:
  explicit IntsetView(std::string_view bytes)
      : bytes_(bytes.data()),
        width_(load_little<uint32_t>(bytes_)),
        count_(load_little<uint32_t>(bytes_ + 4)) {
    GYRE_CHECK(kIntsetHeader + size_t{count_} * width_ == bytes.size());
  }

  std::string_view bytes() const { return {bytes_, size()}; }
  size_t size() const { return kIntsetHeader + size_t{count_} * width_; }
  uint32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  uint32_t width() const { return width_; }

  /// Requires index < count(). Members ascend.
  int64_t get(uint32_t index) const {
    const char* const at = bytes_ + kIntsetHeader + size_t{index} * width_;
    if (width_ == 2) return load_little<int16_t>(at);
    if (width_ == 4) return load_little<int32_t>(at);
    return load_little<int64_t>(at);
  }
  /// Require !empty().
  int64_t min() const { return get(0); }
  int64_t max() const { return get(count_ - 1); }

  /// How many members are below `value`: where it is, or would be put.
  uint32_t lower_bound(int64_t value) const;
  bool contains(int64_t value) const {
    if (intset_width(value) > width_) return false;
    const uint32_t index = lower_bound(value);
    return index < count_ && get(index) == value;
  }

 private:
  const char* bytes_;
  uint32_t width_;
  uint32_t count_;
};

/// Adding or removing one member. It refers to nothing: the bytes it was planned with must be the ones it is
/// applied to.
class IntsetEdit {
 public:
  static IntsetEdit add(const IntsetView& set, int64_t value);
  static IntsetEdit remove(const IntsetView& set, int64_t value);

  /// False when the value is there already, or is not there: then there is nothing to apply (and applying is
  /// harmless).
  bool changes() const { return kind_ != Kind::kNothing; }
  size_t old_size() const { return old_size_; }
  size_t new_size() const { return new_size_; }

  /// `bytes` has room for the larger of both sizes.
  void apply(char* bytes) const;

  /// For an owner with resize(size), which keeps the bytes, and data().
  template <typename Buffer>
  void apply_to(Buffer& buffer) const {
    apply_resizing(*this, buffer);
  }

 private:
  enum class Kind : uint8_t { kNothing, kInsert, kWiden, kRemove };
  IntsetEdit(const IntsetView& set, Kind kind, int64_t value, uint32_t index);
  void widen(char* bytes) const;

  int64_t value_;
  size_t old_size_;
  size_t new_size_;
  uint32_t index_;
  uint32_t width_;
  uint32_t count_;  // before
  Kind kind_;
};

/// What write_intset() writes for `members`.
size_t intset_size(std::span<const int64_t> members);
/// `members` ascend without repetition. Writes intset_size() bytes with the smallest width.
void write_intset(std::span<const int64_t> members, char* out);

/// Without `deep`: the header and the size, and that there is a member, as Redis demands. With it: that
/// members ascend.
bool intset_valid(std::string_view bytes, bool deep);

}  // namespace gyre::ds
