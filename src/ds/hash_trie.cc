#include "gyre/ds/hash_trie.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "gyre/base/check.h"
#include "gyre/ds/detail/hash_trie_node.h"

namespace gyre::ds {
namespace trie {

uint64_t xxh3(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void insert_new(State& state, Path& path, const Item& item) {
  const size_t stored = item.stored(state.scheme.form);
  Leaf* leaf;
  for (;;) {
    leaf = path.leaf_slot(state).leaf();
    if (leaf == nullptr) {
      leaf = make_leaf(Leaf::bytes_for(1, stored), state.footprint);
      set_leaf(state, path, leaf);
      break;
    }
    const size_t bytes = Leaf::bytes_for(leaf->count + 1, leaf->used + stored);
    if (leaf_may_hold(leaf->count + 1, bytes) || path.depth(state) >= state.scheme.hash_bits()) {
      leaf = own_leaf(state, path, bytes);
      break;
    }
    split(state, path, item.hash);
  }
  append(*leaf, state.scheme, item, state.footprint);
  for (unsigned level = 0; level < path.levels; ++level) path.steps[level].node->count += 1;
  state.size += 1;
  state.widest = std::max(state.widest, leaf->count);
}

namespace {

/// Takes the element out and leaves everything else as it is, but for a leaf with nothing in it.
void take_out(State& state, Path& path, const Spot& spot) {
  Leaf* leaf = own_leaf(state, path, 0);
  remove(*leaf, spot_of(*leaf, spot.index), state.footprint);
  if (leaf->count == 0) {
    set_leaf(state, path, nullptr);
    free_block(leaf, state.footprint);
  }
  for (unsigned level = 0; level < path.levels; ++level) path.steps[level].node->count -= 1;
  state.size -= 1;
}

}  // namespace

void assign(State& state, Path& path, const Spot& spot, const Item& item) {
  const Form form = state.scheme.form;
  const Leaf* leaf = path.leaf_slot(state).leaf();
  const size_t before = leaf->stored(spot.index);
  const size_t bytes = leaf->bytes() - before + item.stored(form);
  if (!leaf_may_hold(leaf->count, bytes) && leaf->count > 1 && path.depth(state) < state.scheme.hash_bits()) {
    take_out(state, path, spot);
    insert_new(state, path, item);
    return;
  }
  Leaf* owned = own_leaf(state, path, bytes);
  replace(*owned, form, owned == leaf ? spot : spot_of(*owned, spot.index), item, state.footprint);
  if (item.stored(form) < before) settle(state, path);
}

void erase_at(State& state, Path& path, const Spot& spot) {
  take_out(state, path, spot);
  settle(state, path);
  if (state.size == 0) state.widest = 0;
}

}  // namespace trie

using trie::Item;
using trie::Leaf;
using trie::Path;
using trie::Slot;
using trie::Spot;

HashTrie::HashTrie(Form form, uint64_t seed, trie::HashFunction function) {
  GYRE_CHECK(form != Form::kIndex);
  state_.scheme = {function, seed, form};
}

HashTrie::HashTrie(HashTrie&& other) noexcept : state_(other.state_) { other.state_ = {state_.scheme}; }

HashTrie& HashTrie::operator=(HashTrie&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

HashTrie::~HashTrie() { clear(); }

HashTrie HashTrie::freeze() const {
  HashTrie copy;
  copy.state_ = state_;
  const Slot root(state_.root);
  if (!root.is_empty()) root.refs().fetch_add(1, std::memory_order_relaxed);
  return copy;
}

void HashTrie::clear() { (void)detach(); }

HashTrie::Reclaimer HashTrie::detach() { return Reclaimer(state_); }

void HashTrie::prefetch(uint64_t hash) const {
  unsigned depth;
  trie::prefetch_leaf(trie::leaf_for(state_, hash, depth));
}

std::optional<std::string_view> HashTrie::find(std::string_view field, uint64_t hash) const {
  unsigned depth;
  const Leaf* leaf = trie::leaf_for(state_, hash, depth);
  if (leaf == nullptr) return std::nullopt;
  trie::prefetch_leaf(leaf);
  const Spot spot = trie::find(*leaf, state_.scheme, hash, field);
  if (!spot) return std::nullopt;
  return trie::element_at(*leaf, form(), spot.index, spot.at).value;
}

bool HashTrie::insert_or_assign(std::string_view field, std::string_view value, uint64_t hash) {
  Path path;
  const Leaf* leaf = trie::descend(state_, hash, path);
  const Spot spot = leaf == nullptr ? Spot{} : trie::find(*leaf, state_.scheme, hash, field);
  if (spot && form() == Form::kSet) return false;
  trie::own_nodes(state_, path);
  if (spot)
    trie::assign(state_, path, spot, {hash, field, value});
  else
    trie::insert_new(state_, path, {hash, field, value});
  return !spot;
}

bool HashTrie::insert(std::string_view field, std::string_view value, uint64_t hash) {
  Path path;
  const Leaf* leaf = trie::descend(state_, hash, path);
  if (leaf != nullptr && trie::find(*leaf, state_.scheme, hash, field)) return false;
  trie::own_nodes(state_, path);
  trie::insert_new(state_, path, {hash, field, value});
  return true;
}

bool HashTrie::erase(std::string_view field, uint64_t hash) {
  Path path;
  const Leaf* leaf = trie::descend(state_, hash, path);
  if (leaf == nullptr) return false;
  const Spot spot = trie::find(*leaf, state_.scheme, hash, field);
  if (!spot) return false;
  trie::own_nodes(state_, path);
  trie::erase_at(state_, path, spot);
  return true;
}

}  // namespace gyre::ds
