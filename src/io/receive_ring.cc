#include "receive_ring.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>

namespace gyre::io {
namespace {

void* map(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace

int ReceiveRing::start(io_uring* ring, unsigned count) {
  count = std::bit_ceil(std::clamp(count, 1u, 32768u));
  mask_ = count - 1;
  ring_bytes_ = count * sizeof(io_uring_buf);
  memory_bytes_ = count * kStride;
  ring_ = static_cast<io_uring_buf_ring*>(map(ring_bytes_));
  memory_ = static_cast<char*>(map(memory_bytes_));
  if (!ring_ || !memory_) return -ENOMEM;
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uintptr_t>(ring_);
  registration.ring_entries = count;
  registration.bgid = kGroup;
  if (int result = io_uring_register_buf_ring(ring, &registration, 0); result != 0) return result;
  io_uring_buf_ring_init(ring_);
  for (unsigned i = 0; i < count; ++i) give_back(i);
  publish();
  return 0;
}

// The ring that used them is closed by then.
ReceiveRing::~ReceiveRing() {
  if (ring_) ::munmap(ring_, ring_bytes_);
  if (memory_) ::munmap(memory_, memory_bytes_);
}

void ReceiveRing::give_back(unsigned buffer) {
  io_uring_buf_ring_add(ring_, data(buffer), kReceiveBufferBytes, static_cast<uint16_t>(buffer),
                        static_cast<int>(mask_), static_cast<int>(returned_++));
}

void ReceiveRing::publish() {
  if (returned_ > 0) io_uring_buf_ring_advance(ring_, static_cast<int>(returned_));
  returned_ = 0;
}

}  // namespace gyre::io
