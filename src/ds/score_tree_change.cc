// Changes of a ScoreTree. A leaf with room is changed in place if nobody else holds it; where it must grow,
// shrink, split or merge, new leaves are made from it, which serves shared leaves as well.
#include <algorithm>
#include <cmath>

#include "gyre/base/check.h"
#include "gyre/ds/score_tree.h"
#include "score_leaf.h"

namespace gyre::ds {
namespace {

constexpr uint32_t kMaxBytes = ScoreLeaf::kMaxBytes;
/// A leaf below this looks for a neighbour to merge with, such that the result has room left.
constexpr uint32_t kSmallBytes = kMaxBytes / 4;
constexpr uint32_t kMergedBytes = kMaxBytes * 3 / 4;
/// How a leaf that grows at the end of the order does so: it will be filled.
constexpr uint32_t kEdgeStep = 256;

int64_t blob_bytes(void* blob) {
  base::Blob adopted = base::Blob::adopt(blob);
  auto bytes = static_cast<int64_t>(adopted.footprint());
  (void)adopted.detach();
  return bytes;
}

int64_t blob_bytes(const ScoreLeaf* leaf, uint32_t begin, uint32_t end) {
  int64_t sum = 0;
  if (leaf->long_count == 0) return sum;
  for (; begin < end; ++begin) {
    void* blob = ScoreLeaf::blob_of(leaf->entry(begin));
    if (blob != nullptr) sum += blob_bytes(blob);
  }
  return sum;
}

uint32_t edge_room(uint32_t bytes) { return (bytes + kEdgeStep - 1) / kEdgeStep * kEdgeStep; }

bool has_next(BlockCursor cursor) { return cursor.next(); }
bool has_previous(BlockCursor cursor) { return cursor.previous(); }

}  // namespace

// ---- insertion --------------------------------------------------------------------------------------------

void ScoreTree::insert(double score, std::string_view member) {
  GYRE_CHECK(!std::isnan(score));
  uint32_t index;
  BlockCursor cursor = find_leaf({ScoreProbe::kElement, false, score, member}, &index);
  void* blob = member.size() > kInlineMember ? base::Blob::copy_of(member).detach() : nullptr;
  add(cursor, index, score, member, blob);
}

/// An element at `index` of the cursor's leaf. Takes the reference to the blob, if there is one.
void ScoreTree::add(BlockCursor& cursor, uint32_t index, double score, std::string_view member, void* blob) {
  if (blob != nullptr) tree_.account(blob_bytes(blob));
  uint32_t need = ScoreLeaf::kFixedBytes + ScoreLeaf::entry_bytes(member);
  if (!cursor.valid()) {
    ScoreLeaf* leaf = ScoreLeaf::make(ScoreLeaf::room_for(sizeof(ScoreLeaf) + need));
    leaf->insert(0, score, member, blob);
    tree_.insert_before(cursor, leaf, 1, leaf->key());
    return;
  }
  const ScoreLeaf* leaf = leaf_of(cursor);
  uint32_t bytes = leaf->used() + need;
  if (bytes > kMaxBytes) return split(cursor, index, score, member, blob);
  if (bytes <= leaf->capacity) {
    auto* own = static_cast<ScoreLeaf*>(tree_.writable(cursor));
    own->insert(index, score, member, blob);
    tree_.changed(cursor, own, own->count, index == 0 ? own->key() : cursor.key(), own->capacity);
    return;
  }
  bool edge = bytes > kEdgeStep && index == leaf->count && !has_next(cursor);
  ScoreLeaf* grown = ScoreLeaf::make(edge ? edge_room(bytes) : ScoreLeaf::room_for(bytes));
  grown->append(leaf, 0, leaf->count);
  grown->insert(index, score, member, blob);
  put(cursor, grown);
}

void ScoreTree::put(BlockCursor& cursor, ScoreLeaf* leaf) {
  tree_.replace(cursor, leaf, leaf->count, leaf->key());
}

/// Inserts into a full leaf: at either end of the whole order into a new one, else into one of its halves.
void ScoreTree::split(BlockCursor& cursor, uint32_t index, double score, std::string_view member,
                      void* blob) {
  const ScoreLeaf* leaf = leaf_of(cursor);
  uint32_t count = leaf->count, need = ScoreLeaf::kFixedBytes + ScoreLeaf::entry_bytes(member);
  bool at_end = index == count && !has_next(cursor);
  if (at_end || (index == 0 && !has_previous(cursor))) {
    ScoreLeaf* fresh = ScoreLeaf::make(edge_room(sizeof(ScoreLeaf) + need));
    fresh->insert(0, score, member, blob);
    if (at_end)
      tree_.insert_after(cursor, fresh, 1, fresh->key());
    else
      tree_.insert_before(cursor, fresh, 1, fresh->key());
    return;
  }
  uint32_t half = (leaf->used() + need - static_cast<uint32_t>(sizeof(ScoreLeaf))) / 2;
  uint32_t kept = 0, kept_bytes = 0;  // on the left, the new element aside
  while (kept + 1 < count && kept_bytes + (index < kept ? need : 0) < half) {
    kept_bytes += leaf->bytes_of(kept, kept + 1);
    ++kept;
  }
  bool to_left = index < kept;
  uint32_t right_bytes = leaf->bytes_of(kept, count) + (to_left ? 0 : need);
  ScoreLeaf* left =
      ScoreLeaf::make(ScoreLeaf::room_for(sizeof(ScoreLeaf) + kept_bytes + (to_left ? need : 0)));
  ScoreLeaf* right = ScoreLeaf::make(ScoreLeaf::room_for(sizeof(ScoreLeaf) + right_bytes));
  left->append(leaf, 0, kept);
  right->append(leaf, kept, count);
  if (to_left)
    left->insert(index, score, member, blob);
  else
    right->insert(index - kept, score, member, blob);
  put(cursor, left);
  tree_.insert_after(cursor, right, right->count, right->key());
}

// ---- removal ----------------------------------------------------------------------------------------------

bool ScoreTree::erase(double score, std::string_view member) {
  BlockCursor cursor;
  uint32_t index;
  if (!find(score, member, &cursor, &index)) return false;
  erase_at(cursor, index);
  return true;
}

/// The cursor is of no use afterwards.
void ScoreTree::erase_at(BlockCursor& cursor, uint32_t index) {
  const ScoreLeaf* leaf = leaf_of(cursor);
  uint32_t bytes = leaf->used() - leaf->bytes_of(index, index + 1);
  bool shrink = ScoreLeaf::room_for(bytes) * 4 <= leaf->capacity * 3U;
  if (shrink || leaf->count == 1) {
    if (erase_from(cursor, index, index + 1)) return;
  } else {
    tree_.account(-blob_bytes(leaf, index, index + 1));
    auto* own = static_cast<ScoreLeaf*>(tree_.writable(cursor));
    own->erase(index);
    tree_.changed(cursor, own, own->count, index == 0 ? own->key() : cursor.key(), own->capacity);
  }
  merge_small(cursor);
}

/// Drops elements [begin, end) of a leaf. True when none were left, and the cursor has gone on to the next
/// leaf.
bool ScoreTree::erase_from(BlockCursor& cursor, uint32_t begin, uint32_t end) {
  const ScoreLeaf* leaf = leaf_of(cursor);
  tree_.account(-blob_bytes(leaf, begin, end));
  if (end - begin == leaf->count) {
    tree_.remove(cursor);
    return true;
  }
  ScoreLeaf* rest = ScoreLeaf::make(ScoreLeaf::room_for(leaf->used() - leaf->bytes_of(begin, end)));
  rest->append(leaf, 0, begin);
  rest->append(leaf, end, leaf->count);
  put(cursor, rest);
  return false;
}

/// The cursor is of no use afterwards.
void ScoreTree::merge_small(BlockCursor& cursor) {
  const ScoreLeaf* leaf = leaf_of(cursor);
  if (leaf->used() >= kSmallBytes) return;
  for (bool forward : {true, false}) {
    BlockCursor other = cursor;
    if (!(forward ? other.next() : other.previous())) continue;
    BlockCursor& left = forward ? cursor : other;
    BlockCursor& right = forward ? other : cursor;
    uint32_t bytes =
        leaf_of(left)->used() + leaf_of(right)->used() - static_cast<uint32_t>(sizeof(ScoreLeaf));
    if (bytes > kMergedBytes) continue;
    ScoreLeaf* merged = ScoreLeaf::make(ScoreLeaf::room_for(bytes));
    merged->append(leaf_of(left), 0, leaf_of(left)->count);
    merged->append(leaf_of(right), 0, leaf_of(right)->count);
    put(left, merged);
    left.next();
    tree_.remove(left);
    return;
  }
}

/// Merges what removals of many elements have left around a rank.
void ScoreTree::merge_at(uint64_t rank) {
  for (uint64_t at : {rank, rank - 1}) {  // below 0 is above all
    if (at >= size()) continue;
    uint64_t within;
    BlockCursor cursor = tree_.at(at, &within);
    merge_small(cursor);
  }
}

uint64_t ScoreTree::erase_ranks(RankRange range, ElementVisitor visitor) {
  range.end = std::min(range.end, size());
  if (range.begin >= range.end) return 0;
  uint64_t within;
  BlockCursor cursor = tree_.at(range.begin, &within);
  for (uint64_t left = range.size(); left > 0;) {
    const ScoreLeaf* leaf = leaf_of(cursor);
    auto begin = static_cast<uint32_t>(within);
    auto end = static_cast<uint32_t>(std::min<uint64_t>(leaf->count, begin + left));
    for (uint32_t i = begin; i < end; ++i) visitor(leaf->scores()[i], leaf->member(i));
    left -= end - begin;
    within = 0;
    if (!erase_from(cursor, begin, end)) cursor.next();
  }
  merge_at(range.begin);
  return range.size();
}

uint64_t ScoreTree::pop_min(uint64_t count, ElementVisitor visitor) {
  return erase_ranks({0, count}, visitor);
}

uint64_t ScoreTree::pop_max(uint64_t count, ElementVisitor visitor) {
  count = std::min(count, size());
  for (uint64_t left = count; left > 0;) {
    BlockCursor cursor = tree_.last();
    const ScoreLeaf* leaf = leaf_of(cursor);
    auto begin = static_cast<uint32_t>(leaf->count - std::min<uint64_t>(leaf->count, left));
    left -= leaf->count - begin;
    for (uint32_t i = leaf->count; i-- > begin;) visitor(leaf->scores()[i], leaf->member(i));
    erase_from(cursor, begin, leaf->count);
  }
  merge_at(size());
  return count;
}

// ---- scores that change -----------------------------------------------------------------------------------

/// Whether the element at `index` could have another score where it stands.
bool ScoreTree::stays_between_neighbours(const BlockCursor& cursor, uint32_t index, double score,
                                         std::string_view member) const {
  const ScoreLeaf* leaf = leaf_of(cursor);
  ScoreProbe probe{ScoreProbe::kElement, false, score, member};
  BlockCursor other = cursor;
  if (index > 0) {
    if (!probe.before(leaf, index - 1)) return false;
  } else if (other.previous()) {
    if (!probe.before(leaf_of(other), leaf_of(other)->count - 1U)) return false;
  }
  if (index + 1 < leaf->count) return !probe.before(leaf, index + 1);
  other = cursor;
  return !other.next() || !probe.before(leaf_of(other), 0);
}

bool ScoreTree::update(double score, std::string_view member, double to) {
  GYRE_CHECK(!std::isnan(to));
  BlockCursor cursor;
  uint32_t index;
  if (!find(score, member, &cursor, &index)) return false;
  if (stays_between_neighbours(cursor, index, to, member)) {
    auto* own = static_cast<ScoreLeaf*>(tree_.writable(cursor));
    own->scores()[index] = to;
    tree_.changed(cursor, own, own->count, index == 0 ? own->key() : cursor.key(), own->capacity);
    return true;
  }
  void* blob = ScoreLeaf::blob_of(leaf_of(cursor)->entry(index));
  if (blob != nullptr) blob = base::Blob::share(blob).detach();
  erase_at(cursor, index);
  cursor = find_leaf({ScoreProbe::kElement, false, to, member}, &index);
  add(cursor, index, to, member, blob);
  return true;
}

}  // namespace gyre::ds
