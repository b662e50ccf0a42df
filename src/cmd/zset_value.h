// Sorted sets as commands see them, however they are kept: reading one, changing one, making one.
// Private to this module.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/ds/listpack.h"
#include "gyre/store/elements.h"
#include "support.h"

namespace gyre::cmd {

/// False and WRONGTYPE replied when the entry is there and no sorted set.
inline bool check_zset(CommandContext& c, const Entry* entry) {
  if (!entry || entry->type() == store::Type::kZset) [[likely]]
    return true;
  c.wrong_type();
  return false;
}

struct RankedScore {
  uint64_t rank;
  double score;
};

enum class Order : uint8_t { kAscending, kDescending };

/// Reads the sorted set of an entry, for as long as nothing changes it. Ranks ascend.
class ZsetView {
 public:
  /// Requires that the entry is a sorted set.
  explicit ZsetView(const Entry& entry) : entry_(entry) {}

  uint64_t size() const { return packed() ? list().count() / 2 : object().size(); }
  std::optional<double> score(std::string_view member) const;
  std::optional<RankedScore> find(std::string_view member) const;
  ds::RankRange ranks(const ds::ScoreRange& range) const;
  /// A range of members means something only if all scores are equal. Where they are not, a packed set gives
  /// what the walk in this order gives, as Redis does.
  ds::RankRange ranks(const ds::LexRange& range, Order order) const;

  /// Calls visit(member, score) for the elements of a range. The member is valid during the call.
  template <class Visit>
  void visit(ds::RankRange range, Order order, Visit&& visit) const {
    if (range.begin >= range.end) return;
    packed() ? visit_packed(range, order, visit) : visit_object(range, order, visit);
  }

  bool packed() const { return !entry_.is_object(); }
  ds::ListpackView list() const { return ds::ListpackView(entry_.raw_value()); }
  const store::ZsetObject& object() const { return static_cast<const store::ZsetObject&>(entry_.object()); }

 private:
  template <class Visit>
  void visit_packed(ds::RankRange range, Order order, Visit&& visit) const {
    const ds::ListpackView list = this->list();
    ds::PackedElement::Scratch digits;
    uint32_t at =
        list.seek(static_cast<int64_t>(2 * (order == Order::kAscending ? range.begin : range.end - 1)));
    for (uint64_t left = range.size(); left > 0; --left) {
      const uint32_t score = list.next(at);
      visit(list.get(at).text(digits), store::packed_score(list.get(score)));
      at = order == Order::kAscending ? list.next(score) : left > 1 ? list.prev(list.prev(at)) : at;
    }
  }
  template <class Visit>
  void visit_object(ds::RankRange range, Order order, Visit&& visit) const {
    const bool ascending = order == Order::kAscending;
    ds::ScoreCursor cursor = object().elements().at(ascending ? range.begin : range.end - 1);
    for (uint64_t left = range.size(); left > 0; --left) {
      visit(cursor.member(), cursor.score());
      ascending ? cursor.next() : cursor.previous();
    }
  }

  const Entry& entry_;
};

/// Changes the sorted set at a key, which it makes, converts and, emptied, deletes. While it lives nothing
/// else may be asked of the database about this key. That it exists says nothing to observers: only changes
/// do.
class ZsetEdit {
 public:
  /// `found`: what Db::write() just returned for this key, absent or a sorted set.
  ZsetEdit(CommandContext& c, const Key& key, Entry* found)
      : db_(c.db()), limits_(environment(c).zset_limits()), key_(key), entry_(found) {}
  ZsetEdit(const ZsetEdit&) = delete;
  ZsetEdit& operator=(const ZsetEdit&) = delete;

  uint64_t size() const { return entry_ ? ZsetView(*entry_).size() : 0; }
  std::optional<double> score(std::string_view member) const {
    return entry_ ? ZsetView(*entry_).score(member) : std::nullopt;
  }
  /// So many members are about to be put, the first of so many bytes: a set that would be too large for a
  /// listpack becomes an object at once. A new one is made.
  void expect(uint64_t count, size_t first_bytes);

  // Members given are not views into the set. No score is NaN.

  /// Requires that the member is not there.
  void insert(std::string_view member, double score);
  /// Requires that it is there with the score `from`.
  void update(std::string_view member, double from, double to);
  /// False when it is not there.
  bool erase(std::string_view member);
  void erase_ranks(ds::RankRange range);
  /// Deletes the key when the set has become empty, as is to be asked after erase(); true when it did.
  bool finish();
  /// Ends the edit: what the database counts is complete.
  void close() { edit_.reset(); }

 private:
  bool packed() const { return !entry_ || !entry_->is_object(); }
  bool fits(std::string_view member) const;
  void convert();
  store::ZsetObject& object();
  uint32_t place_of(std::string_view member, double score) const;

  Db& db_;
  const PackedLimits limits_;
  const Key key_;
  Entry* entry_;
  bool as_object_ = false;  // when it is made
  std::optional<store::ObjectEdit> edit_;
};

/// An element whose member lives elsewhere.
struct ScoredMember {
  std::string_view member;
  double score;
};

/// Sets a key to these elements, which are in order and not the key's own; no elements: deletes the key.
/// Counts one change if there was any, and replies how many elements there are. `object`: not packed, however
/// few.
void store_zset(CommandContext& c, size_t key_at, const std::vector<ScoredMember>& elements, bool object);

/// The header of a reply of `n` elements, and each of them.
inline void reply_scored_header(CommandContext& c, uint64_t n, bool with_scores) {
  c.reply.array(with_scores && c.reply.version() == 2 ? 2 * n : n);
}
inline void reply_scored(CommandContext& c, std::string_view member, double score, bool with_scores) {
  if (with_scores && c.reply.version() > 2) c.reply.array(2);
  c.reply.bulk(member);
  if (with_scores) c.reply.double_(score);
}

}  // namespace gyre::cmd
