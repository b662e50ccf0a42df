// The crash report: when SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT (failed checks included) ends the
// process, the log gets what went wrong, the registers, the stacks of all threads, and what every reactor was
// doing. Then the signal ends the process as it would have without the report, so that exit status and core
// dump are right.
//
// The layout is that of Redis's report as far as people and scripts look for its marks. It shows names of
// commands and numbers of arguments, never their values.
//
// Where a sanitizer was built in, the signals are left to it; the reports of the watchdog work there too.
#pragma once

namespace gyre::server {

class Config;

/// Follows crash-log-enabled from now on, also when CONFIG SET changes it. Once, before threads run; `config`
/// must live until the process ends.
void install_crash_reports(Config& config);

/// Logs that the program is in a state it cannot go on from, and crashes by SIGABRT.
[[noreturn]] void panic(const char* file, int line, const char* message);

}  // namespace gyre::server
