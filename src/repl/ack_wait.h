// A client in WAIT: until enough replicas have acknowledged its last write, its time is up, or it is gone.
#pragma once

#include <atomic>
#include <cstdint>

#include "gyre/coro/event.h"
#include "gyre/exec/session.h"

namespace gyre::repl {

class Primary;

class AckWait final : public exec::Blocked {
 public:
  /// `deadline_us` on the monotonic clock, 0: none.
  AckWait(Primary& primary, uint64_t offset, int64_t replicas, int64_t deadline_us)
      : offset(offset), replicas(replicas), primary_(primary), deadline_us_(deadline_us) {}
  coro::Task<void> wait(exec::Session& session) override;
  bool unblock(bool with_error) override;
  bool has_deadline() const override { return deadline_us_ != 0; }

  const uint64_t offset;
  const int64_t replicas;
  coro::Event enough;

 private:
  enum class Told : uint8_t { kNothing, kTimeout, kError };

  Primary& primary_;
  std::atomic<Told> told_{Told::kNothing};
  const int64_t deadline_us_;
};

}  // namespace gyre::repl
