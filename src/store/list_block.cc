#include "list_block.h"

#include <lzf.h>

#include <limits>

#include "gyre/base/check.h"

namespace gyre::store {

namespace {

ds::BlockHeader* clone(const ds::BlockHeader* header) {
  const auto& block = static_cast<const ListBlock&>(*header);
  ListBlock* copy = block.plain ? ListBlock::create_plain(base::Blob::share(block.blob()))
                                : ListBlock::create(block.view());
  copy->compressed = block.compressed;
  copy->expanded_size = block.expanded_size;
  copy->incompressible = block.incompressible;
  return copy;
}

void destroy(ds::BlockHeader* header) {
  auto* block = static_cast<ListBlock*>(header);
  if (block->plain) base::Blob::adopt(block->blob()).reset();
  ListBlock::destroy(block);
}

/// Of the LZF, written to room for as many bytes as there are; 0 when too little is saved.
uint32_t compress_to(char* to, std::string_view bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  const uint32_t compressed = lzf_compress(bytes.data(), size, to, size);
  return compressed + ListBlock::kWorthwhile < size ? compressed : 0;
}

}  // namespace

const ds::BlockOps kListBlockOps{clone, destroy, /*keyed=*/false};

ListBlock* ListBlock::create_plain(base::Blob bytes) {
  void* detached = bytes.detach();
  ListBlock* block = create(sizeof detached);
  std::memcpy(block->data(), &detached, sizeof detached);
  block->plain = true;
  return block;
}

ListBlock* ListBlock::make_compressed() const {
  const std::string_view bytes = view();
  if (bytes.size() < kCompressFrom || bytes.size() > std::numeric_limits<uint32_t>::max()) return nullptr;
  base::Blob room = base::Blob::create(bytes.size());
  const uint32_t compressed_size = compress_to(room.data(), bytes);
  if (compressed_size == 0) return nullptr;
  const std::string_view result(room.data(), compressed_size);
  ListBlock* block = plain ? create_plain(base::Blob::copy_of(result)) : create(result);
  block->compressed = true;
  block->expanded_size = static_cast<uint32_t>(bytes.size());
  return block;
}

ListBlock* ListBlock::make_expanded() const {
  if (plain) {
    base::Blob bytes = base::Blob::create(expanded_size);
    expand_into(bytes.data());
    return create_plain(std::move(bytes));
  }
  ListBlock* block = create(expanded_size);
  expand_into(block->data());
  block->size = expanded_size;
  return block;
}

void ListBlock::expand_into(char* to) const {
  const std::string_view bytes = view();
  GYRE_CHECK(lzf_decompress(bytes.data(), static_cast<unsigned>(bytes.size()), to, expanded_size) ==
             expanded_size);
}

}  // namespace gyre::store
