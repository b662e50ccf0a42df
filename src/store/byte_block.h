// A block of a tree whose content is bytes: a packed node. Private to this module.
#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include "gyre/base/memory.h"
#include "gyre/ds/block_tree.h"

namespace gyre::store {

/// One allocation: the node, and behind it its bytes. Node derives from this, adds what it likes, and is
/// made, moved and freed by the functions here alone.
template <class Node>
struct ByteBlock : ds::BlockHeader {
  uint32_t size = 0;      // of the bytes
  uint32_t capacity = 0;  // room for them

  char* data() { return reinterpret_cast<char*>(static_cast<Node*>(this) + 1); }
  const char* data() const { return reinterpret_cast<const char*>(static_cast<const Node*>(this) + 1); }
  /// What BlockHeader::bytes is told to be: by create(), and afterwards through the tree.
  uint32_t allocated() const { return static_cast<uint32_t>(sizeof(Node)) + capacity; }

  static Node* create(size_t capacity) {
    auto* node = new (base::allocate(sizeof(Node) + capacity)) Node;
    node->note_capacity();
    node->bytes = node->allocated();
    return node;
  }
  static Node* create(std::string_view content) {
    Node* node = create(content.size());
    std::memcpy(node->data(), content.data(), content.size());
    node->size = static_cast<uint32_t>(content.size());
    return node;
  }
  /// Where the node is when it has room for `capacity` bytes, and little more. Requires refs == 1.
  static Node* with_capacity(Node* node, size_t capacity) {
    node = static_cast<Node*>(base::reallocate(node, sizeof(Node) + capacity));
    node->note_capacity();
    return node;
  }
  static void destroy(Node* node) {
    node->~Node();
    base::deallocate(node);
  }

 private:
  /// The content may use all that the allocator gave.
  void note_capacity() {
    capacity = static_cast<uint32_t>(base::usable_size(static_cast<Node*>(this)) - sizeof(Node));
  }
};

}  // namespace gyre::store
