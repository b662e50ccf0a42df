// A set that is being made, or made anew, before it becomes a key's value: with Redis's rules of when a set
// changes from one encoding to another. Private to this module.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gyre/cmd/environment.h"
#include "gyre/store/db.h"
#include "set_view.h"

namespace gyre::cmd {

class SetBuilder {
 public:
  /// Empty. Requires a packed form.
  SetBuilder(const SetLimits& limits, store::ValueForm form);
  /// Empty, to get about `expected` members, of which this is one.
  static SetBuilder for_members(const SetLimits& limits, Member& first, uint64_t expected);
  /// The same members in the same encoding. Of a table a copy that shares all it can.
  SetBuilder(const SetLimits& limits, const SetView& set);
  SetBuilder(SetBuilder&&) noexcept = default;
  SetBuilder& operator=(SetBuilder&&) = delete;
  /// A table that became nobody's value is freed as all large values are: not here.
  ~SetBuilder() {
    if (object_) store::free_later(std::move(object_));
  }

  SetView view() const { return object_ ? SetView(*object_) : SetView(form_, bytes_); }
  uint64_t size() const { return view().size(); }

  /// About `count` members will be added: what would not stay packed becomes a table at once.
  void expect(uint64_t count);
  /// Takes over all members of a set. Requires: empty. No more work than for one member when both can only be
  /// tables.
  void add_all(const SetView& set);
  /// False when it is there already.
  bool add(Member& member);
  /// False when it is not there.
  bool remove(Member& member);
  /// What has only integers becomes an intset if it is small enough.
  void prefer_intset();

  /// Becomes the value of the key, one change. Empty afterwards, as a moved-from value. Requires: not empty.
  void put(store::Db& db, const store::Key& key, store::Entry* found, store::Expiry expiry = {});

  /// Whether a set of so many members can only be a table.
  static bool must_be_table(const SetLimits& limits, uint64_t members) {
    return members > limits.listpack_entries && members > limits.intset_entries;
  }

 private:
  bool add_to_intset(Member& member);
  bool add_to_listpack(Member& member);
  bool integers_fit_listpack(Member& extra) const;
  void append(Member& member);
  void make_listpack();
  void make_table();

  SetLimits limits_;
  store::ValueForm form_;
  std::string bytes_;                         // packed
  std::unique_ptr<store::SetObject> object_;  // table
};

/// Where Redis stops intsets whatever the configuration says.
inline uint64_t max_intset_entries(const SetLimits& limits) {
  return std::min<uint64_t>(limits.intset_entries, 1u << 30);
}

}  // namespace gyre::cmd
