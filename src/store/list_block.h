// A node of ListObject.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "gyre/base/blob.h"
#include "gyre/ds/block_tree.h"

namespace gyre::store {

/// One allocation: this, and behind it the bytes of the node. A plain node has a Blob for them instead, and
/// behind this the pointer to it; the Blob is not counted in `bytes` (it may be larger than that can say) but
/// told to the tree.
struct ListBlock : ds::BlockHeader {
  /// Shorter nodes are not compressed; compression has to save more than kWorthwhile. Both are Redis's.
  static constexpr size_t kCompressFrom = 48, kWorthwhile = 8;

  uint32_t size = 0;           // of the bytes behind; without meaning in a plain node
  uint32_t capacity = 0;       // room for them
  uint32_t expanded_size = 0;  // of a compressed node
  bool plain = false;
  bool compressed = false;      // then it never changes
  bool incompressible = false;  // it was tried, and the bytes are still the same

  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
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
  /// What `bytes` is told to be: by create(), and afterwards through the tree.
  uint32_t allocated() const { return static_cast<uint32_t>(sizeof(ListBlock)) + capacity; }
  /// Memory beside the block.
  size_t outside() const { return plain ? base::Blob::share(blob()).footprint() : 0; }

  static ListBlock* create(size_t capacity);
  static ListBlock* create_plain(base::Blob bytes);
  static ListBlock* create_packed(std::string_view listpack);
  /// Where the block is when it has room for `capacity` bytes, and little more. Requires refs == 1 and a
  /// packed one.
  static ListBlock* with_capacity(ListBlock* block, size_t capacity);

  /// The same node compressed; null when that saves too little. Requires one that is not.
  ListBlock* make_compressed() const;
  /// The same node expanded. Requires a compressed one, as does the next.
  ListBlock* make_expanded() const;
  /// Writes `expanded_size` bytes.
  void expand_into(char* to) const;
};

extern const ds::BlockOps kListBlockOps;

}  // namespace gyre::store
