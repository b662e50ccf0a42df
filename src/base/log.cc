#include "gyre/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <mutex>

namespace gyre::base {
namespace {

constexpr size_t kMaxMessage = 1024;  // with the terminator, so 1,023 bytes of text
constexpr size_t kMaxPrefix = 96;

// Targets are never changed and never freed once published: a logging thread or a signal handler reads the
// current one without a lock, at any time. They are few (a start, a reload), and stay linked, so that leak
// checkers see them.
struct PublishedTarget {
  LogTarget target;
  const PublishedTarget* previous = nullptr;
};

constinit std::atomic<const PublishedTarget*> g_target{nullptr};
constinit std::mutex g_set_target_lock;
constinit std::atomic<char> g_role{'M'};

const PublishedTarget* current_target() { return g_target.load(std::memory_order_acquire); }

// -1 when the file cannot be opened: as in Redis, the line is then lost.
int open_target(const PublishedTarget* published) {
  if (!published || published->target.file.empty()) return STDOUT_FILENO;
  return open(published->target.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

void write_to_target(const PublishedTarget* published, std::string_view text, int otherwise = -1) {
  const int opened = open_target(published);
  const int fd = opened < 0 ? otherwise : opened;
  if (fd < 0) return;
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      break;  // nowhere to report it
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (opened >= 0 && opened != STDOUT_FILENO) close(opened);
}

size_t format_prefix(LogLevel level, char* out) {
  timeval now;
  gettimeofday(&now, nullptr);
  tm local;
  localtime_r(&now.tv_sec, &local);
  char date[48];
  if (strftime(date, sizeof(date), "%d %b %Y %H:%M:%S", &local) == 0) date[0] = '\0';
  const int length = std::snprintf(out, kMaxPrefix, "%d:%c %s.%03d %c ", static_cast<int>(getpid()),
                                   g_role.load(std::memory_order_relaxed), date,
                                   static_cast<int>(now.tv_usec / 1000), ".-*#"[static_cast<int>(level)]);
  return std::min(static_cast<size_t>(length), kMaxPrefix - 1);
}

}  // namespace

void set_log_target(const LogTarget& target) {
  std::lock_guard lock(g_set_target_lock);
  const PublishedTarget* published = std::make_unique<PublishedTarget>(target, current_target()).release();
  if (target.syslog) {
    // syslog keeps the pointer to the name: it must live in what is never freed.
    openlog(published->target.syslog_ident.c_str(), LOG_PID | LOG_NDELAY | LOG_NOWAIT,
            target.syslog_facility ? target.syslog_facility : LOG_LOCAL0);
  }
  g_target.store(published, std::memory_order_release);
  set_log_level(target.level);
}

void set_log_level(LogLevel level) {
  internal::log_level_now.store(static_cast<int>(level), std::memory_order_relaxed);
}

void set_log_role(char role) { g_role.store(role, std::memory_order_relaxed); }

void log(LogLevel level, const char* format, ...) {
  if (level >= LogLevel::kNothing || !log_enabled(level)) return;
  const int saved_errno = errno;
  char line[kMaxPrefix + kMaxMessage];
  const size_t prefix = format_prefix(level, line);
  va_list arguments;
  va_start(arguments, format);
  const int wanted = std::vsnprintf(line + prefix, kMaxMessage, format, arguments);
  va_end(arguments);
  const size_t message = std::min(static_cast<size_t>(std::max(wanted, 0)), kMaxMessage - 1);
  const PublishedTarget* published = current_target();
  if (published && published->target.syslog) {
    constexpr int kPriority[] = {LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING};
    syslog(kPriority[static_cast<int>(level)], "%s", line + prefix);
  }
  line[prefix + message] = '\n';
  write_to_target(published, {line, prefix + message + 1});
  errno = saved_errno;
}

void log_raw(std::string_view text) { write_to_target(current_target(), text, /*otherwise=*/STDERR_FILENO); }

}  // namespace gyre::base
