// Regions of 2 MiB for arenas, mapped on demand or taken from a small stock that a helper thread prepares:
// one huge page each where the system gives one, otherwise small pages that are all there already. So a large
// arena grows without page faults on a command's path.
//
// Owner and thread: one stock for the process; every function may be called by any thread. The helper starts
// with the first call of take_prepared_region(), sleeps while the stock is full, and ends when the process
// exits. There is no helper while the process may use one core only: regions are then mapped on demand.
//
// Why nothing is turned into huge pages later (MADV_COLLAPSE, or khugepaged by MADV_HUGEPAGE): the kernel
// copies the 2 MiB with the page table entry taken away and the process's memory map locked for writing; who
// touches the region meanwhile, or maps memory, waits to its end. The figures are in docs/architecture.md.
#pragma once

#include <cstddef>

namespace gyre::ds {

constexpr size_t kRegionBytes = size_t{2} << 20;
/// Regions the stock holds: what an arena fills while two are prepared is far less.
constexpr size_t kPreparedRegions = 2;

/// Address space for one region, aligned to its size, zeros when read; small pages come as they are touched,
/// huge ones never, whatever the system's setting: no fault here may clear 2 MiB. Null when the system
/// refuses.
void* map_region();
/// The content goes too. Of a region from either function.
void unmap_region(void* region);

/// A region whose memory is there and zero, huge pages if possible; null when none is ready (the stock is
/// then being filled: use map_region()). Waits for nobody; costs one system call, the helper's wake-up. The
/// first call of the process also makes the thread.
void* take_prepared_region();

/// Regions ready now; for tests.
size_t prepared_regions();
/// Ends the helper, and returns the stock to the system; a later take_prepared_region() starts anew. For
/// tests, and for the end of the process.
void stop_region_keeper();

}  // namespace gyre::ds
