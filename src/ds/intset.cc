#include "gyre/ds/intset.h"

#include <limits>

namespace gyre::ds {
namespace {

void store_member(char* at, int64_t value, uint32_t width) {
  if (width == 2) {
    store_little(at, static_cast<int16_t>(value));
  } else if (width == 4) {
    store_little(at, static_cast<int32_t>(value));
  } else {
    store_little(at, value);
  }
}

void write_header(char* bytes, uint32_t width, uint32_t count) {
  store_little(bytes, width);
  store_little(bytes + 4, count);
}

/// Without branches: a search's path is random, and each wrong guess would cost more than a step.
template <typename Member>
uint32_t count_below(const char* members, uint32_t count, int64_t value) {
  const char* base = members;
  while (count > 1) {
    const uint32_t half = count / 2;
    const bool below = load_little<Member>(base + (half - 1) * sizeof(Member)) < value;
    base += below ? half * sizeof(Member) : 0;
    count -= half;
  }
  const bool below = count == 1 && load_little<Member>(base) < value;
  return static_cast<uint32_t>(static_cast<size_t>(base - members) / sizeof(Member)) + (below ? 1 : 0);
}

uint32_t width_for(std::span<const int64_t> members) {
  if (members.empty()) return 2;
  const uint32_t low = intset_width(members.front()), high = intset_width(members.back());
  return low > high ? low : high;
}

}  // namespace

uint32_t IntsetView::lower_bound(int64_t value) const {
  const char* const members = bytes_ + kIntsetHeader;
  // Members often come in their order.
  if (count_ == 0 || value > max()) return count_;
  if (width_ == 2) return count_below<int16_t>(members, count_, value);
  if (width_ == 4) return count_below<int32_t>(members, count_, value);
  return count_below<int64_t>(members, count_, value);
}

IntsetEdit::IntsetEdit(const IntsetView& set, Kind kind, int64_t value, uint32_t index)
    : value_(value),
      old_size_(set.size()),
      index_(index),
      width_(kind == Kind::kWiden ? intset_width(value) : set.width()),
      count_(set.count()),
      kind_(kind) {
  const size_t count = kind == Kind::kNothing  ? count_
                       : kind == Kind::kRemove ? count_ - size_t{1}
                                               : count_ + size_t{1};
  GYRE_CHECK(count <= std::numeric_limits<uint32_t>::max());
  new_size_ = kIntsetHeader + count * width_;
}

IntsetEdit IntsetEdit::add(const IntsetView& set, int64_t value) {
  // Too wide for the members that are there: it is above or below them all.
  if (intset_width(value) > set.width()) return {set, Kind::kWiden, value, value < 0 ? 0 : set.count()};
  const uint32_t index = set.lower_bound(value);
  const bool there = index < set.count() && set.get(index) == value;
  return {set, there ? Kind::kNothing : Kind::kInsert, value, index};
}

IntsetEdit IntsetEdit::remove(const IntsetView& set, int64_t value) {
  const uint32_t index = intset_width(value) <= set.width() ? set.lower_bound(value) : set.count();
  const bool there = index < set.count() && set.get(index) == value;
  return {set, there ? Kind::kRemove : Kind::kNothing, value, index};
}

void IntsetEdit::widen(char* bytes) const {
  const IntsetView old({bytes, old_size_});
  // From the back: a member's new place is never before its old one.
  const uint32_t shift = index_ == 0 ? 1 : 0;
  for (uint32_t i = count_; i-- > 0;) {
    store_member(bytes + kIntsetHeader + size_t{i + shift} * width_, old.get(i), width_);
  }
}

void IntsetEdit::apply(char* bytes) const {
  char* const at = bytes + kIntsetHeader + size_t{index_} * width_;
  const size_t behind = size_t{count_ - index_} * width_;
  switch (kind_) {
    case Kind::kNothing:
      return;
    case Kind::kRemove:
      std::memmove(at, at + width_, behind - width_);
      write_header(bytes, width_, count_ - 1);
      return;
    case Kind::kInsert:
      std::memmove(at + width_, at, behind);
      break;
    case Kind::kWiden:
      widen(bytes);
      break;
  }
  store_member(at, value_, width_);
  write_header(bytes, width_, count_ + 1);
}

size_t intset_size(std::span<const int64_t> members) {
  return kIntsetHeader + members.size() * width_for(members);
}

void write_intset(std::span<const int64_t> members, char* out) {
  const uint32_t width = width_for(members);
  write_header(out, width, static_cast<uint32_t>(members.size()));
  out += kIntsetHeader;
  for (const int64_t member : members) {
    store_member(out, member, width);
    out += width;
  }
}

bool intset_valid(std::string_view bytes, bool deep) {
  if (bytes.size() < kIntsetHeader) return false;
  const auto width = load_little<uint32_t>(bytes.data());
  const auto count = load_little<uint32_t>(bytes.data() + 4);
  if (width != 2 && width != 4 && width != 8) return false;
  if (count == 0 || kIntsetHeader + size_t{count} * width != bytes.size()) return false;
  if (!deep) return true;
  const IntsetView set(bytes);
  for (uint32_t i = 1; i < count; ++i) {
    if (set.get(i) <= set.get(i - 1)) return false;
  }
  return true;
}

}  // namespace gyre::ds
