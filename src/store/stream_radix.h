// How many nodes Redis's radix tree of a stream has: it is keyed by the 16 bytes of node IDs, and nodes with
// one kid are put together to chains. XINFO STREAM shows the number. Private to this module.
#pragma once

#include <cstdint>

#include "gyre/ds/block_tree.h"

namespace gyre::store {

/// How many more there are because of the key at the cursor. O(log n).
uint64_t radix_nodes_for(const ds::BlockTree& keys, const ds::BlockCursor& cursor);
/// How many there are. O(n), for tests.
uint64_t count_radix_nodes(const ds::BlockTree& keys);

}  // namespace gyre::store
