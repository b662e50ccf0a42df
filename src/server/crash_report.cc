#include "gyre/server/crash_report.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "gyre/base/log.h"
#include "gyre/server/config.h"
#include "gyre/server/raw_text.h"
#include "gyre/server/thread_reports.h"
#include "gyre/server/version.h"

namespace gyre::server {

namespace {

struct Fault {
  int number;
  const char* name;
};
constexpr Fault kFaults[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"},
};

/// A second thread that crashes lets the first finish its report, but not for ever.
constexpr int kOthersWaitSeconds = 15;

std::atomic<int> g_reporting{0};  // the thread that writes the report
char g_pid_file[512];             // to be removed; empty: none

const char* name_of(int number) {
  for (const Fault& fault : kFaults)
    if (fault.number == number) return fault.name;
  return "?";
}

/// The signal's own effect takes over when the handler returns.
void die_by(int number) {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
  // It waits until the handler returns, so that the core dump shows the place of the fault and not the
  // handler.
  ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), number);
}

void write_cause(int number, const siginfo_t& info, const ucontext_t* context) {
  RawText out;
  out.text("\n\n=== REDIS BUG REPORT START: Gyre's crash report, to be passed on from here to its end ===\n");
  out.text("Gyre ")
      .text(kGyreVersion)
      .text(" (Redis ")
      .text(kRedisVersion)
      .text(") crashed by signal: ")
      .decimal(number);
  out.text(" (").text(name_of(number)).text("), si_code: ").decimal(info.si_code).text("\n");
  // The address of a fault that the kernel reported; a signal that was sent has none.
  if (info.si_code > 0) out.text("Accessing address: ").pointer(info.si_addr).text("\n");
  if (info.si_code <= 0 && info.si_pid != ::getpid())
    out.text("Killed by PID: ").decimal(info.si_pid).text(", UID: ").decimal(info.si_uid).text("\n");
  out.text("Crashed running the instruction at: ").pointer(interrupted_instruction(context)).text("\n");
  out.text("Process: ").decimal(::getpid()).text(", Unix time: ").decimal(::time(nullptr)).text("\n");
}

void write_report(int number, const siginfo_t& info, ucontext_t* context) {
  write_cause(number, info, context);
  write_registers(context);
  base::log_raw("\n------ REACTORS ------\n");
  write_reactors();
  base::log_raw("\n------ STACK TRACE ------\n");
  // A call to where no code is: the caller is what one wants to see.
  const ucontext_t before = *context;
  if (info.si_code > 0 && info.si_addr == interrupted_instruction(context)) undo_call(context);
  write_own_thread(context, " *");
  *context = before;
  write_other_threads();
  base::log_raw(
      "\n=== REDIS BUG REPORT END ===\n\n"
      "Please report this crash to Gyre's developers, with everything from START to END.\n"
      "Memory that may be faulty can be tested with gyre-server --test-memory, the system with gyre-server "
      "--check-system.\n\n");
}

void on_fault(int number, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const int self = static_cast<int>(::syscall(SYS_gettid));
  int first = 0;
  if (g_reporting.compare_exchange_strong(first, self)) {
    write_report(number, *info, static_cast<ucontext_t*>(context));
    if (g_pid_file[0] != '\0') ::unlink(g_pid_file);
  } else if (first == self) {
    base::log_raw("\n(crashed again while reporting)\n");
  } else {
    // Its stack is shown by the first one's report.
    timespec left{.tv_sec = kOthersWaitSeconds, .tv_nsec = 0};
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
  die_by(number);
  errno = saved_errno;
}

void set_handlers([[maybe_unused]] bool on) {
#ifndef GYRE_SANITIZED
  for (const Fault& fault : kFaults) {
    struct sigaction action{};
    if (on) {
      action.sa_sigaction = &on_fault;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    } else {
      action.sa_handler = SIG_DFL;
    }
    sigemptyset(&action.sa_mask);
    ::sigaction(fault.number, &action, nullptr);
  }
#else
  (void)&on_fault;
#endif
}

}  // namespace

void install_crash_reports(Config& config) {
  prepare_thread_reports();
  // As Redis: a supervisor that counts on the file is not confused by a crash.
  const std::string path = config.pidfile.get();
  const bool supervised = config.supervised.get() != Supervised::kNo;
  if (config.daemonize && !supervised && path.size() < sizeof(g_pid_file))
    std::memcpy(g_pid_file, path.c_str(), path.size() + 1);
  set_handlers(config.crash_log_enabled);
  config.on_change({"crash-log-enabled"}, [&config] {
    set_handlers(config.crash_log_enabled);
    return std::string();
  });
}

void panic(const char* file, int line, const char* message) {
  base::log(base::LogLevel::kWarning, "------------------------------------------------");
  base::log(base::LogLevel::kWarning, "!!! Software Failure. Press left mouse button to continue");
  base::log(base::LogLevel::kWarning, "Guru Meditation: %s #%s:%d", message, file, line);
  std::abort();
}

}  // namespace gyre::server
