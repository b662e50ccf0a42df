// The receive buffers of a reactor that the kernel picks from (a provided-buffer ring, kernel 5.19). An idle
// connection holds none of them. Thread: the reactor's.
#pragma once

#include <liburing.h>

#include <cstddef>

#include "gyre/io/backend.h"

namespace gyre::io {

class ReceiveRing {
 public:
  static constexpr unsigned kGroup = 0;

  ReceiveRing() = default;
  ReceiveRing(const ReceiveRing&) = delete;
  ~ReceiveRing();

  /// Registers `count` buffers (rounded up to a power of two). Returns 0 or -errno.
  int start(io_uring* ring, unsigned count);
  char* data(unsigned buffer) { return memory_ + buffer * kStride; }
  /// Gives a buffer back; the kernel sees it after the next publish().
  void give_back(unsigned buffer);
  void publish();

 private:
  // Not a multiple of the page: the first lines of all buffers would fall into the same sets of the caches,
  // and short requests use nothing but first lines.
  static constexpr size_t kStride = kReceiveBufferBytes + 3 * 64;

  io_uring_buf_ring* ring_ = nullptr;
  size_t ring_bytes_ = 0;
  char* memory_ = nullptr;
  size_t memory_bytes_ = 0;
  unsigned mask_ = 0;
  unsigned returned_ = 0;
};

}  // namespace gyre::io
