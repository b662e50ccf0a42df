// Where used_memory comes from: every live block is counted by its usable size, on the thread that allocates
// or frees it, with plain thread-local arithmetic; readers sum over threads. Counted are: global new/delete
// (replaced in memory.cc), allocate/deallocate below, and what arenas report through account().
// A thread's count may be negative (it frees what others allocated); the sum is exact once threads are quiet.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gyre::base {

/// Uninitialised memory, at least `bytes`; aborts when the system has none. Counted.
void* allocate(size_t bytes);
void* reallocate(void* block, size_t bytes);
void deallocate(void* block) noexcept;
size_t usable_size(const void* block);

/// Gives the system back what the allocator keeps free for this thread. Takes as long as a walk over the
/// thread's pages.
void release_free_memory() noexcept;

/// Adds to this thread's count what was obtained from the system by other ways (mmap of arenas).
void account(int64_t bytes) noexcept;

/// What this thread has allocated less what it has freed, whoever allocated it: for telling how it changes.
int64_t thread_bytes() noexcept;
/// Sum over all threads, alive and ended.
int64_t allocated_bytes();

/// The process's resident set in bytes, from /proc/self/statm.
size_t resident_bytes();

}  // namespace gyre::base
