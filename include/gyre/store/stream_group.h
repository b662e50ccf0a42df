// The consumer groups of a stream: which entries were delivered to whom and not acknowledged.
//
// Groups and consumers are blocks of persistent trees, ordered by name, each with the trees of what is
// pending; so freezing them all takes O(1) and a change copies one group's and one consumer's block at most.
//
// Owner and thread: as the stream they belong to. Pointers and references are valid until the groups are
// changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gyre/ds/block_tree.h"
#include "gyre/store/id_tree.h"
#include "gyre/store/stream_id.h"

namespace gyre::store {

/// StreamGroup::entries_read when nobody knows.
constexpr int64_t kUnknownReads = -1;
/// PendingEntry::consumer of one that is being loaded and has not got its consumer yet.
constexpr uint64_t kNobody = 0;
/// StreamConsumer::active_ms of one who never got an entry.
constexpr int64_t kNeverActive = -1;

struct StreamConsumer {
  std::string name;
  uint64_t number = 0;  // what pending entries name it by
  int64_t seen_ms = 0;  // when it last asked
  int64_t active_ms = kNeverActive;
  IdTree<PendingId> pending;
};

class StreamGroup {
 public:
  StreamGroup(std::string_view name, StreamId last_id, int64_t entries_read);
  StreamGroup(StreamGroup&&) = default;
  /// The same group, sharing everything. O(1) but for the name.
  StreamGroup freeze() const;

  const std::string& name() const { return name_; }
  size_t footprint() const;

  StreamId last_id;      // delivered
  int64_t entries_read;  // up to it, or kUnknownReads

  const IdTree<PendingEntry>& pending() const { return pending_; }

  // ---- consumers ----
  uint64_t consumers() const { return names_.blocks(); }
  /// Null when there is none.
  const StreamConsumer* find_consumer(std::string_view name) const;
  /// Requires that it is there.
  const StreamConsumer& consumer(uint64_t number) const;
  /// Calls visit(consumer) in the order of names.
  template <class Visit>
  void for_each_consumer(Visit&& visit) const {
    for (ds::BlockCursor at = names_.first(); at.valid(); at.next()) visit(consumer(number_at(at)));
  }
  /// The first consumer's place in that order, and who stands there; for writers of images.
  ds::BlockCursor first_consumer() const { return names_.first(); }
  const StreamConsumer& consumer_at(const ds::BlockCursor& cursor) const {
    return consumer(number_at(cursor));
  }

  /// Requires that it is not there. Returns its number.
  uint64_t create_consumer(std::string_view name, int64_t now_ms);
  /// With all that is pending for it.
  void erase_consumer(uint64_t number);
  void set_seen(uint64_t number, int64_t ms);
  void set_active(uint64_t number, int64_t ms);

  // ---- what is pending ----
  /// The entry becomes pending, or changes hands: the item says for whom, and all else.
  void assign(const PendingEntry& item);
  /// Only the times and counts of one that is there change.
  void redeliver(StreamId id, int64_t delivered_ms, uint64_t deliveries);
  /// False when it is not pending.
  bool release(StreamId id);

  // For loaders, which learn of what is pending before they learn for whom. In between the group may only be
  // loaded further or destroyed.
  /// Pending for kNobody; false, and nothing changed, when the ID is there.
  bool add_unowned(StreamId id, int64_t delivered_ms, uint64_t deliveries);
  /// Requires that it is pending for kNobody.
  void give(StreamId id, uint64_t number);

  /// The trees, one after the other, for a reclaimer; false when all have been given.
  bool take_part(ds::BlockTree* part);
  /// Aborts if an invariant does not hold. O(n), for tests.
  void check() const;

 private:
  static uint64_t number_at(const ds::BlockCursor& name);
  template <class Change>
  void change_consumer(uint64_t number, Change change);

  std::string name_;
  IdTree<PendingEntry> pending_;
  ds::BlockTree consumers_;  // by number
  ds::BlockTree names_;      // of consumers, with their numbers
  uint64_t next_number_ = 1;
};

/// The groups by their names.
class StreamGroups {
 public:
  StreamGroups();

  uint64_t size() const { return tree_.blocks(); }
  size_t footprint() const { return tree_.footprint(); }
  StreamGroups freeze() const { return StreamGroups(tree_.freeze()); }

  /// Null when there is none.
  const StreamGroup* find(std::string_view name) const;
  /// Calls visit(group) in the order of names.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (ds::BlockCursor at = tree_.first(); at.valid(); at.next()) visit(group_at(at));
  }
  ds::BlockCursor first() const { return tree_.first(); }
  static const StreamGroup& group_at(const ds::BlockCursor& cursor);

  /// False when the name is taken.
  bool create(std::string_view name, StreamId last_id, int64_t entries_read);
  /// Takes the group out, with these groups' memory; the caller disposes of them. Requires that it is there.
  StreamGroups extract(std::string_view name);

  /// The trees, one after the other, for a reclaimer; false when all have been given.
  bool take_part(ds::BlockTree* part);
  void check() const;

 private:
  friend class GroupEdit;
  explicit StreamGroups(ds::BlockTree tree) : tree_(std::move(tree)) {}
  ds::BlockTree tree_;
};

/// Leave to change a group, until it goes out of scope; then its memory is accounted.
class GroupEdit {
 public:
  /// Requires that the group is there.
  GroupEdit(StreamGroups& groups, std::string_view name);
  ~GroupEdit();
  GroupEdit(const GroupEdit&) = delete;
  GroupEdit& operator=(const GroupEdit&) = delete;

  StreamGroup& operator*() { return *group_; }
  StreamGroup* operator->() { return group_; }

 private:
  StreamGroups& groups_;
  StreamGroup* group_;
  size_t footprint_;
};

}  // namespace gyre::store
