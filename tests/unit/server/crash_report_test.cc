#include "gyre/server/crash_report.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "gyre/base/log.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/io/reactor.h"
#include "gyre/server/config.h"
#include "gyre/server/thread_reports.h"

namespace gyre::server {
namespace {

// A sanitizer keeps the signals to itself.
#ifndef GYRE_SANITIZED

/// What a reactor's thread has when it crashes, in the child process of a death test.
void crash(void (*how)()) {
  base::set_log_target({.file = "/dev/stderr"});
  Config config;
  install_crash_reports(config);
  io::ReactorOptions options;
  options.backend = io::BackendKind::kEpoll;
  const auto reactor = io::Reactor::create(options, nullptr, nullptr);
  const exec::ReactorState state(0, 1);
  const ReportedReactor reported(*reactor, state);
  how();
}

volatile unsigned g_sink = 0;

__attribute__((noinline)) unsigned recurse(unsigned depth) {
  volatile char room[4096];
  room[depth % sizeof(room)] = 1;
  return depth == 0 ? 0 : recurse(depth + 1) + static_cast<unsigned>(room[0]);
}
void overflow_stack() { g_sink = recurse(1); }

__attribute__((noinline)) void call_nothing() {
  void (*volatile nothing)() = nullptr;
  nothing();
  g_sink = 1;  // so that the call is no jump
}

TEST(CrashReportDeathTest, AStackThatOverflowed) {
  EXPECT_EXIT(crash(&overflow_stack), testing::KilledBySignal(SIGSEGV),
              "::recurse(.|\n)*BUG REPORT END");
}

TEST(CrashReportDeathTest, ACallToNowhereShowsTheCaller) {
  EXPECT_EXIT(crash(&call_nothing), testing::KilledBySignal(SIGSEGV),
              "instruction at: 0x0\n(.|\n)*#0 [^\n]*::call_nothing(.|\n)*BUG REPORT END");
}

TEST(CrashReportDeathTest, APanicSaysWhy) {
  EXPECT_EXIT(crash([] { panic("a.cc", 12, "all is lost"); }), testing::KilledBySignal(SIGABRT),
              "Guru Meditation: all is lost #a.cc:12(.|\n)*crashed by signal: 6(.|\n)*, reactor 0");
}

TEST(CrashReportDeathTest, SwitchedOffItLeavesOnlyTheSignal) {
  EXPECT_EXIT(
      {
        crash([] {
          Config config;
          config.crash_log_enabled.set(false);
          install_crash_reports(config);
          std::raise(SIGSEGV);
        });
      },
      testing::KilledBySignal(SIGSEGV), "^$");
}

#endif

}  // namespace
}  // namespace gyre::server
