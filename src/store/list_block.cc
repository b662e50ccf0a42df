#include "list_block.h"

#include <cstring>
#include <new>

#include "gyre/base/memory.h"

namespace gyre::store {

namespace {

ds::BlockHeader* clone(const ds::BlockHeader* header) {
  const auto& block = static_cast<const ListBlock&>(*header);
  if (!block.plain()) return ListBlock::create_packed(block.view());
  ListBlock* copy = ListBlock::create(0);
  copy->blob = base::Blob::share(block.blob).detach();
  return copy;
}

void destroy(ds::BlockHeader* header) {
  auto* block = static_cast<ListBlock*>(header);
  if (block->plain()) base::Blob::adopt(block->blob).reset();
  block->~ListBlock();
  base::deallocate(block);
}

/// The listpack may use all that the allocator gave.
void note_capacity(ListBlock* block) {
  block->capacity = static_cast<uint32_t>(base::usable_size(block) - sizeof(ListBlock));
}

}  // namespace

const ds::BlockOps kListBlockOps{clone, destroy, /*keyed=*/false};

ListBlock* ListBlock::create(size_t capacity) {
  auto* block = new (base::allocate(sizeof(ListBlock) + capacity)) ListBlock;
  note_capacity(block);
  block->bytes = block->allocated();
  return block;
}

ListBlock* ListBlock::create_plain(std::string_view bytes) {
  ListBlock* block = create(0);
  block->blob = base::Blob::copy_of(bytes).detach();
  return block;
}

ListBlock* ListBlock::create_packed(std::string_view listpack) {
  ListBlock* block = create(listpack.size());
  std::memcpy(block->data(), listpack.data(), listpack.size());
  block->size = static_cast<uint32_t>(listpack.size());
  return block;
}

ListBlock* ListBlock::with_capacity(ListBlock* block, size_t capacity) {
  block = static_cast<ListBlock*>(base::reallocate(block, sizeof(ListBlock) + capacity));
  note_capacity(block);
  return block;
}

}  // namespace gyre::store
