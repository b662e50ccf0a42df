#include "gyre/server/thread_reports.h"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "gyre/base/clock.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/io/reactor.h"
#include "gyre/server/raw_text.h"
#include "gyre/server/symbols.h"

namespace gyre::server {

namespace {

constexpr size_t kSignalStackBytes = 128 * 1024;
constexpr int kMaxFrames = 64;
constexpr unsigned kMaxShownWaits = 16;
constexpr int64_t kBeginUs = 200'000;     // until a thread has begun with its part
constexpr int64_t kFinishUs = 2'000'000;  // until it has finished
constexpr int64_t kAllUs = 8'000'000;     // for all of them

std::atomic<const ReportedReactor*> g_reactors[kMaxReportedReactors];
thread_local const ReportedReactor* t_reactor = nullptr;

/// Who is to write: 0 nobody, n thread n shall begin, -n it writes.
std::atomic<int> g_asked{0};

pid_t thread_id() { return static_cast<pid_t>(::syscall(SYS_gettid)); }

void write_name_of(RawText& out, pid_t thread) {
  RawText path;
  path.text("/proc/self/task/").decimal(thread).text("/comm").text({"\0", 1});
  char name[32];
  const int fd = ::open(path.view().data(), O_RDONLY | O_CLOEXEC);
  path.clear();
  const ssize_t size = fd < 0 ? 0 : ::read(fd, name, sizeof(name));
  if (fd >= 0) ::close(fd);
  if (size > 1) out.text({name, static_cast<size_t>(size) - 1});
}

int64_t ticks_ago_us(uint64_t since) {
  const uint64_t now = base::ticks();
  return now <= since ? 0 : static_cast<int64_t>(base::ticks_to_ns(now - since) / 1000);
}

const char* what_for(exec::WaitList::For what) {
  switch (what) {
    case exec::WaitList::For::kShards:
      return "the locks of shards";
    case exec::WaitList::For::kOpenGate:
      return "the gate to open";
    case exec::WaitList::For::kClosedGate:
      break;
  }
  return "the gate to close";
}

void write_waits(RawText& out, const exec::WaitList& waits) {
  unsigned count = 0;
  for (const exec::WaitList::Wait* wait = waits.first(); wait; wait = wait->next()) {
    if (++count > kMaxShownWaits) continue;
    out.text("  waiting: client id=").decimal(static_cast<int64_t>(wait->session.id));
    if (wait->row) out.text(" '").text(wait->row->full_name).text("'");
    out.text(" for ").text(what_for(wait->what));
    for (size_t i = 0; wait->locks && i < wait->locks->size() && i < 8; ++i)
      out.text(" ").decimal(wait->locks->shard(i));
    out.text(", since ").seconds(ticks_ago_us(wait->since_ticks)).text("\n");
  }
  if (count > kMaxShownWaits) out.text("  and ").decimal(count - kMaxShownWaits).text(" more wait\n");
}

/// Arguments are left out: they may be anybody's data, or a password.
void write_command(RawText& out, const exec::ReactorState& state) {
  const exec::CommandContext* running = state.running.load(std::memory_order_relaxed);
  if (!running) return void(out.text("  no command is running\n"));
  const exec::Session& session = running->session;
  out.text("  running command: '").text(running->row ? running->row->full_name : "?").text("' with ");
  out.decimal(static_cast<int64_t>(running->args.size())).text(" arguments, client id=");
  out.decimal(static_cast<int64_t>(session.id)).text(" db=").decimal(session.db);
  if (session.has(exec::session_flag::kInExec)) out.text(", inside EXEC");
  if (running->exclusive) out.text(", with the gate closed");
  out.text("\n");
}

void write_reactor_line(RawText& out, const ReportedReactor& reported) {
  const io::Reactor& reactor = reported.reactor;
  out.text("reactor ")
      .decimal(reactor.index())
      .text(": ")
      .text(reactor.blocked() ? "waits for events" : "at work");
  out.text(", turns=").decimal(static_cast<int64_t>(reactor.turns()));
  out.text(" commands=").decimal(static_cast<int64_t>(reported.state.stats.live.commands.get()));
  if (const uint64_t oldest = reported.state.waits.oldest())
    out.text(", a client waits since ").seconds(ticks_ago_us(oldest));
  out.text("\n");
}

void on_asked(int /*number*/, siginfo_t* /*info*/, void* context) {
  const int saved_errno = errno;
  const int self = thread_id();
  int expected = self;
  // A signal of somebody else's, or one that comes too late, is ignored.
  if (g_asked.compare_exchange_strong(expected, -self)) {
    write_own_thread(static_cast<const ucontext_t*>(context), "");
    expected = -self;
    g_asked.compare_exchange_strong(expected, 0);
  }
  errno = saved_errno;
}

/// Whether g_asked left `state` in time.
bool left(int state, int64_t within_us) {
  for (const int64_t begun = base::monotonic_us(); g_asked.load() == state;) {
    if (base::monotonic_us() - begun > within_us) return false;
    const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return true;
}

void ask(pid_t thread) {
  RawText name;
  write_name_of(name, thread);
  // Threads of the kernel's for io_uring, which take no signals.
  const bool kernels = name.view().starts_with("iou-");
  name.clear();
  if (kernels) return;
  g_asked.store(thread);
  int expected = thread;
  if (::syscall(SYS_tgkill, ::getpid(), thread, SIGUSR2) == 0) {
    if (left(thread, kBeginUs)) return void(left(-thread, kFinishUs));
    if (!g_asked.compare_exchange_strong(expected, 0)) return void(left(-thread, kFinishUs));
  }
  g_asked.store(0);
  RawText out;
  out.text("\n").decimal(thread).text(" ");
  write_name_of(out, thread);
  out.text("\n  (does not answer)\n");
}

}  // namespace

ReportedReactor::ReportedReactor(const io::Reactor& r, const exec::ReactorState& s) : reactor(r), state(s) {
#ifndef GYRE_SANITIZED
  void* stack =
      ::mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack != MAP_FAILED) {
    stack_t alternate{};
    alternate.ss_sp = signal_stack_ = stack;
    alternate.ss_size = kSignalStackBytes;
    ::sigaltstack(&alternate, nullptr);
  }
#endif
  t_reactor = this;
  if (reactor.index() < kMaxReportedReactors) g_reactors[reactor.index()].store(this);
}

ReportedReactor::~ReportedReactor() {
  if (reactor.index() < kMaxReportedReactors) g_reactors[reactor.index()].store(nullptr);
  t_reactor = nullptr;
  if (!signal_stack_) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
  ::munmap(signal_stack_, kSignalStackBytes);
}

const ReportedReactor* reported_reactor(unsigned index) {
  return index < kMaxReportedReactors ? g_reactors[index].load() : nullptr;
}

void prepare_thread_reports() {
  prepare_symbols();
  base::ticks_per_us();  // measured with the first call
  // The first call loads the library that unwinds.
  void* frames[4];
  ::backtrace(frames, 4);
  struct sigaction action{};
  action.sa_sigaction = &on_asked;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGUSR2, &action, nullptr);
}

void write_own_thread(const ucontext_t* context, const char* mark) {
  RawText out;
  out.text("\n").decimal(thread_id()).text(" ");
  write_name_of(out, thread_id());
  if (t_reactor) out.text(", reactor ").decimal(t_reactor->reactor.index());
  out.text(mark).text("\n");
  if (t_reactor) {
    write_command(out, t_reactor->state);
    write_waits(out, t_reactor->state.waits);
  }
  out.flush();  // what comes may fail when the stack is damaged
  void* frames[kMaxFrames];
  const int count = ::backtrace(frames, kMaxFrames);
  // The handler's own frames tell nothing: begin with the instruction that was interrupted.
  int first = 0;
  const void* interrupted = interrupted_instruction(context);
  for (int i = 0; interrupted && i < count; ++i)
    if (frames[i] == interrupted) first = i;
  for (int i = first; i < count; ++i) {
    const bool returned_to = i > first || frames[i] != interrupted;
    out.text("  #").decimal(i - first).text(" ").hex(reinterpret_cast<uintptr_t>(frames[i]), 12).text(" ");
    // A call may be the last instruction of its function: look before the place it returns to.
    write_symbol(out, static_cast<const char*>(frames[i]) - (returned_to ? 1 : 0));
    out.text("\n");
  }
}

void write_other_threads() {
  const int64_t begun = base::monotonic_us();
  const int folder = ::open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  struct Entry {
    uint64_t inode;
    int64_t offset;
    unsigned short size;
    unsigned char type;
    char name[1];
  };
  alignas(8) char buffer[4096];
  const pid_t self = thread_id();
  for (long size; (size = ::syscall(SYS_getdents64, folder, buffer, sizeof(buffer))) > 0;)
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      at += entry->size;
      pid_t thread = 0;
      for (const char* c = entry->name; *c >= '0' && *c <= '9'; ++c) thread = thread * 10 + (*c - '0');
      if (thread != 0 && thread != self && base::monotonic_us() - begun < kAllUs) ask(thread);
    }
  ::close(folder);
}

void write_reactors() {
  RawText out;
  for (unsigned i = 0; i < kMaxReportedReactors; ++i)
    if (const ReportedReactor* reported = reported_reactor(i)) write_reactor_line(out, *reported);
}

}  // namespace gyre::server
