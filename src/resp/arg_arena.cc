#include "gyre/resp/arg_arena.h"

#include <algorithm>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"

namespace gyre::resp {

ArgArena::~ArgArena() { base::deallocate(args_); }

void ArgArena::grow(uint32_t count) {
  constexpr uint64_t kFirst = 64;
  uint64_t needed = uint64_t{size_} + count;
  uint64_t capacity = std::max({needed, uint64_t{capacity_} * 2, kFirst});
  GYRE_CHECK(needed <= UINT32_MAX);
  capacity = std::min<uint64_t>(capacity, UINT32_MAX);
  args_ = static_cast<Arg*>(base::reallocate(args_, capacity * sizeof(Arg)));
  capacity_ = static_cast<uint32_t>(capacity);
}

void ArgArena::clear_slow() {
  extras_.reset();
  if (capacity_ > kKeepArgs) {
    base::deallocate(std::exchange(args_, nullptr));
    capacity_ = 0;
  }
}

void ArgArena::truncate(uint32_t size) {
  GYRE_CHECK(size <= size_);
  size_ = size;
  if (!extras_) return;
  while (!extras_->blobs.empty() && extras_->blobs.back().first >= size) extras_->blobs.pop_back();
}

ArgArena::Extras& ArgArena::extras() {
  if (!extras_) extras_ = std::make_unique<Extras>();
  return *extras_;
}

void ArgArena::push_blob(base::Blob blob) {
  uint32_t index = size_;
  push(blob.view());
  extras().blobs.emplace_back(index, std::move(blob));
}

base::Blob ArgArena::find_blob(uint32_t index) const {
  const auto& blobs = extras_->blobs;
  auto it = std::lower_bound(blobs.begin(), blobs.end(), index,
                             [](const auto& entry, uint32_t wanted) { return entry.first < wanted; });
  return it != blobs.end() && it->first == index ? it->second : base::Blob();
}

char* ArgArena::store(size_t bytes) {
  Extras& side = extras();
  if (side.chunks.empty() || side.chunks.back().size - side.used < bytes) {
    size_t size = std::max(bytes, kChunkBytes);
    side.chunks.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    side.used = 0;
  }
  char* place = side.chunks.back().bytes.get() + side.used;
  side.used += bytes;
  return place;
}

size_t ArgArena::footprint() const {
  size_t bytes = size_t{capacity_} * sizeof(Arg);
  if (!extras_) return bytes;
  bytes += sizeof(Extras) + extras_->chunks.capacity() * sizeof(Chunk);
  for (const Chunk& chunk : extras_->chunks) bytes += chunk.size;
  bytes += extras_->blobs.capacity() * sizeof(extras_->blobs[0]);
  for (const auto& [index, blob] : extras_->blobs) bytes += blob.footprint();
  return bytes;
}

}  // namespace gyre::resp
