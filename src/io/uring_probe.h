// What this kernel's io_uring can do, found by trying.
#pragma once

#include <liburing.h>

#include <string>

#include "gyre/io/backend.h"

namespace gyre::io::uring {

struct Offered {
  bool works = false;
  std::string reason;         // why not
  UringFeatures features;     // what was seen to work
  bool report_usage = false;  // zero-copy sends tell whether the kernel copied
  bool cooperative_taskrun = false;
};

/// Probed once a process (some milliseconds), on the calling thread. Any thread.
const Offered& offered();

/// Sets up a ring with the best flags that `features` allows. Returns 0 or -errno. `disabled`: the ring is
/// enabled later, on the thread that will own it.
int set_up(io_uring* ring, const UringFeatures& features, bool cooperative_taskrun, unsigned sq_entries,
           unsigned cq_entries, bool disabled);

/// io_uring_enter(2) without liburing, which has no hook for newer flags. Returns what was submitted or
/// -errno.
int enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags);

}  // namespace gyre::io::uring
