// A node of ListObject.
#pragma once

#include <cstdint>
#include <string_view>

#include "gyre/base/blob.h"
#include "gyre/ds/block_tree.h"

namespace gyre::store {

/// One allocation: this, and behind it the listpack. A plain node has a Blob instead, which is not counted in
/// `bytes` (it may be larger than that can say) but told to the tree.
struct ListBlock : ds::BlockHeader {
  uint32_t size = 0;      // of the listpack
  uint32_t capacity = 0;  // room for it
  void* blob = nullptr;   // detached; null: a listpack

  bool plain() const { return blob != nullptr; }
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view view() const {
    return plain() ? base::Blob::view_of(blob) : std::string_view(data(), size);
  }
  /// What `bytes` is told to be: by create(), and afterwards through the tree.
  uint32_t allocated() const { return static_cast<uint32_t>(sizeof(ListBlock)) + capacity; }
  /// Memory beside the block.
  size_t outside() const { return plain() ? base::Blob::share(blob).footprint() : 0; }

  static ListBlock* create(size_t capacity);
  static ListBlock* create_plain(std::string_view bytes);
  static ListBlock* create_packed(std::string_view listpack);
  /// Where the block is when it has room for `capacity` bytes, and little more. Requires refs == 1.
  static ListBlock* with_capacity(ListBlock* block, size_t capacity);
};

extern const ds::BlockOps kListBlockOps;

}  // namespace gyre::store
