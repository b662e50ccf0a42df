// A node of ListObject.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "byte_block.h"
#include "gyre/base/blob.h"

namespace gyre::store {

/// A plain node has a Blob for its bytes, and behind this the pointer to it: then `size` has no meaning, and
/// the Blob is not counted in `bytes` (it may be larger than that can say) but told to the tree.
struct ListBlock : ByteBlock<ListBlock> {
  /// Shorter nodes are not compressed; compression has to save more than kWorthwhile. Both are Redis's.
  static constexpr size_t kCompressFrom = 48, kWorthwhile = 8;

  uint32_t expanded_size = 0;  // of a compressed node
  bool plain = false;
  bool compressed = false;      // then it never changes
  bool incompressible = false;  // it was tried, and the bytes are still the same

  /// Detached. Requires plain.
  void* blob() const {
    void* blob;
    std::memcpy(&blob, data(), sizeof blob);
    return blob;
  }
  /// As they are kept.
  std::string_view view() const {
    return plain ? base::Blob::view_of(blob()) : std::string_view(data(), size);
  }
  size_t expanded_bytes() const { return compressed ? expanded_size : view().size(); }
  /// Memory beside the block.
  size_t outside() const { return plain ? base::Blob::share(blob()).footprint() : 0; }

  static ListBlock* create_plain(base::Blob bytes);

  /// The same node compressed; null when that saves too little. Requires one that is not.
  ListBlock* make_compressed() const;
  /// The same node expanded. Requires a compressed one, as does the next.
  ListBlock* make_expanded() const;
  /// Writes `expanded_size` bytes.
  void expand_into(char* to) const;
};

extern const ds::BlockOps kListBlockOps;

inline const ListBlock& block_of(const ds::BlockCursor& cursor) {
  return static_cast<const ListBlock&>(*cursor.block());
}

}  // namespace gyre::store
