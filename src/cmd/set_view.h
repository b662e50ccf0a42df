// Sets however they are kept: an intset, a listpack or a table. Private to this module.
//
// Views look at the bytes or at the object of somebody else, and are valid until that changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "gyre/base/random.h"
#include "gyre/ds/intset.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/entry.h"
#include "gyre/store/trie_object.h"

namespace gyre::cmd {

/// A member of a set, or what might be one: text, integer and hash are made when first asked for, so that a
/// member can be looked for in many sets. Refers to the text that it was made from.
class Member {
 public:
  explicit Member(std::string_view text) : text_(text), has_text_(true) {}
  explicit Member(int64_t integer) : integer_(integer), has_integer_(true) {}
  explicit Member(const ds::PackedElement& element) : has_text_(!element.is_integer()) {
    if (has_text_) {
      text_ = element.bytes();
    } else {
      integer_ = element.integer();
      has_integer_ = true;
    }
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  std::string_view text() {
    if (!has_text_) {
      text_ = {digits_, base::format_int64(*integer_, digits_)};
      has_text_ = true;
    }
    return text_;
  }
  /// Nothing when the text is no canonical integer.
  const std::optional<int64_t>& integer() {
    if (!has_integer_) {
      integer_ = base::parse_int64(text_);
      has_integer_ = true;
    }
    return integer_;
  }
  ds::PackedElement element() {
    return integer() ? ds::PackedElement(*integer_) : ds::PackedElement::raw(text_);
  }
  /// Its hash in the table of a set: the same in all of them.
  uint64_t hash(const ds::HashTrie& table) {
    if (!has_hash_) {
      hash_ = table.hash_of(text());
      has_hash_ = true;
    }
    return hash_;
  }

 private:
  std::string_view text_;
  std::optional<int64_t> integer_;
  uint64_t hash_ = 0;
  bool has_text_ = false, has_integer_ = false, has_hash_ = false;
  char digits_[base::kInt64TextMax];
};

class SetView {
 public:
  /// Requires a packed form.
  SetView(store::ValueForm form, std::string_view bytes) : bytes_(bytes), form_(form) {}
  explicit SetView(const store::SetObject& object) : table_(&object.trie()), form_(store::kSetTable) {}
  /// Requires an entry that is a set.
  explicit SetView(const store::Entry& entry) : form_(entry.form()) {
    if (entry.is_object()) {
      table_ = &static_cast<const store::SetObject&>(entry.object()).trie();
    } else {
      bytes_ = entry.raw_value();
    }
  }

  store::ValueForm form() const { return form_; }
  bool is_table() const { return table_ != nullptr; }
  bool is_intset() const { return form_ == store::kSetIntset; }
  const ds::HashTrie& table() const { return *table_; }
  ds::IntsetView intset() const { return ds::IntsetView(bytes_); }
  ds::ListpackView listpack() const { return ds::ListpackView(bytes_); }

  uint64_t size() const {
    return is_table() ? table_->size() : is_intset() ? intset().count() : listpack().count();
  }
  bool contains(Member& member) const;

  /// Calls visit(Member&) for each member, until it returns false if it returns a bool.
  template <class Visit>
  void for_each(Visit&& visit) const;

  /// Calls visit(Member&) with one of the members, each with the same chance. Requires: not empty.
  template <class Visit>
  void random(base::Random& random, Visit&& visit) const;

  /// Calls visit(Member&, chosen) for each member, where `count` of them have been chosen: each choice has
  /// the same chance. Requires: count <= size().
  template <class Visit>
  void sample(base::Random& random, uint64_t count, Visit&& visit) const {
    uint64_t left = size();
    for_each([&](Member& member) {
      const bool chosen = count != 0 && random.below(left) < count;
      --left;
      count -= chosen;
      visit(member, chosen);
    });
  }

 private:
  template <class Visit>
  static bool goes_on(Visit& visit, Member& member) {
    if constexpr (std::is_void_v<std::invoke_result_t<Visit&, Member&>>) {
      visit(member);
      return true;
    } else {
      return visit(member);
    }
  }

  std::string_view bytes_;
  const ds::HashTrie* table_ = nullptr;
  store::ValueForm form_;
};

template <class Visit>
void SetView::for_each(Visit&& visit) const {
  if (is_table()) {
    ds::HashTrie::Cursor cursor(*table_);
    for (ds::HashTrie::Element element; cursor.next(element);) {
      Member member(element.field);
      if (!goes_on(visit, member)) return;
    }
  } else if (is_intset()) {
    const ds::IntsetView members = intset();
    for (uint32_t i = 0; i < members.count(); ++i) {
      Member member(members.get(i));
      if (!goes_on(visit, member)) return;
    }
  } else {
    const ds::ListpackView members = listpack();
    for (uint32_t at = members.first(); at != members.end(); at = members.next(at)) {
      Member member(members.get(at));
      if (!goes_on(visit, member)) return;
    }
  }
}

template <class Visit>
void SetView::random(base::Random& random, Visit&& visit) const {
  if (is_table()) {
    Member member(table_->random(random).field);
    visit(member);
  } else if (is_intset()) {
    const ds::IntsetView members = intset();
    Member member(members.get(static_cast<uint32_t>(random.below(members.count()))));
    visit(member);
  } else {
    const ds::ListpackView members = listpack();
    Member member(members.get(members.seek(static_cast<int64_t>(random.below(members.count())))));
    visit(member);
  }
}

}  // namespace gyre::cmd
