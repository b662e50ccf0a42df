// Waiting for descriptors that are no streams.
#pragma once

#include <cstdint>

#include "gyre/coro/task.h"

namespace gyre::io {

class Reactor;

/// As Reactor::poll(), for `timeout_us` at most: revents, or -errno (-ETIMEDOUT). On the reactor's thread.
coro::Task<int> poll_within(Reactor& reactor, int fd, uint32_t events, int64_t timeout_us);

}  // namespace gyre::io
