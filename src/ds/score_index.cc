#include "gyre/ds/score_index.h"

#include <atomic>
#include <cstring>
#include <utility>

#include "gyre/ds/detail/hash_trie_node.h"

namespace gyre::ds {
namespace {

using trie::Leaf;
using trie::Path;
using trie::Slot;
using trie::Spot;

/// The trie's hash: the 32 bits are the highest.
uint64_t wide(uint32_t hash) { return uint64_t{hash} << 32; }

/// What a leaf holds for a member: the upper three bytes of the hash, then the score.
struct Bytes {
  Bytes(uint32_t hash, double score) {
    for (size_t i = 0; i < sizeof(uint32_t) - 1; ++i) bytes[i] = static_cast<char>(hash >> (24 - 8 * i));
    std::memcpy(bytes + 3, &score, sizeof(score));
  }
  std::string_view view() const { return {bytes, trie::kIndexBytes}; }
  char bytes[trie::kIndexBytes];
};

double score_at(const char* at) {
  double score;
  std::memcpy(&score, at + 3, sizeof(score));
  return score;
}

/// The way to the element, and its place in the leaf.
Spot find_spot(const trie::State& state, uint32_t hash, double score, Path& path) {
  const Leaf* leaf = trie::descend(state, wide(hash), path);
  return leaf == nullptr ? Spot{} : trie::find(*leaf, state.scheme, wide(hash), Bytes(hash, score).view());
}

}  // namespace

ScoreIndex::ScoreIndex() { state_.scheme = {nullptr, 0, trie::Form::kIndex}; }
ScoreIndex::ScoreIndex(ScoreIndex&& other) noexcept
    : state_(std::exchange(other.state_, trie::State{other.state_.scheme})) {}
ScoreIndex& ScoreIndex::operator=(ScoreIndex&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
ScoreIndex::~ScoreIndex() { (void)detach(); }

ScoreIndex ScoreIndex::freeze() const {
  ScoreIndex copy;
  copy.state_ = state_;
  const Slot root(state_.root);
  if (!root.is_empty()) root.refs().fetch_add(1, std::memory_order_relaxed);
  return copy;
}

trie::Reclaimer ScoreIndex::detach() { return trie::Reclaimer(state_); }

void ScoreIndex::prefetch(uint32_t hash) const {
  unsigned depth;
  trie::prefetch_leaf(trie::leaf_for(state_, wide(hash), depth));
}

void ScoreIndex::insert(uint32_t hash, double score) {
  Path path;
  trie::descend(state_, wide(hash), path);
  trie::own_nodes(state_, path);
  trie::insert_new(state_, path, {wide(hash), Bytes(hash, score).view(), {}});
}

bool ScoreIndex::erase(uint32_t hash, double score) {
  Path path;
  const Spot spot = find_spot(state_, hash, score, path);
  if (!spot) return false;
  trie::own_nodes(state_, path);
  trie::erase_at(state_, path, spot);
  return true;
}

bool ScoreIndex::update(uint32_t hash, double score, double new_score) {
  Path path;
  const Spot spot = find_spot(state_, hash, score, path);
  if (!spot) return false;
  trie::own_nodes(state_, path);
  trie::assign(state_, path, spot, {wide(hash), Bytes(hash, new_score).view(), {}});
  return true;
}

bool ScoreIndex::find(uint32_t hash, bool (*visit)(void*, double), void* target) const {
  unsigned depth;
  const Leaf* leaf = trie::leaf_for(state_, wide(hash), depth);
  if (leaf == nullptr) return false;
  trie::prefetch_leaf(leaf);
  const uint8_t fingerprint = state_.scheme.fingerprint(wide(hash));
  const Bytes wanted(hash, 0);
  // All elements have the same size: the place of one follows from its index.
  for (size_t first = 0; first < leaf->count; first += trie::kChunk) {
    unsigned found = leaf->chunks()[first / trie::kChunk].matches(fingerprint);
    for (; found != 0; found &= found - 1) {
      const size_t i = first + static_cast<size_t>(std::countr_zero(found));
      if (i >= leaf->count) break;
      const char* at = leaf->end() - (i + 1) * trie::kIndexBytes;
      if (std::memcmp(at, wanted.bytes, 3) == 0 && visit(target, score_at(at))) return true;
    }
  }
  return false;
}

}  // namespace gyre::ds
