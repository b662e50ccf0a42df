// One producer's chunks for several readers: each gets every chunk from when it joined, none is copied, and a chunk goes
// when the slowest has taken it. Bounded by the slowest (I8: the producer waits, and with it the walk).
//
// Threads: the producer on one reactor, each reader on its own; a mutex for a few instructions per chunk.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "gyre/coro/event.h"
#include "gyre/rdb/chunk.h"

namespace gyre::repl {

class ChunkFan {
 public:
  static constexpr size_t kMaxBytes = size_t{4} << 20;

  class Reader {
   public:
    enum class Next : uint8_t { kChunk, kNothing, kEnd, kFailed };
    /// Set when there may be something to take; the reader resets it before it looks.
    coro::Event more;

   private:
    friend class ChunkFan;
    uint64_t at = 0;
  };

  /// Before the producer has begun, or from the oldest chunk that is still there.
  void join(Reader& reader);
  /// The reader takes nothing any more. Idempotent.
  void leave(Reader& reader);
  Reader::Next take(Reader& reader, rdb::Chunk* chunk);

  // The producer.
  void push(rdb::Chunk chunk);
  /// No further chunk comes; `whole`: the image is complete.
  void end(bool whole);
  bool full();
  size_t readers();
  /// Set when chunks were taken or a reader left.
  coro::Event room;

 private:
  void drop_taken();
  void tell_readers();

  std::mutex mutex_;
  std::deque<rdb::Chunk> chunks_;
  uint64_t first_ = 0;  // number of chunks_.front()
  size_t bytes_ = 0;
  bool ended_ = false, whole_ = false;
  std::vector<Reader*> readers_;
};

}  // namespace gyre::repl
