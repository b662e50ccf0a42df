// What every thread of the process does at this moment, written to the log: its stack, and of a reactor the
// command that runs and who waits. Each thread writes its own part in a signal handler (SIGUSR2), because
// only it may follow its own pointers; whoever asks waits for one after the other, for a bounded time.
//
// Everything that writes is async-signal-safe.
#pragma once

#include <ucontext.h>

#include <atomic>
#include <cstddef>

namespace gyre::io {
class Reactor;
}
namespace gyre::exec {
class ReactorState;
}

namespace gyre::server {

/// Lives on a reactor's thread while the reactor runs: makes it known to reports, and gives the thread a
/// stack of its own for signals, so that a stack that overflowed is reported too.
class ReportedReactor {
 public:
  ReportedReactor(const io::Reactor& reactor, const exec::ReactorState& state);
  ReportedReactor(const ReportedReactor&) = delete;
  ReportedReactor& operator=(const ReportedReactor&) = delete;
  ~ReportedReactor();

  const io::Reactor& reactor;
  const exec::ReactorState& state;

 private:
  void* signal_stack_ = nullptr;
};

/// Reactors of a higher index run as any other, but reports do not show them.
inline constexpr unsigned kMaxReportedReactors = 256;
/// Null when that reactor does not run (any more). Any thread; valid as long as the server lives.
const ReportedReactor* reported_reactor(unsigned index);

/// Installs the handler of SIGUSR2, and prepares what the first stack trace would otherwise allocate. Before
/// threads run.
void prepare_thread_reports();

/// The calling thread's part. `context`: of the signal that interrupted it, or null; `mark`: behind its name.
void write_own_thread(const ucontext_t* context, const char* mark);
/// All other threads' parts.
void write_other_threads();
/// A line for each reactor, without asking its thread.
void write_reactors();

/// The instruction that a signal interrupted; null on machines where we do not know.
void* interrupted_instruction(const ucontext_t* context);
/// As if the function that was called had returned at once: for a call to an address where there is no code,
/// from where no stack can be unwound.
void undo_call(ucontext_t* context);
void write_registers(const ucontext_t* context);

}  // namespace gyre::server
