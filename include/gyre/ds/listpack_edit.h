// Changing and building listpacks in memory of the caller: in line in an entry, in a blob, in a string.
//
// An edit is first planned, which gives the new size, and then applied in place to memory that has room for
// the larger of both sizes. The owner grows its memory between the two, or shrinks it afterwards; apply_to()
// does that for owners that look like a string. Every edit is a splice: some elements in a row go, others
// come in their place. So pushing a hundred elements, or replacing a value, is one resize and at most one
// move.
//
//   const PackedElement pair[] = {field, value};
//   const auto edit = ListpackEdit::append(ListpackView(bytes), pair);
//   edit.apply_to(buffer);
//
// An edit refers to the listpack and to the elements it was planned with: neither may change or go before it
// is applied, and no new element may point into the listpack itself. Sizes must stay below 4 GB (a CHECK;
// Redis's own limit, listpack_safe_to_add(), is for the caller to ask first). The count in the header stays
// "unknown" once it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gyre/ds/listpack.h"
#include "gyre/ds/packed_edit.h"
#include "gyre/ds/packed_element.h"

namespace gyre::ds {

/// Writes the encoding and the backlen of `element`: listpack_element_size() bytes. Returns the byte behind
/// them.
char* write_listpack_element(const PackedElement& element, char* out);

class ListpackEdit {
 public:
  using Values = std::span<const PackedElement>;

  /// `count` elements from position `at` on, or as many as there are, are replaced by `values`.
  static ListpackEdit splice(const ListpackView& list, uint32_t at, size_t count, Values values);

  /// Before the element at `at`; at end() appends.
  static ListpackEdit insert(const ListpackView& list, uint32_t at, Values values) {
    return {list, at, at, 0, values};
  }
  static ListpackEdit append(const ListpackView& list, Values values) {
    return insert(list, list.end(), values);
  }
  /// `values` stand in front in their order: the caller of LPUSH a b gives {b, a}.
  static ListpackEdit prepend(const ListpackView& list, Values values) {
    return insert(list, list.begin(), values);
  }
  /// Requires at != end().
  static ListpackEdit replace(const ListpackView& list, uint32_t at, Values values) {
    return {list, at, list.next(at), 1, values};
  }
  static ListpackEdit erase(const ListpackView& list, uint32_t at, size_t count = 1) {
    return splice(list, at, count, {});
  }
  /// From position `from` up to, without, `to`.
  static ListpackEdit erase_between(const ListpackView& list, uint32_t from, uint32_t to) {
    return {list, from, to, list.count_between(from, to), {}};
  }
  /// All elements of `other`, another listpack, before position `at`: merges two nodes. Counts when the
  /// header does not know, as Redis does on a merge.
  static ListpackEdit insert_all(const ListpackView& list, uint32_t at, const ListpackView& other);

  size_t old_size() const { return old_size_; }
  size_t new_size() const { return new_size_; }
  /// Afterwards: where the first new element is, or what followed the erased ones (end() if nothing did).
  uint32_t at() const { return from_; }
  /// Afterwards: where that is which stood behind the changed elements.
  uint32_t after() const { return static_cast<uint32_t>(new_size_ - (old_size_ - to_)); }

  /// `bytes` is the listpack as planned with, with room for new_size().
  void apply(char* bytes) const;

  /// For an owner with resize(size), which keeps the bytes, and data().
  template <typename Buffer>
  void apply_to(Buffer& buffer) const {
    apply_resizing(*this, buffer);
  }

 private:
  ListpackEdit(const ListpackView& list, uint32_t from, uint32_t to, size_t removed, Values values);
  void set_size(size_t added_bytes);

  Values values_;
  std::string_view body_;  // elements already encoded, instead of values
  size_t old_size_;
  size_t new_size_ = 0;
  uint32_t from_;
  uint32_t to_;
  uint16_t new_count_;
};

/// Erases the elements at `positions`, which ascend, in one pass. Returns the new size.
size_t listpack_erase_all(char* bytes, std::span<const uint32_t> positions);

/// Builds a listpack of elements that come one by one, in a string.
class ListpackBuilder {
 public:
  explicit ListpackBuilder(size_t expected_bytes = 0);
  void add(const PackedElement& element);
  /// The elements of `list` from position `from` up to, without, `to`, as they are stored.
  void add_between(const ListpackView& list, uint32_t from, uint32_t to);
  size_t count() const { return count_; }
  /// Of the finished listpack.
  size_t size() const { return bytes_.size() + 1; }
  /// The listpack; the builder is empty again.
  std::string finish();

 private:
  std::string bytes_;
  size_t count_ = 0;
};

}  // namespace gyre::ds
