// Lists as commands see them, however they are kept: going through one, and changing one. Private to this
// module.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gyre/ds/listpack.h"
#include "gyre/store/list_object.h"
#include "support.h"

namespace gyre::cmd {

/// False and WRONGTYPE replied when the entry is there and no list.
inline bool check_list(CommandContext& c, const Entry* entry) {
  if (!entry || entry->type() == store::Type::kList) [[likely]]
    return true;
  c.wrong_type();
  return false;
}

enum class ListEnd : uint8_t { kHead, kTail };

/// How many elements the list of an entry has.
uint64_t list_size(const Entry& entry);

/// Goes through the list of an entry, towards one of its ends. Valid until anything changes it.
class ListWalk {
 public:
  /// Starts at an index; there may be none.
  ListWalk(const Entry& entry, uint64_t index, ListEnd towards);

  bool valid() const { return packed_ ? at_ != list_.end() : cursor_.valid(); }
  // These require valid().
  ds::PackedElement get() const { return packed_ ? list_.get(at_) : cursor_.get(); }
  /// Compares as Redis: an integer with the value of a canonical number.
  bool equals(std::string_view text) const {
    return packed_ ? list_.equals(at_, text) : cursor_.equals(text);
  }
  void next() {
    if (packed_) {
      at_ = towards_ == ListEnd::kTail ? list_.next(at_) : list_.prev(at_);
    } else {
      towards_ == ListEnd::kTail ? cursor_.next() : cursor_.previous();
    }
  }

 private:
  const bool packed_;
  const ListEnd towards_;
  ds::ListpackView list_{ds::kEmptyListpack};
  uint32_t at_ = 0;
  store::ListCursor cursor_;
};

/// Changes the list at a key, which it makes, converts and, emptied, deletes. Each change is complete when
/// its function returns, and counts with Db::changes() in its own way: the command says how many it made.
/// Values given are not views into the list.
class ListEdit {
 public:
  using Values = std::span<const std::string_view>;

  /// `found`: what Db::write() just returned for this key, absent or a list.
  ListEdit(CommandContext& c, const Key& key, Entry* found)
      : db_(c.db()), key_(key), entry_(found), max_size_(environment(c).list_max_listpack_size()) {}
  ListEdit(const ListEdit&) = delete;
  ListEdit& operator=(const ListEdit&) = delete;

  uint64_t size() const { return entry_ ? list_size(*entry_) : 0; }

  /// One after the other: pushed at the head the last one stands in front.
  void push(Values values, ListEnd end);
  // These require that the list is there.

  /// Requires index < size(), as do the others. The element gets this index.
  void insert(uint64_t index, std::string_view value);
  void replace(uint64_t index, std::string_view value);
  void erase(uint64_t index, uint64_t count);
  /// Ascending indexes.
  void erase_all(std::span<const uint64_t> indexes);
  /// To be called after elements were removed or replaced: a small list is packed again.
  void shrink();

 private:
  bool packed() const { return !entry_->is_object(); }
  /// A packed list that will be too large with so many bytes and elements more becomes an object.
  void grow(size_t bytes, size_t count);
  void create(Values values, ListEnd end);
  template <class Edit>
  void change_packed(const Edit& edit);
  ds::ListpackView list() const { return ds::ListpackView(entry_->raw_value()); }

  Db& db_;
  const Key key_;
  Entry* entry_;
  const int max_size_;
};

}  // namespace gyre::cmd
