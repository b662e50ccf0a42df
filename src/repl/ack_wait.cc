#include "ack_wait.h"

#include <algorithm>
#include <limits>
#include <mutex>

#include "gyre/base/clock.h"
#include "gyre/io/reactor.h"
#include "gyre/io/stream.h"
#include "gyre/repl/primary.h"

namespace gyre::repl {

namespace {

/// How soon it is noticed that the client has gone.
constexpr int64_t kLookUs = 100'000;

}  // namespace

bool AckWait::unblock(bool with_error) {
  Told nothing = Told::kNothing;
  const bool first = told_.compare_exchange_strong(nothing, with_error ? Told::kError : Told::kTimeout,
                                                   std::memory_order_acq_rel);
  enough.set();
  return first;
}

coro::Task<void> AckWait::wait(exec::Session& session) {
  io::Reactor& reactor = *session.handle.home();
  const io::Stream& stream = *session.handle.stream();
  {
    std::lock_guard lock(primary_.mutex_);
    primary_.waits_.push_back(this);
    primary_.wait_count_.store(primary_.waits_.size(), std::memory_order_seq_cst);
  }
  // An acknowledgement that came before the list had this is seen here.
  while (primary_.acknowledged(offset) < static_cast<size_t>(replicas) && !stream.gone() &&
         told_.load(std::memory_order_acquire) == Told::kNothing) {
    const int64_t left =
        deadline_us_ == 0 ? std::numeric_limits<int64_t>::max() : deadline_us_ - base::monotonic_us();
    if (left <= 0) break;
    if (co_await reactor.wait_for(enough, std::min(left, kLookUs))) enough.reset();
  }
  {
    std::lock_guard lock(primary_.mutex_);
    std::erase(primary_.waits_, this);
    primary_.wait_count_.store(primary_.waits_.size(), std::memory_order_relaxed);
  }
  if (told_.load(std::memory_order_acquire) == Told::kError)
    session.reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
  else
    session.reply.integer(static_cast<int64_t>(primary_.acknowledged(offset)));
}

}  // namespace gyre::repl
