// Blocks of one named thing each, in a BlockTree in the order of their names (as memcmp has it). A block has
// key(), its name, and copy(). Private to this module.
#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "gyre/base/memory.h"
#include "gyre/ds/block_tree.h"

namespace gyre::store {

/// What a name has outside its string.
inline size_t name_bytes(const std::string& name) {
  return name.capacity() > std::string().capacity() ? name.capacity() + 1 : 0;
}

template <class Block, class... Arguments>
Block* make_block(Arguments&&... arguments) {
  return new (base::allocate(sizeof(Block))) Block(std::forward<Arguments>(arguments)...);
}

template <class Block>
constexpr ds::BlockOps block_ops() {
  return {[](const ds::BlockHeader* block) -> ds::BlockHeader* {
            return static_cast<const Block*>(block)->copy();
          },
          [](ds::BlockHeader* header) {
            auto* block = static_cast<Block*>(header);
            block->~Block();
            base::deallocate(block);
          },
          /*keyed=*/true};
}

/// The first bytes of the name: what the tree orders by, up to names that begin alike.
inline ds::BlockKey name_key(std::string_view name) {
  unsigned char bytes[16] = {};
  std::memcpy(bytes, name.data(), name.size() < sizeof(bytes) ? name.size() : sizeof(bytes));
  uint64_t high, low;
  std::memcpy(&high, bytes, sizeof(high));
  std::memcpy(&low, bytes + sizeof(high), sizeof(low));
  return {__builtin_bswap64(high), __builtin_bswap64(low)};
}

/// The last one with a smaller name; invalid when there is none.
template <class Block>
ds::BlockCursor before_name(const ds::BlockTree& tree, std::string_view name) {
  const auto before = [](const void* context, const ds::BlockHeader* block) {
    return static_cast<const Block*>(block)->key() < *static_cast<const std::string_view*>(context);
  };
  return tree.last_before(name_key(name), before, &name);
}

/// Invalid when it is not there.
template <class Block>
ds::BlockCursor find_named(const ds::BlockTree& tree, std::string_view name) {
  ds::BlockCursor cursor = before_name<Block>(tree, name);
  if (cursor.valid()) {
    cursor.next();
  } else {
    cursor = tree.first();
  }
  if (cursor.valid() && static_cast<const Block*>(cursor.block())->key() != name) cursor = {};
  return cursor;
}

/// Requires that the name is not there.
template <class Block>
void insert_named(ds::BlockTree& tree, Block* block) {
  ds::BlockCursor cursor = before_name<Block>(tree, block->key());
  tree.insert_after(cursor, block, 1, name_key(block->key()));
}

}  // namespace gyre::store
