// Signals as calls on a reactor's thread. The handler writes the signal's number into a pipe, so it works
// whichever thread the system interrupts, and nothing has to be masked.
//
// One object a process at a time. Thread: the reactor's (the constructor may run before it does).
#pragma once

#include <csignal>
#include <functional>
#include <utility>
#include <vector>

#include "gyre/io/reactor.h"

namespace gyre::io {

class Signals {
 public:
  /// Calls on_signal(number) for each of `signals` from now on. Equal signals in quick succession may come as
  /// one call each or not, as the system has it.
  Signals(Reactor& reactor, const std::vector<int>& signals, std::function<void(int)> on_signal);
  Signals(const Signals&) = delete;
  ~Signals();  // CHECK: stopped

  /// Restores the former handlers.
  coro::Task<void> stop();

 private:
  coro::Task<void> watch();

  Reactor& reactor_;
  std::function<void(int)> on_signal_;
  std::vector<std::pair<int, struct sigaction>> former_;
  int read_fd_ = -1, write_fd_ = -1;
  coro::Scope scope_;
};

}  // namespace gyre::io
