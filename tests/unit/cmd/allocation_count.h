// How often this program has asked the allocator for memory. The linker puts the counters between it and
// mimalloc
// (--wrap), which is not there under a sanitizer.
#pragma once

#include <cstdint>

namespace gyre::cmd {

bool counts_allocations();
uint64_t allocations();

}  // namespace gyre::cmd
