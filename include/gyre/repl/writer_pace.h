// How fast writers may go while a replica is far behind: so slowly that it can catch up before it is dropped at its output
// limit and needs another full sync, which it would lose the same way.
//
// Writers are faster than a replica applies. Up to half of the limit nobody waits. From there on what may be written in a
// second shrinks with what is left, so that the limit is not reached while the replica goes on taking; and never below
// kLeastRate, which few loads reach: a replica that is slower than that is dropped as ever.
//
// Any thread; relaxed atomics: what is a millisecond old does as well.
#pragma once

#include <atomic>
#include <cstdint>

namespace gyre::repl {

class WriterPace {
 public:
  static constexpr uint64_t kNoLimit = UINT64_MAX;
  static constexpr uint64_t kLeastRate = uint64_t{4} << 20;  // bytes a second

  /// Bytes a second that leave a replica room for about `horizon_s` seconds, with `behind` bytes and a limit at `limit`;
  /// kNoLimit while it is not far behind.
  static uint64_t rate(uint64_t behind, uint64_t limit, uint64_t horizon_s);

  /// Whether it is time for the next update(), at most one a millisecond; for one of those that ask.
  bool due(int64_t now_us);
  /// The head of the stream, and what may be written a second from now on. True: active() has changed.
  bool update(uint64_t head, uint64_t rate, int64_t now_us);
  /// Whether there is a limit at all.
  bool active() const { return active_.load(std::memory_order_relaxed); }
  bool must_wait(uint64_t head) const { return active() && head >= until_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> active_{false};
  std::atomic<uint64_t> until_{0};  // offset up to which may be written
  std::atomic<int64_t> updated_us_{0};
  int64_t counted_us_ = 0;  // update()'s
};

}  // namespace gyre::repl
