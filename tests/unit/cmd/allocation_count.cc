#include "allocation_count.h"

#include <atomic>
#include <cstddef>

#ifdef GYRE_MIMALLOC
namespace {
std::atomic<uint64_t> g_count{0};
}
// The linker chooses the names.
// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier)
extern "C" {
void* __real_mi_malloc(size_t bytes);
void* __real_mi_malloc_aligned(size_t bytes, size_t alignment);
void* __real_mi_realloc(void* block, size_t bytes);
void* __wrap_mi_malloc(size_t bytes) { return ++g_count, __real_mi_malloc(bytes); }
void* __wrap_mi_malloc_aligned(size_t bytes, size_t alignment) {
  return ++g_count, __real_mi_malloc_aligned(bytes, alignment);
}
void* __wrap_mi_realloc(void* block, size_t bytes) { return ++g_count, __real_mi_realloc(block, bytes); }
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
#endif

namespace gyre::cmd {

#ifdef GYRE_MIMALLOC
bool counts_allocations() { return true; }
uint64_t allocations() { return g_count; }
#else
bool counts_allocations() { return false; }
uint64_t allocations() { return 0; }
#endif

}  // namespace gyre::cmd
