#include "chunk_pool.h"

#include <new>

#include "gyre/base/memory.h"
#include "gyre/base/out_buffer.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GYRE_POISON_POOL 1
#include <sanitizer/asan_interface.h>
#endif
#endif

namespace gyre::base {
namespace {

constexpr int kMaxPooled = 256;  // 4 MiB a thread

// Free chunks of this thread. Trivial types, so that access needs no guard; FreeAtExit does the cleaning up.
struct FreeChunk {
  FreeChunk* next;
};
thread_local constinit FreeChunk* t_free = nullptr;
thread_local constinit int t_free_count = 0;
thread_local constinit bool t_pool_closed = false;

// AddressSanitizer then reports the use of a piece after its end, although the memory never left the pool.
// The link itself stays readable for the leak checker.
#ifdef GYRE_POISON_POOL
void poison(FreeChunk* chunk) {
  ASAN_POISON_MEMORY_REGION(chunk + 1, OutBuffer::kChunkBytes - sizeof(FreeChunk));
}
void unpoison(FreeChunk* chunk) { ASAN_UNPOISON_MEMORY_REGION(chunk, OutBuffer::kChunkBytes); }
#else
void poison(FreeChunk*) {}
void unpoison(FreeChunk*) {}
#endif

// Requires: the pool is not empty.
void* pop_free() {
  FreeChunk* chunk = t_free;
  unpoison(chunk);
  t_free = chunk->next;
  --t_free_count;
  return chunk;
}

struct FreeAtExit {
  ~FreeAtExit() {
    t_pool_closed = true;  // buffers that die later on this thread free their chunks at once
    while (t_free) deallocate(pop_free());
  }
};

}  // namespace

void* take_pooled_chunk() {
  if (t_free) [[likely]]
    return pop_free();
  return allocate(OutBuffer::kChunkBytes);
}

void give_pooled_chunk(void* block) {
  if (t_pool_closed || t_free_count >= kMaxPooled) {
    deallocate(block);
    return;
  }
  thread_local FreeAtExit at_exit;
  (void)&at_exit;  // made on first use
  t_free = new (block) FreeChunk{t_free};
  ++t_free_count;
  poison(t_free);
}

}  // namespace gyre::base
