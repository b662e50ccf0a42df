#include "gyre/coro/executor.h"

namespace gyre::coro {

thread_local constinit Executor* Executor::current_ = nullptr;

}  // namespace gyre::coro
