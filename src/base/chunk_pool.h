// The free chunks of OutBuffer, a bounded pool for each thread. A chunk may come from one thread and go to
// another's pool; beyond the bound it goes back to the allocator.
#pragma once

namespace gyre::base {

/// OutBuffer::kChunkBytes of uninitialised memory.
void* take_pooled_chunk();
void give_pooled_chunk(void* block);

}  // namespace gyre::base
