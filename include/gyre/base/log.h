// The server log in Redis's line format: "<pid>:<role> <dd Mon yyyy hh:mm:ss.mmm> <level mark> <message>".
// Owner: the process. Any thread may log; a line is one write(2), so lines never interleave.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

namespace gyre::base {

enum class LogLevel : int { kDebug = 0, kVerbose = 1, kNotice = 2, kWarning = 3, kNothing = 4 };

struct LogTarget {
  LogLevel level = LogLevel::kNotice;
  std::string file;  // empty: standard output
  bool syslog = false;
  std::string syslog_ident = "redis";
  int syslog_facility = 0;  // LOG_* value; 0 means LOG_LOCAL0
};

/// Replaces the target. Safe while other threads log. The file is opened per line, as Redis does, so that
/// log rotation by rename needs no signal.
void set_log_target(const LogTarget& target);
namespace internal {
inline constinit std::atomic<int> log_level_now{static_cast<int>(LogLevel::kNotice)};
}
inline LogLevel log_level() {
  return static_cast<LogLevel>(internal::log_level_now.load(std::memory_order_relaxed));
}
void set_log_level(LogLevel level);

/// 'M' primary, 'S' replica, 'C' child or snapshot, 'X' sentinel.
void set_log_role(char role);

inline bool log_enabled(LogLevel level) { return level >= log_level(); }

/// printf-style. Lines longer than 1,024 bytes are cut, as in Redis.
void log(LogLevel level, const char* format, ...) __attribute__((format(printf, 2, 3)));

/// For crash reports: async-signal-safe, no timestamp, straight to the log target's descriptor, or to
/// standard error when the log file cannot be opened.
void log_raw(std::string_view text);

}  // namespace gyre::base
