// The process, its log, scripts, and what is measured.
#include <syslog.h>

#include "config_row_builders.h"
#include "gyre/base/log.h"
#include "gyre/server/config_environment.h"

namespace gyre::server::rows {
namespace {

using enum Effect;
using base::LogLevel;

constexpr EnumName kSupervisedNames[] = {named("upstart", Supervised::kUpstart),
                                         named("systemd", Supervised::kSystemd),
                                         named("auto", Supervised::kAuto), named("no", Supervised::kNo)};
constexpr EnumName kLogLevelNames[] = {named("debug", LogLevel::kDebug), named("verbose", LogLevel::kVerbose),
                                       named("notice", LogLevel::kNotice),
                                       named("warning", LogLevel::kWarning),
                                       named("nothing", LogLevel::kNothing)};
constexpr EnumName kFacilityNames[] = {
    {"user", LOG_USER},     {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}};
constexpr EnumName kShutdownNames[] = {{"default", 0},
                                       {"save", kShutdownSave},
                                       {"nosave", kShutdownNosave},
                                       {"now", kShutdownNow},
                                       {"force", kShutdownForce}};
constexpr EnumName kOomNames[] = {named("no", OomScoreAdj::kNo), named("yes", OomScoreAdj::kRelative),
                                  named("relative", OomScoreAdj::kRelative),
                                  named("absolute", OomScoreAdj::kAbsolute)};

constexpr int64_t kMinHz = 1;
constexpr int64_t kMaxHz = 500;

/// Redis takes any rate and keeps it within what makes sense.
bool clamp_hz(int64_t& value, std::string&) {
  value = std::min(std::max(value, kMinHz), kMaxHz);
  return true;
}

bool check_shutdown(int64_t& value, std::string& error) {
  if ((value & kShutdownSave) == 0 || (value & kShutdownNosave) == 0) return true;
  error = "shutdown options SAVE and NOSAVE can't be used simultaneously";
  return false;
}

bool check_locale(Config& config, const std::string& value, std::string& error) {
  if (config.environment().set_collation(value) == 0) return true;
  error = "Invalid locale name";
  return false;
}

/// "{name}" is a variable, "{{" a brace. What comes out must not be blank, where title and server-mode
/// count as empty.
bool check_title(Config&, const std::string& value, std::string& error) {
  constexpr std::string_view kVariables[] = {"listen-addr", "config-file", "port", "tls-port", "unixsocket"};
  bool blank = true;
  bool well_formed = true;
  for (size_t at = 0; at < value.size() && well_formed;) {
    if (value[at] != '{') {
      blank = blank && value[at] == ' ';
      ++at;
      continue;
    }
    if (at + 1 < value.size() && value[at + 1] == '{') {
      blank = false;
      at += 2;
      continue;
    }
    const size_t end = value.find('}', at);
    if (end == std::string::npos) {
      well_formed = false;
      break;
    }
    const std::string_view variable = std::string_view(value).substr(at + 1, end - at - 1);
    if (std::find(std::begin(kVariables), std::end(kVariables), variable) != std::end(kVariables))
      blank = false;
    else
      well_formed = variable == "title" || variable == "server-mode";
    at = end + 1;
  }
  if (well_formed && !blank) return true;
  error = "template format is invalid or contains unknown variables";
  return false;
}

constinit const ConfigRow kRows[] = {
    boolean<&Config::daemonize>("daemonize", false, kImmutable, kExists, "Run in the background."),
    choice<&Config::supervised>("supervised", kSupervisedNames, static_cast<int>(Supervised::kNo), kImmutable,
                                kHarmless, "Tell upstart or systemd when the server is ready."),
    text<&Config::pidfile>("pidfile", "", kImmutable | kEmptyIsNull, kExists,
                           "File that holds the process id while the server runs."),
    choice<&Config::loglevel>("loglevel", kLogLevelNames, static_cast<int>(LogLevel::kNotice), kModifiable,
                              kExists, "How much is logged."),
    text<&Config::logfile>("logfile", "", kImmutable, kExists, "Log file; empty is standard output."),
    boolean<&Config::syslog_enabled>("syslog-enabled", false, kImmutable, kExists,
                                     "Log to the system's log too."),
    text<&Config::syslog_ident>("syslog-ident", "redis", kImmutable, kExists,
                                "Name used in the system's log."),
    choice<&Config::syslog_facility>("syslog-facility", kFacilityNames, LOG_LOCAL0, kImmutable, kExists,
                                     "Facility used in the system's log."),
    boolean<&Config::crash_log_enabled>("crash-log-enabled", true, kModifiable, kExists,
                                        "Log a report when the server crashes."),
    boolean<&Config::crash_memcheck_enabled>("crash-memcheck-enabled", true, kModifiable, kHarmless,
                                             "Test the memory after a crash."),
    boolean<&Config::use_exit_on_panic>("use-exit-on-panic", false, kHidden, kHarmless,
                                        "For tests: leave with exit instead of abort."),
    boolean<&Config::always_show_logo>("always-show-logo", false, kImmutable, kHarmless,
                                       "Start the log with a logo."),
    boolean<&Config::set_proc_title>("set-proc-title", true, kImmutable, kHarmless,
                                     "Show address and mode in the list of processes."),
    text<&Config::proc_title_template>("proc-title-template", "{title} {listen-addr} {server-mode}",
                                       kModifiable, kHarmless, "What is shown in the list of processes.")
        .checked(check_title),
    text<&Config::locale_collate>("locale-collate", "", kModifiable, kExists,
                                  "Locale whose order of text SORT and Lua use.")
        .checked(check_locale),
    text<&Config::ignore_warnings>("ignore-warnings", "", kModifiable, kHarmless,
                                   "Warnings about the system that do not stop the start."),
    number<&Config::hz>("hz", 10, {}, kModifiable, kHarmless, "Background work per second, 1 to 500.")
        .checked(clamp_hz),
    boolean<&Config::dynamic_hz>("dynamic-hz", true, kModifiable, kHarmless,
                                 "More background work with more clients."),
    number<&Config::shutdown_timeout>("shutdown-timeout", 10, {}, kModifiable, kHarmless,
                                      "Seconds to wait for replicas when shutting down."),
    choice<&Config::shutdown_on_sigint>("shutdown-on-sigint", kShutdownNames, 0, kMultiArg, kHarmless,
                                        "How to shut down on SIGINT.")
        .checked(check_shutdown),
    choice<&Config::shutdown_on_sigterm>("shutdown-on-sigterm", kShutdownNames, 0, kMultiArg, kHarmless,
                                         "How to shut down on SIGTERM.")
        .checked(check_shutdown),
    choice<&Config::oom_score_adj>("oom-score-adj", kOomNames, 0, kModifiable, kHarmless,
                                   "Tell the kernel whom to end first when memory runs out."),
    special("oom-score-adj-values", kOomValuesType, "0 200 800", kMultiArg, kHarmless,
            "Scores for that: primary, replica, background child."),
    text<&Config::server_cpulist>("server_cpulist", "", kImmutable | kEmptyIsNull, kHarmless,
                                  "Cores for the threads that serve clients."),
    text<&Config::bio_cpulist>("bio_cpulist", "", kImmutable | kEmptyIsNull, kHarmless,
                               "Cores for helper threads."),
    text<&Config::aof_rewrite_cpulist>("aof_rewrite_cpulist", "", kImmutable | kEmptyIsNull, kHarmless,
                                       "Cores for rewriting the append-only file."),
    text<&Config::bgsave_cpulist>("bgsave_cpulist", "", kImmutable | kEmptyIsNull, kHarmless,
                                  "Cores for saving in the background."),
    number<&Config::watchdog_period>("watchdog-period", 0, {}, kHidden, kHarmless,
                                     "Redis's own watchdog, in milliseconds; see watchdog-timeout."),
    number<&Config::watchdog_timeout>(
        "watchdog-timeout", 60, {}, kModifiable, kExists,
        "Seconds a thread or lock may stand still before a report is logged; 0: never."),
    boolean<&Config::watchdog_abort>("watchdog-abort", false, kModifiable, kExists,
                                     "After that report, end the process so that it is replaced."),

    number<&Config::busy_reply_threshold>("busy-reply-threshold", 5000, {0, kAny}, kModifiable, kHarmless,
                                          "Milliseconds a script may run before others get BUSY.")
        .with_alias("lua-time-limit"),
    number<&Config::slowlog_log_slower_than>(
        "slowlog-log-slower-than", 10000, {-1, kAny}, kModifiable, kHarmless,
        "Microseconds from which a command is slow; -1 logs none, 0 all."),
    number<&Config::slowlog_max_len>("slowlog-max-len", 128, {0, kAny}, kModifiable, kHarmless,
                                     "Entries that SLOWLOG keeps."),
    number<&Config::latency_monitor_threshold>(
        "latency-monitor-threshold", 0, {0, kAny}, kModifiable, kHarmless,
        "Milliseconds from which LATENCY records an event; 0 records none."),
    boolean<&Config::latency_tracking>("latency-tracking", true, kModifiable, kHarmless,
                                       "Measure the latency of every command."),
    special("latency-tracking-info-percentiles", kPercentilesType, "50 99 99.9", kMultiArg, kHarmless,
            "Percentiles of that which INFO shows."),
    special("notify-keyspace-events", kNotifyType, "", kModifiable, kHarmless,
            "Events about keys that are published to subscribers."),
};

}  // namespace

std::span<const ConfigRow> general_rows() { return kRows; }

}  // namespace gyre::server::rows
