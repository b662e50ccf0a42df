#include "gyre/rdb/chunk.h"

#include <algorithm>

namespace gyre::rdb {

void ChunkBuilder::open(size_t bytes) {
  close();
  const size_t room = std::max(bytes, capacity_);
  blob_ = base::Blob::create(room);
  begin_ = at_ = blob_.data();
  end_ = begin_ + room;
  footprint_ += room;
}

/// Makes a piece of what has been written since the last one.
void ChunkBuilder::close() {
  const auto size = static_cast<size_t>(at_ - begin_);
  if (size == 0) return;
  pieces_.push_back({blob_, static_cast<size_t>(begin_ - blob_.data()), size});
  closed_bytes_ += size;
  begin_ = at_;
}

void ChunkBuilder::append_reference(base::Blob blob) {
  const size_t size = blob.size();
  if (size == 0) return;
  close();
  pieces_.push_back({std::move(blob), 0, size});
  closed_bytes_ += size;
  footprint_ += size;
}

std::vector<Chunk> ChunkBuilder::take() {
  close();
  std::vector<Chunk> pieces = std::move(pieces_);
  clear();
  return pieces;
}

void ChunkBuilder::clear() {
  pieces_.clear();
  blob_.reset();
  begin_ = at_ = end_ = nullptr;
  closed_bytes_ = 0;
  footprint_ = 0;
}

}  // namespace gyre::rdb
