// Hashes as commands see them, however they are kept: reading one, changing one. Private to this module.
#pragma once

#include <optional>
#include <string_view>

#include "gyre/base/random.h"
#include "gyre/ds/listpack.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/store/trie_object.h"
#include "support.h"

namespace gyre::cmd {

/// Reads the hash of an entry, for as long as nothing changes it. Fields and values are given as elements: a
/// packed hash has integers.
class HashView {
 public:
  using Element = ds::PackedElement;

  /// Requires that the entry is a hash.
  explicit HashView(const Entry& entry) {
    if (entry.is_object()) {
      table_ = &static_cast<const store::HashObject&>(entry.object()).trie();
    } else {
      bytes_ = entry.raw_value();
    }
  }

  bool packed() const { return table_ == nullptr; }
  ds::ListpackView list() const { return ds::ListpackView(bytes_); }
  const ds::HashTrie& table() const { return *table_; }

  uint64_t size() const { return packed() ? list().count() / 2 : table_->size(); }
  bool contains(std::string_view field) const {
    if (!packed()) return table_->contains(field);
    const ds::ListpackView list = this->list();
    return list.find(list.first(), field, 1) != list.end();
  }
  /// The value of a field, or nothing.
  std::optional<Element> find(std::string_view field) const {
    if (!packed()) {
      const std::optional<std::string_view> value = table_->find(field);
      if (!value) return std::nullopt;
      return Element::raw(*value);
    }
    const ds::ListpackView list = this->list();
    const uint32_t at = list.find(list.first(), field, 1);
    if (at == list.end()) return std::nullopt;
    return list.get(list.next(at));
  }

  /// Calls visit(field, value) for each field.
  template <class Visit>
  void for_each(Visit&& visit) const {
    if (!packed()) {
      ds::HashTrie::Cursor cursor(*table_);
      for (ds::HashTrie::Element pair; cursor.next(pair);)
        visit(Element::raw(pair.field), Element::raw(pair.value));
      return;
    }
    const ds::ListpackView list = this->list();
    for (uint32_t at = list.first(); at != list.end();) {
      const uint32_t value = list.next(at);
      visit(list.get(at), list.get(value));
      at = list.next(value);
    }
  }

  /// Calls visit(field, value) with one of the fields, each with the same chance. Requires: not empty.
  template <class Visit>
  void random(base::Random& random, Visit&& visit) const {
    if (!packed()) {
      const ds::HashTrie::Element pair = table_->random(random);
      return visit(Element::raw(pair.field), Element::raw(pair.value));
    }
    const ds::ListpackView list = this->list();
    const uint32_t at = list.seek(static_cast<int64_t>(2 * random.below(list.count() / 2)));
    visit(list.get(at), list.get(list.next(at)));
  }

 private:
  std::string_view bytes_;
  const ds::HashTrie* table_ = nullptr;
};

/// Changes the hash at a key, which it makes, converts by Redis's rules and, emptied, deletes. While it lives
/// nothing else may be asked of the database about this key. That it exists says nothing to observers: only
/// changes do. Fields and values given are not views into the hash.
class HashEdit {
 public:
  /// `found`: what Db::write() just returned for this key, absent or a hash.
  HashEdit(CommandContext& c, const Key& key, Entry* found)
      : db_(c.db()), limits_(environment(c).hash_limits()), key_(key), entry_(found) {}
  HashEdit(const HashEdit&) = delete;
  HashEdit& operator=(const HashEdit&) = delete;

  /// Sets the arguments from `first` on, fields and values. A hash that would be too large for a listpack if
  /// all fields were different and new becomes a table at once. Returns how many fields are new.
  uint64_t set_all(const CommandContext& c, size_t first);

  /// The value of a field, or nothing. Valid until the next change.
  std::optional<ds::PackedElement> find(std::string_view field);
  /// Sets the field that find() was just asked for, one change.
  void put(std::string_view field, const ds::PackedElement& value);
  /// False when it is not there. With the last field the key goes.
  bool erase(std::string_view field);
  /// Ends the edit: what the database counts is complete.
  void close() { edit_.reset(); }

 private:
  bool packed() const { return !entry_ || !entry_->is_object(); }
  bool fits(std::string_view field, const ds::PackedElement& value) const;
  uint64_t make_packed(const CommandContext& c, size_t first, size_t text_bytes);
  uint64_t make_table(const CommandContext& c, size_t first);
  void put_packed(std::string_view field, const ds::PackedElement& value);
  void convert();
  ds::HashTrie& table();

  Db& db_;
  const PackedLimits limits_;
  const Key key_;
  Entry* entry_;
  uint32_t found_at_ = 0;    // packed: where find() found the value; 0: it did not
  uint64_t found_hash_ = 0;  // table: of the field of find()
  std::optional<store::ObjectEdit> edit_;
};

}  // namespace gyre::cmd
