#include "chunk_fan.h"

#include <algorithm>

namespace gyre::repl {

void ChunkFan::join(Reader& reader) {
  std::lock_guard lock(mutex_);
  reader.at = first_;
  readers_.push_back(&reader);
}

void ChunkFan::leave(Reader& reader) {
  std::lock_guard lock(mutex_);
  if (std::erase(readers_, &reader) == 0) return;
  drop_taken();
  room.set();
}

ChunkFan::Reader::Next ChunkFan::take(Reader& reader, rdb::Chunk* chunk) {
  std::lock_guard lock(mutex_);
  const size_t index = static_cast<size_t>(reader.at - first_);
  if (index < chunks_.size()) {
    *chunk = chunks_[index];
    ++reader.at;
    drop_taken();
    room.set();
    return Reader::Next::kChunk;
  }
  if (!ended_) return Reader::Next::kNothing;
  return whole_ ? Reader::Next::kEnd : Reader::Next::kFailed;
}

void ChunkFan::push(rdb::Chunk chunk) {
  std::lock_guard lock(mutex_);
  bytes_ += chunk.size;
  chunks_.push_back(std::move(chunk));
  tell_readers();
}

void ChunkFan::end(bool whole) {
  std::lock_guard lock(mutex_);
  ended_ = true;
  whole_ = whole;
  tell_readers();
}

bool ChunkFan::full() {
  std::lock_guard lock(mutex_);
  return bytes_ >= kMaxBytes;
}

size_t ChunkFan::readers() {
  std::lock_guard lock(mutex_);
  return readers_.size();
}

void ChunkFan::drop_taken() {
  uint64_t oldest = first_ + chunks_.size();
  for (const Reader* reader : readers_) oldest = std::min(oldest, reader->at);
  for (; first_ < oldest; ++first_) {
    bytes_ -= chunks_.front().size;
    chunks_.pop_front();
  }
}

// With the mutex: a reader that leaves cannot be destroyed meanwhile.
void ChunkFan::tell_readers() {
  for (Reader* reader : readers_) reader->more.set();
}

}  // namespace gyre::repl
