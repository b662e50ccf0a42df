#include "list_value.h"

#include <algorithm>
#include <vector>

#include "gyre/ds/listpack_edit.h"
#include "list_limits.h"

namespace gyre::cmd {

namespace {

using ds::ListpackEdit;
using ds::ListpackView;
using ds::PackedElement;
using store::ListLimits;
using store::ListObject;

/// The pieces in which an object keeps a small list are this many at most: Redis, which has other borders
/// between pieces, would have one.
constexpr uint64_t kPiecesToPack = 2;

const ListObject& object_of(const Entry& entry) { return static_cast<const ListObject&>(entry.object()); }

size_t total_bytes(ListEdit::Values values) {
  size_t bytes = 0;
  for (const std::string_view value : values) bytes += value.size();
  return bytes;
}

void push_to(ListObject& list, ListEdit::Values values, ListEnd end) {
  for (const std::string_view value : values) {
    if (end == ListEnd::kHead) {
      list.push_front(value);
    } else {
      list.push_back(value);
    }
  }
}

/// The values as elements, in the order in which they will stand.
std::vector<PackedElement> in_order(ListEdit::Values values, ListEnd end) {
  std::vector<PackedElement> elements(values.begin(), values.end());
  if (end == ListEnd::kHead) std::reverse(elements.begin(), elements.end());
  return elements;
}

/// Erases elements of a listpack wherever they are (an edit, as ListpackEdit is one).
class EraseAll {
 public:
  EraseAll(const ListpackView& list, std::span<const uint64_t> indexes)
      : old_size_(list.size()), new_size_(list.size()) {
    positions_.reserve(indexes.size());
    uint32_t at = list.first();
    uint64_t here = 0;
    for (const uint64_t index : indexes) {
      at = list.skip(at, index - here);
      here = index;
      positions_.push_back(at);
      new_size_ -= list.next(at) - at;
    }
  }
  size_t old_size() const { return old_size_; }
  size_t new_size() const { return new_size_; }
  void apply(char* bytes) const { ds::listpack_erase_all(bytes, positions_); }

 private:
  std::vector<uint32_t> positions_;
  size_t old_size_, new_size_;
};

}  // namespace

uint64_t list_size(const Entry& entry) {
  return entry.is_object() ? entry.object().size() : ListpackView(entry.raw_value()).count();
}

ListWalk::ListWalk(const Entry& entry, uint64_t index, ListEnd towards)
    : packed_(!entry.is_object()), towards_(towards) {
  if (!packed_) {
    cursor_ = object_of(entry).at(index);
    return;
  }
  list_ = ListpackView(entry.raw_value());
  at_ = index <= INT64_MAX ? list_.seek(static_cast<int64_t>(index)) : list_.end();
}

template <class Edit>
void ListEdit::change_packed(const Edit& edit) {
  entry_ = db_.change_packed(key_, entry_, edit);
}

void ListEdit::grow(size_t bytes, size_t count) {
  if (!packed()) return;
  const ListpackView list = this->list();
  if (!PackedListLimits(max_size_).exceeded(list.size() + bytes, list.count() + count)) return;
  entry_ = db_.put_object(
      key_, entry_, ListObject::from_packed(list.bytes(), ListLimits::of(max_size_, compress_depth_)),
      {Expiry::kKeep});
}

void ListEdit::create(Values values, ListEnd end) {
  if (PackedListLimits(max_size_).exceeded(ds::kEmptyListpack.size() + total_bytes(values), values.size())) {
    auto list = std::make_unique<ListObject>(ListLimits::of(max_size_, compress_depth_));
    push_to(*list, values, end);
    entry_ = db_.put_object(key_, nullptr, std::move(list));
    return;
  }
  ds::ListpackBuilder list;
  if (end == ListEnd::kHead) {
    for (size_t i = values.size(); i-- > 0;) list.add(values[i]);
  } else {
    for (const std::string_view value : values) list.add(value);
  }
  entry_ = db_.put_packed(key_, nullptr, store::kListListpack, list.finish());
}

void ListEdit::push(Values values, ListEnd end) {
  if (!entry_) return create(values, end);
  grow(total_bytes(values), values.size());
  if (!packed()) {
    store::ObjectEdit edit = db_.edit_object(key_, entry_);
    push_to(edit.as<ListObject>(), values, end);
    return edit.changed();
  }
  const ListpackView list = this->list();
  const uint32_t at = end == ListEnd::kHead ? list.begin() : list.end();
  if (values.size() == 1) [[likely]] {
    const PackedElement element(values[0]);
    return change_packed(ListpackEdit::insert(list, at, {&element, 1}));
  }
  const std::vector<PackedElement> elements = in_order(values, end);
  change_packed(ListpackEdit::insert(list, at, elements));
}

void ListEdit::insert(uint64_t index, std::string_view value) {
  grow(value.size(), 1);
  const PackedElement element(value);
  if (!packed()) {
    store::ObjectEdit edit = db_.edit_object(key_, entry_);
    edit.as<ListObject>().insert(index, element);
    return edit.changed();
  }
  const ListpackView list = this->list();
  change_packed(ListpackEdit::insert(list, list.skip(list.first(), index), {&element, 1}));
}

void ListEdit::replace(uint64_t index, std::string_view value) {
  grow(value.size(), 1);
  const PackedElement element(value);
  if (!packed()) {
    store::ObjectEdit edit = db_.edit_object(key_, entry_);
    edit.as<ListObject>().replace(index, element);
    return edit.changed();
  }
  const ListpackView list = this->list();
  change_packed(ListpackEdit::replace(list, list.seek(static_cast<int64_t>(index)), {&element, 1}));
}

void ListEdit::erase(uint64_t index, uint64_t count) {
  const uint64_t size = this->size();
  if (count == 0 || index >= size) return;
  if (index == 0 && count >= size) {
    db_.erase(key_, entry_);
    entry_ = nullptr;
    return;
  }
  if (!packed()) {
    store::ObjectEdit edit = db_.edit_object(key_, entry_);
    edit.as<ListObject>().erase(index, count);
    return edit.changed();
  }
  const ListpackView list = this->list();
  change_packed(ListpackEdit::erase(list, list.seek(static_cast<int64_t>(index)), count));
}

void ListEdit::erase_all(std::span<const uint64_t> indexes) {
  if (indexes.empty()) return;
  if (indexes.size() == size()) return erase(0, indexes.size());
  if (packed()) return change_packed(EraseAll(list(), indexes));
  store::ObjectEdit edit = db_.edit_object(key_, entry_);
  ListObject& list = edit.as<ListObject>();
  // From the back, neighbours together: what stands before keeps its index.
  for (size_t end = indexes.size(); end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && indexes[begin - 1] + 1 == indexes[begin]) --begin;
    list.erase(indexes[begin], end - begin);
    end = begin;
  }
  edit.changed();
}

void ListEdit::shrink() {
  if (!entry_ || packed()) return;
  const ListObject& list = object_of(*entry_);
  if (list.nodes() > kPiecesToPack) return;
  const PackedListLimits limits(max_size_);
  size_t bytes = 0;
  for (ds::BlockCursor node = list.first_node(); node.valid(); node.next()) {
    const ListObject::Node piece = ListObject::node(node);
    if (piece.plain || piece.expanded_size != 0) return;
    bytes += piece.bytes.size();
  }
  if (!limits.half_full(bytes, list.size())) return;
  ds::ListpackBuilder packed(bytes);
  for (ds::BlockCursor node = list.first_node(); node.valid(); node.next()) {
    const ListpackView piece(ListObject::node(node).bytes);
    packed.add_between(piece, piece.begin(), piece.end());
  }
  entry_ = db_.put_packed(key_, entry_, store::kListListpack, packed.finish(), {Expiry::kKeep});
}

}  // namespace gyre::cmd
