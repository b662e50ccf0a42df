#include "set_builder.h"

#include <algorithm>

#include "gyre/ds/listpack_edit.h"

namespace gyre::cmd {

using store::kSetIntset;
using store::kSetListpack;
using store::kSetTable;
using store::SetObject;

SetBuilder::SetBuilder(const SetLimits& limits, store::ValueForm form)
    : limits_(limits), form_(form), bytes_(form == kSetIntset ? ds::kEmptyIntset : ds::kEmptyListpack) {}

SetBuilder::SetBuilder(const SetLimits& limits, const SetView& set) : limits_(limits), form_(set.form()) {
  if (set.is_table()) {
    object_ = std::make_unique<SetObject>(set.table().freeze());
  } else {
    bytes_ = set.is_intset() ? set.intset().bytes() : set.listpack().bytes();
  }
}

SetBuilder SetBuilder::for_members(const SetLimits& limits, Member& first, uint64_t expected) {
  SetBuilder set(limits, kSetListpack);
  if (expected <= limits.intset_entries && first.integer()) {
    set.form_ = kSetIntset;
    set.bytes_ = ds::kEmptyIntset;
  } else if (expected > limits.listpack_entries) {
    set.make_table();
  }
  return set;
}

void SetBuilder::expect(uint64_t count) {
  if (!object_ && count > (form_ == kSetIntset ? limits_.intset_entries : limits_.listpack_entries))
    make_table();
}

void SetBuilder::add_all(const SetView& set) {
  if (set.is_table() && must_be_table(limits_, set.size())) {
    object_ = std::make_unique<SetObject>(set.table().freeze());
    form_ = kSetTable;
    return;
  }
  set.for_each([this](Member& member) { add(member); });
}

bool SetBuilder::add(Member& member) {
  if (object_) return object_->trie().insert(member.text(), {}, member.hash(object_->trie()));
  return form_ == kSetIntset ? add_to_intset(member) : add_to_listpack(member);
}

bool SetBuilder::add_to_intset(Member& member) {
  if (member.integer()) {
    const auto edit = ds::IntsetEdit::add(ds::IntsetView(bytes_), *member.integer());
    if (!edit.changes()) return false;
    edit.apply_to(bytes_);
    if (ds::IntsetView(bytes_).count() > max_intset_entries(limits_)) make_table();
    return true;
  }
  if (!integers_fit_listpack(member)) {
    make_table();
    return add(member);
  }
  make_listpack();
  append(member);
  return true;
}

/// Whether the members of the intset, and one that is no integer, may be a listpack.
bool SetBuilder::integers_fit_listpack(Member& extra) const {
  const ds::IntsetView members(bytes_);
  size_t longest = 0, bytes = ds::kListpackHeader + 1;
  if (!members.empty()) {
    char digits[base::kInt64TextMax];
    longest = std::max(base::format_int64(members.min(), digits), base::format_int64(members.max(), digits));
    bytes += members.count() *
             std::max(ds::listpack_element_size(members.min()), ds::listpack_element_size(members.max()));
  }
  const size_t size = extra.text().size();
  return members.count() < limits_.listpack_entries && size <= limits_.listpack_value &&
         longest <= limits_.listpack_value && ds::listpack_safe_to_add(0, bytes + size);
}

bool SetBuilder::add_to_listpack(Member& member) {
  const ds::ListpackView members(bytes_);
  const std::string_view text = member.text();
  if (members.find(members.first(), text) != members.end()) return false;
  if (members.count() < limits_.listpack_entries && text.size() <= limits_.listpack_value &&
      ds::listpack_safe_to_add(members.size(), text.size())) {
    append(member);
    return true;
  }
  make_table();
  return add(member);
}

void SetBuilder::append(Member& member) {
  const ds::PackedElement element = member.element();
  ds::ListpackEdit::append(ds::ListpackView(bytes_), {&element, 1}).apply_to(bytes_);
}

bool SetBuilder::remove(Member& member) {
  if (object_) return object_->trie().erase(member.text(), member.hash(object_->trie()));
  if (form_ == kSetIntset) {
    if (!member.integer()) return false;
    const auto edit = ds::IntsetEdit::remove(ds::IntsetView(bytes_), *member.integer());
    if (edit.changes()) edit.apply_to(bytes_);
    return edit.changes();
  }
  const ds::ListpackView members(bytes_);
  const uint32_t at = members.find(members.first(), member.text());
  if (at == members.end()) return false;
  ds::ListpackEdit::erase(members, at).apply_to(bytes_);
  return true;
}

void SetBuilder::prefer_intset() {
  if (form_ == kSetIntset || size() > max_intset_entries(limits_)) return;
  std::string integers(ds::kEmptyIntset);
  bool all = true;
  view().for_each([&](Member& member) {
    all = member.integer().has_value();
    if (all) ds::IntsetEdit::add(ds::IntsetView(integers), *member.integer()).apply_to(integers);
    return all;
  });
  if (!all) return;
  object_.reset();
  bytes_ = std::move(integers);
  form_ = kSetIntset;
}

void SetBuilder::make_listpack() {
  ds::ListpackBuilder list;
  view().for_each([&list](Member& member) { list.add(member.element()); });
  bytes_ = list.finish();
  form_ = kSetListpack;
}

void SetBuilder::make_table() {
  object_ = SetObject::from_packed(form_, bytes_);
  form_ = kSetTable;
  bytes_.clear();
}

void SetBuilder::put(store::Db& db, const store::Key& key, store::Entry* found, store::Expiry expiry) {
  if (object_) {
    db.put_object(key, found, std::move(object_), expiry);
  } else {
    db.put_packed(key, found, form_, bytes_, expiry);
  }
}

}  // namespace gyre::cmd
